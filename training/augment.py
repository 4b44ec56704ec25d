"""Augmentation of whole batches in torch: the effects of a webcam and a hand on a picture.

All functions except `crop` take and return float images [B, 3, H, W] in 0..1. Numbers that are drawn once per batch are
drawn on the CPU, to avoid waiting for a GPU.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

LUMA = (0.299, 0.587, 0.114)


def uniform(count: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    """Returns [count, 1, 1, 1] drawn evenly from low..high."""
    return torch.empty(count, 1, 1, 1, device=device).uniform_(low, high)


def some(count: int, share: float, device: torch.device) -> torch.Tensor:
    """Returns [count, 1, 1, 1] of 0 or 1; 1 for about `share` of them."""
    return (torch.rand(count, 1, 1, 1, device=device) < share).float()


def crop(canvas: torch.Tensor, extents: torch.Tensor, boxes: torch.Tensor, size: int,
         flips: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Cuts one box per picture and scales it to [B, 3, size, size] in 0..1.

    `canvas`: [B, S, S, 3] uint8, each with a square picture of `extents` [B] pixels in its upper
    left corner. `boxes`: [B, 4] centre x, centre y, width, height in -1..1 of the picture (the whole
    is 0, 0, 2, 2). `flips`: [B] of 1 or -1. `angles`: [B] in radians. What lies beyond an edge is
    the picture's mirror image.
    """
    x, y, width, height = boxes.unbind(1)
    cos, sin = torch.cos(angles), torch.sin(angles)
    rows = (
        torch.stack([width / 2 * cos * flips, -height / 2 * sin, x], 1),
        torch.stack([width / 2 * sin * flips, height / 2 * cos, y], 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), [len(canvas), 3, size, size], align_corners=False)
    grid = 1 - ((grid + 1).remainder(4) - 2).abs()  # mirrors at -1 and 1
    extents = extents.view(-1, 1, 1, 1).float()
    edge = 1 - 1 / extents  # the centre of the outermost pixel
    grid = grid.clamp(-edge, edge)
    grid = (grid + 1) * (extents / canvas.shape[1]) - 1
    # `permute` keeps the channels last in memory: the layout of the stored picture and of the net.
    pictures = canvas.permute(0, 3, 1, 2).float().div_(255)
    return F.grid_sample(pictures, grid, align_corners=False)


def boxes(count: int, low: float, device: torch.device) -> torch.Tensor:
    """Returns random crops as in Inception's recipe: area low..1, aspect 3/4..4/3."""
    area = torch.empty(count, device=device).uniform_(low, 1)
    ratio = torch.exp(torch.empty(count, device=device).uniform_(-0.2877, 0.2877))
    width = (area * ratio).sqrt().clamp_(max=1) * 2
    height = (area / ratio).sqrt().clamp_(max=1) * 2
    x = (torch.rand(count, device=device) * 2 - 1) * (1 - width / 2)
    y = (torch.rand(count, device=device) * 2 - 1) * (1 - height / 2)
    return torch.stack([x, y, width, height], 1)


def colours(images: torch.Tensor, strength: float) -> torch.Tensor:
    """Changes exposure, contrast, saturation and white balance of each image independently."""
    count, device = len(images), images.device
    images = images * torch.exp(uniform(count, -0.6, 0.6, device) * strength)
    images = images * torch.exp(0.08 * strength * torch.randn(count, 3, 1, 1, device=device))
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * torch.exp(uniform(count, -0.5, 0.5, device) * strength)
    grey = sum(weight * images[:, k : k + 1] for k, weight in enumerate(LUMA))
    saturation = torch.exp(uniform(count, -0.7, 0.5, device) * strength)
    saturation = saturation * (1 - some(count, 0.05, device))
    return (grey + (images - grey) * saturation).clamp_(0, 1)


def blur(images: torch.Tensor, share: float) -> torch.Tensor:
    """Blurs a random `share` of the batch with a Gaussian of one random sigma."""
    count = int(len(images) * share)
    if count == 0:
        return images
    sigma = float(torch.empty(1).uniform_(0.4, 1.6)) * images.shape[-1] / 96
    radius = max(1, int(2 * sigma + 0.5))
    offsets = torch.arange(-radius, radius + 1, device=images.device).float()
    kernel = torch.exp(-offsets.square() / (2 * sigma * sigma))
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)
    chosen = torch.randperm(len(images), device=images.device)[:count]
    part = F.pad(images[chosen], [radius] * 4, mode="reflect")
    part = F.conv2d(part, kernel.unsqueeze(2), groups=3)
    part = F.conv2d(part, kernel.unsqueeze(3), groups=3)
    return images.index_copy(0, chosen, part)


def noise(images: torch.Tensor, share: float) -> torch.Tensor:
    """Adds sensor noise, up to 5 % of full scale, to a random `share` of the batch."""
    count, device = len(images), images.device
    amount = uniform(count, 0, 0.05, device) * some(count, share, device)
    return (images + torch.randn_like(images) * amount).clamp_(0, 1)


def cutmix(images: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pastes a box of the reversed batch into each image; `target` [B, C] is mixed by area."""
    size = images.shape[-1]
    side = int(size * float(torch.rand(())) ** 0.5)
    top, left = (int(torch.randint(0, size - side + 1, ())) for _ in range(2))
    images = images.clone()
    other = images.flip(0)[:, :, top : top + side, left : left + side]
    images[:, :, top : top + side, left : left + side] = other
    kept = 1 - side * side / (size * size)
    return images, kept * target + (1 - kept) * target.flip(0)
