"""The teacher: EfficientNet-lite2 with its ImageNet weights.

It sees the same crop as the student ("a good teacher is patient and consistent", arXiv 2106.05237). In `pretrain` it
answers in ImageNet's 1000 classes; a separate stage then teaches it the 50.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from errors import UserError
from learner import Learner
from precision import half_type

NAME = "efficientnet-lite2"
FILE = "teacher.safetensors"  # its weights, half precision, in the folder that pack.py fills
CLASSES = 1000


class Teacher(Learner):
    """Images [B, 3, H, W] in 0..1 to logits [B, classes]; it scales and normalises them itself."""

    def __init__(self, classes: int, pixels: int) -> None:
        from efficientnet_lite_pytorch import EfficientNet

        super().__init__()
        # The size determines the padding of its strided convolutions.
        self.net = EfficientNet.from_name(NAME, image_size=pixels, num_classes=classes)
        self.pixels = pixels

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if images.shape[-1] != self.pixels:
            images = F.interpolate(images, self.pixels, mode="bilinear", align_corners=False)
        images = ((images * 255 - 127) / 128).to(self.net._conv_stem.weight.dtype)
        maps = self.net.extract_features(images.contiguous(memory_format=torch.channels_last))
        return self.net._fc(self.net._dropout(maps.mean((2, 3)))).float()


def original(data: Path) -> dict[str, torch.Tensor]:
    """Returns the original weights, for ImageNet's 1000 classes."""
    file = data / FILE
    if not file.is_file():
        raise UserError(f"{file} is missing: --data must name a folder made by pack.py")
    return {name: value.float() for name, value in load_file(file).items()}


def guide(weights: dict[str, torch.Tensor], pixels: int, device: torch.device) -> Teacher:
    """Returns a teacher for inference only: batch norm folded away, half precision on a GPU."""
    taught = Teacher(len(weights["_fc.bias"]), pixels)
    taught.load(weights)
    taught.eval().requires_grad_(False)
    fold(taught.net, "_conv_stem", "_bn0")
    fold(taught.net, "_conv_head", "_bn1")
    for block in taught.net._blocks:
        fold(block, "_expand_conv", "_bn0")
        fold(block, "_depthwise_conv", "_bn1")
        fold(block, "_project_conv", "_bn2")
    return taught.to(device, half_type(device)).to(memory_format=torch.channels_last)


def fold(module: nn.Module, convolution: str, norm: str) -> None:
    """Folds batch norm into the convolution before it, which saves a third of the time."""
    if hasattr(module, convolution):
        fused = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
        setattr(module, convolution, fused)
        setattr(module, norm, nn.Identity())
