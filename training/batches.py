"""One training batch as a function of the step: augmented pictures and their targets.

The pictures of a step, and their augmentation, depend only on the seed, the step and the size, so a resumed run sees
the same.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

import augment
from config import Config
from pictures import Pictures


class Batches:
    """Makes the batch of any step.

    `labels` [N] are the classes of the pictures, of `classes`; `weights` [N] how often each picture is drawn for its
    class; `strangers` [M] the indices of pictures without a class.
    """

    def __init__(self, config: Config, pictures: Pictures, labels: torch.Tensor, classes: int,
                 weights: torch.Tensor, strangers: torch.Tensor) -> None:
        self.config, self.pictures = config, pictures
        self.labels, self.classes = labels, classes
        self.weights, self.strangers = weights, strangers

    def __call__(self, step: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns (images [B, 3, size, size] in 0..1, target [B, classes])."""
        config = self.config
        torch.manual_seed(config.seed * 1_000_003 + step)
        chosen = torch.multinomial(self.weights, config.known, replacement=True)
        label = F.one_hot(self.labels[chosen], self.classes) * (1 - config.smoothing)
        target = label + config.smoothing / self.classes
        if config.foreign:
            drawn = torch.randint(len(self.strangers), (config.foreign,), device=chosen.device)
            chosen = torch.cat([chosen, self.strangers[drawn]])
            even = target.new_full((config.foreign, self.classes), 1 / self.classes)
            target = torch.cat([target, even])
        images = self.film(chosen, size)
        if float(torch.rand(())) < config.cutmix:
            images, target = augment.cutmix(images, target)
        return images, target

    def film(self, chosen: torch.Tensor, size: int) -> torch.Tensor:
        """Returns [B, 3, size, size]: random crops of the pictures as a webcam shows them."""
        config, count, device = self.config, len(chosen), chosen.device
        images = augment.crop(
            self.pictures.canvas[chosen],
            self.pictures.extents[chosen],
            augment.boxes(count, config.area, device),
            size,
            flips=torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0),
            angles=torch.randn(count, device=device) * config.turn,
        )
        images = augment.colours(images, config.colours)
        images = augment.blur(images, config.blur)
        return augment.noise(images, config.noise)
