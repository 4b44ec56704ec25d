"""One training batch as a function of the step: pictures, augmented, and what to answer.

Which pictures a step gets depends only on the seed and the step, so a resumed run sees the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

import augment
from config import Config

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def normalise(images: torch.Tensor) -> torch.Tensor:
    """[B, 3, H, W] in 0..1 to what the network takes."""
    return (images - MEAN) / DEVIATION


class Order:
    """Goes through `count` things in an order shuffled again each time round."""

    def __init__(self, count: int, take: int, seed: int) -> None:
        self.count, self.take, self.seed = count, take, seed
        self.round, self.order = -1, torch.empty(0, dtype=torch.long)

    def __call__(self, step: int) -> torch.Tensor:
        """[take] indices; the remainder of a round that fills no batch is left out."""
        turn, place = divmod(step, self.count // self.take)
        if turn != self.round:
            generator = torch.Generator().manual_seed(self.seed * 100_003 + turn)
            self.round, self.order = turn, torch.randperm(self.count, generator=generator)
        return self.order[place * self.take : (place + 1) * self.take]


@dataclass
class Batches:
    """`pictures` [N, S, S, 3] uint8 with `classes` [N], `strangers` [M, S, S, 3], and `taught`."""

    config: Config
    pictures: torch.Tensor
    classes: torch.Tensor
    strangers: torch.Tensor
    taught: dict[str, torch.Tensor]  # of teacher.load

    def __post_init__(self) -> None:
        config = self.config
        self.known = Order(len(self.pictures), config.known, config.seed)
        self.foreign = Order(len(self.strangers), config.foreign, config.seed + 1)

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(images [B, 3, s, s], target [B, classes], the teacher's softened answer [B, 1000])."""
        config, known, foreign = self.config, self.known(step), self.foreign(step)
        view = torch.randint(0, self.taught["boxes"].shape[1], (len(known),))
        boxes = torch.cat(
            [
                augment.jitter(self.taught["boxes"][known, view], config.jitter),
                augment.boxes(len(foreign), config.foreign_area),
            ]
        )
        source = torch.cat([self.pictures[known], self.strangers[foreign]])
        images = self.look(source, boxes, config.size(step))
        answers = torch.cat(
            [self.taught["imagenet"][known, view], self.taught["foreign"][foreign]]
        ).float()
        targets = [
            torch.cat([self.target(known, view), self.nothing(len(foreign))]),
            F.softmax(answers / config.temperature, 1),
        ]
        if torch.rand(()) < config.cutmix:
            images, targets = augment.cutmix(images, targets)
        return normalise(images), targets[0], targets[1]

    def target(self, known: torch.Tensor, view: torch.Tensor) -> torch.Tensor:
        """[B, classes]: the label, smoothed, mixed with the probe's opinion of the view."""
        opinion = F.softmax(self.taught["probe"][known, view].float(), 1)
        count, config = opinion.shape[1], self.config
        label = F.one_hot(self.classes[known], count) * (1 - config.smoothing)
        return config.truth * (label + config.smoothing / count) + (1 - config.truth) * opinion

    def nothing(self, count: int) -> torch.Tensor:
        """[count, classes]: a stranger is no class more than any other."""
        classes = self.taught["probe"].shape[2]
        return torch.full((count, classes), 1 / classes)

    def look(self, source: torch.Tensor, boxes: torch.Tensor, size: int) -> torch.Tensor:
        """The pictures through a webcam's eye."""
        config, count = self.config, len(source)
        flips = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
        images = augment.crop(source, boxes, size, flips, torch.randn(count) * config.turn)
        images = augment.colours(images, config.colours)
        order = torch.randperm(count)  # so that it is not always the same ones that are blurred
        blurred = augment.blur(images[order], config.blur)
        images = torch.empty_like(images).index_copy_(0, order, blurred)
        return augment.noise(images, config.noise)
