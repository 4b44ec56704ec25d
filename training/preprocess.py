"""Pictures the way the product prepares them, and what a network says about them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from batches import normalise
from precision import autocast
from webcam50 import decode, labels, pictures, square

BATCH = 64


def validation(data: Path) -> tuple[list[Image.Image], torch.Tensor]:
    """The val pictures at their own size, and their classes [N]."""
    images, classes = [], []
    for number, name, content in pictures(data / "val.tar", labels(data)):
        images.append(decode(content, name))
        classes.append(number)
    return images, torch.tensor(classes)


def batch(images: Iterable[Image.Image], size: int) -> torch.Tensor:
    """[N, 3, size, size], normalised: shorter side to `size`, bilinear, centre crop."""
    stack = np.stack([square(image, size) for image in images])
    return normalise(torch.from_numpy(stack).permute(0, 3, 1, 2).float() / 255)


@torch.inference_mode()
def logits(net: torch.nn.Module, images: list[Image.Image], size: int,
           fast: bool = False) -> torch.Tensor:
    """[N, classes] in evaluation mode; `fast` computes in bfloat16 where the processor has it."""
    net.eval()
    out = []
    for start in range(0, len(images), BATCH):
        inputs = batch(images[start : start + BATCH], size)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with autocast(fast):
            out.append(net(inputs).float())
    return torch.cat(out)
