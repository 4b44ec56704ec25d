"""Preprocessing as in the product, and a network's answers to the pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from model import normalise
from pictures import Pictures
from webcam50 import decode, labels, pictures, square

BATCH = 64


def enlarged(stored: Pictures, places: torch.Tensor, size: int) -> torch.Tensor:
    """Returns [M, 3, size, size] in 0..1: whole stored pictures, bilinear and antialiased."""
    out = [
        F.interpolate(
            stored.canvas[place, :extent, :extent].permute(2, 0, 1).float().div(255)[None],
            size, mode="bilinear", antialias=True, align_corners=False,
        )
        for place, extent in zip(places.tolist(), stored.extents[places].tolist())
    ]
    return torch.cat(out)


def validation(data: Path) -> tuple[list[Image.Image], torch.Tensor]:
    """Returns the val pictures at their original size, and their classes [N]."""
    images, classes = [], []
    for number, name, content in pictures(data / "val.tar", labels(data)):
        images.append(decode(content, name))
        classes.append(number)
    return images, torch.tensor(classes)


def batch(images: Iterable[Image.Image], size: int) -> torch.Tensor:
    """Returns [N, 3, size, size], normalised: shorter side to `size`, bilinear, centre crop."""
    stack = np.stack([square(image, size) for image in images])
    return normalise(torch.from_numpy(stack).permute(0, 3, 1, 2).float() / 255)


@torch.inference_mode()
def logits(net: torch.nn.Module, images: list[Image.Image], size: int) -> torch.Tensor:
    """Returns the logits [N, classes] in evaluation mode."""
    net.eval()
    out = []
    for start in range(0, len(images), BATCH):
        inputs = batch(images[start : start + BATCH], size)
        out.append(net(inputs.contiguous(memory_format=torch.channels_last)))
    return torch.cat(out)
