"""Augmentation of whole batches in torch: what a webcam and a hand do to a picture.

All functions take and return float images [B, 3, H, W] in 0..1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def uniform(count: int, low: float, high: float) -> torch.Tensor:
    """[count, 1, 1, 1] drawn evenly from low..high."""
    return torch.empty(count, 1, 1, 1).uniform_(low, high)


def some(count: int, share: float) -> torch.Tensor:
    """[count, 1, 1, 1] of 0 or 1; 1 for about `share` of them."""
    return (torch.rand(count, 1, 1, 1) < share).float()


def crop(images: torch.Tensor, boxes: torch.Tensor, size: int, flips: torch.Tensor,
         angles: torch.Tensor) -> torch.Tensor:
    """Cuts one box per image and scales it to `size`.

    `images`: [B, S, S, 3] uint8. `boxes`: [B, 4] centre x, centre y, width, height in -1..1
    (the whole picture is 0, 0, 2, 2). `flips`: [B] of 1 or -1. `angles`: [B] in radians.
    """
    x, y, width, height = boxes.unbind(1)
    cos, sin = torch.cos(angles), torch.sin(angles)
    rows = (
        torch.stack([width / 2 * cos * flips, -height / 2 * sin, x], 1),
        torch.stack([width / 2 * sin * flips, height / 2 * cos, y], 1),
    )
    # `expand` keeps the channels last in memory: the picture is stored that way, the net wants it.
    pictures = images.permute(0, 3, 1, 2).float().div_(255)
    grid = F.affine_grid(torch.stack(rows, 1), [len(images), 3, size, size], align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def boxes(count: int, low: float, high: float = 1.0) -> torch.Tensor:
    """Random crops as in Inception's recipe: area low..high of the picture, aspect 3/4..4/3."""
    area = torch.empty(count).uniform_(low, high)
    ratio = torch.exp(torch.empty(count).uniform_(-0.2877, 0.2877))
    width = (area * ratio).sqrt().clamp_(max=1) * 2
    height = (area / ratio).sqrt().clamp_(max=1) * 2
    x = (torch.rand(count) * 2 - 1) * (1 - width / 2)
    y = (torch.rand(count) * 2 - 1) * (1 - height / 2)
    return torch.stack([x, y, width, height], 1)


def jitter(views: torch.Tensor, amount: float) -> torch.Tensor:
    """Boxes near the given ones, inside the picture: moved and scaled by up to `amount`."""
    size = views[:, 2:] * (1 + torch.empty_like(views[:, 2:]).uniform_(-amount, amount))
    size = size.clamp(max=2)
    centre = views[:, :2] + size / 2 * torch.empty_like(size).uniform_(-amount, amount)
    room = 1 - size / 2
    return torch.cat([torch.maximum(torch.minimum(centre, room), -room), size], 1)


def colours(images: torch.Tensor, strength: float) -> torch.Tensor:
    """Exposure, contrast, saturation, white balance and gamma, each image its own."""
    count = len(images)
    images = images * torch.exp(uniform(count, -0.6, 0.6) * strength)
    cast = torch.exp(torch.empty(count, 3, 1, 1).normal_(0, 0.08 * strength))
    images = images * cast
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * torch.exp(uniform(count, -0.5, 0.5) * strength)
    grey = (images * LUMA).sum(1, keepdim=True)
    saturation = torch.exp(uniform(count, -0.7, 0.5) * strength) * (1 - some(count, 0.05))
    images = (grey + (images - grey) * saturation).clamp_(0, 1)
    return images


def blur(images: torch.Tensor, share: float) -> torch.Tensor:
    """Gaussian blur of one random sigma for a random `share` of the batch."""
    count = int(len(images) * share)
    if count == 0:
        return images
    sigma = float(torch.empty(1).uniform_(0.4, 1.6)) * images.shape[-1] / 96
    radius = max(1, int(2 * sigma + 0.5))
    offsets = torch.arange(-radius, radius + 1).float()
    kernel = torch.exp(-offsets.square() / (2 * sigma * sigma))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    part = F.pad(images[:count], [radius] * 4, mode="reflect")
    part = F.conv2d(part, kernel.unsqueeze(2), groups=3)
    part = F.conv2d(part, kernel.unsqueeze(3), groups=3)
    return torch.cat([part, images[count:]])


def noise(images: torch.Tensor, share: float) -> torch.Tensor:
    """A sensor's noise, up to 5 % of full scale, on a random `share` of the batch."""
    count = len(images)
    amount = uniform(count, 0, 0.05) * some(count, share)
    return (images + torch.randn_like(images) * amount).clamp_(0, 1)


def cutmix(images: torch.Tensor, targets: list[torch.Tensor]) -> tuple:
    """Pastes a box of the batch's reverse into each image; targets are mixed by area."""
    size = images.shape[-1]
    share = float(torch.distributions.Beta(1.0, 1.0).sample())
    side = int(size * (1 - share) ** 0.5)
    top, left = (int(torch.randint(0, size - side + 1, ())) for _ in range(2))
    images = images.clone()
    other = images.flip(0)[:, :, top : top + side, left : left + side]
    images[:, :, top : top + side, left : left + side] = other
    kept = 1 - side * side / (size * size)
    return images, [kept * target + (1 - kept) * target.flip(0) for target in targets]
