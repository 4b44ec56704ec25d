"""One training batch as a function of the step: pictures, augmented, and what to answer.

Which pictures a step gets depends only on the seed and the step, so a resumed run sees the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

import augment
from config import Config
from teacher import Lessons

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def normalise(images: torch.Tensor) -> torch.Tensor:
    """Returns [B, 3, H, W] in 0..1 as the network takes it."""
    return (images - MEAN) / DEVIATION


class Order:
    """Goes through `count` things in an order shuffled again each time round."""

    def __init__(self, count: int, take: int, seed: int) -> None:
        self.count, self.take, self.seed = count, take, seed
        self.round, self.order = -1, torch.empty(0, dtype=torch.long)

    def __call__(self, step: int) -> torch.Tensor:
        """Returns [take] indices; the remainder of a round that fills no batch is left out."""
        turn, place = divmod(step, self.count // self.take)
        if turn != self.round:
            generator = torch.Generator().manual_seed(self.seed * 100_003 + turn)
            self.round, self.order = turn, torch.randperm(self.count, generator=generator)
        return self.order[place * self.take : (place + 1) * self.take]


@dataclass
class Known:
    """Pictures [N, S, S, 3] uint8 with their `labels` [N], and what the teacher says of them.

    `trained`: the indices of those that are trained on.
    `opinions` [N, V, classes]: the probe's logits of the views; None where labels are all there is.
    """

    pictures: torch.Tensor
    labels: torch.Tensor
    lessons: Lessons
    classes: int
    trained: torch.Tensor
    opinions: torch.Tensor | None = None


@dataclass
class Foreign:
    """Pictures [M, S, S, 3] uint8 of no class, and what the teacher says of them whole."""

    pictures: torch.Tensor
    lessons: Lessons


class Batches:
    """Makes the batch of any step; `foreign` is None in a stage without strangers."""

    def __init__(self, config: Config, known: Known, foreign: Foreign | None) -> None:
        self.config, self.known, self.foreign = config, known, foreign
        self.known_order = Order(len(known.trained), config.known, config.seed)
        if foreign:
            self.foreign_order = Order(len(foreign.pictures), config.foreign, config.seed + 1)

    def __call__(self, step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Returns (images [B, 3, s, s], target [B, classes], the teacher's softened [B, 1000])."""
        config = self.config
        parts = [self.familiar(step)]
        if self.foreign:
            parts.append(self.strange(step))
        pictures, boxes, target, answers = map(torch.cat, zip(*parts))
        images = self.film(pictures, boxes, config.size(step))
        targets = [target, F.softmax(answers / config.temperature, 1)]
        if torch.rand(()) < config.cutmix:
            images, targets = augment.cutmix(images, targets)
        return normalise(images), targets[0], targets[1]

    def familiar(self, step: int) -> tuple[torch.Tensor, ...]:
        """Returns (pictures, boxes, target, the teacher's logits) of the step's known pictures."""
        known = self.known
        chosen = known.trained[self.known_order(step)]
        view = torch.randint(0, known.lessons.boxes.shape[1], (len(chosen),))
        boxes = augment.jitter(known.lessons.boxes[chosen, view], self.config.jitter)
        answers = known.lessons.logits(chosen, view)
        return known.pictures[chosen], boxes, self.target(chosen, view), answers

    def strange(self, step: int) -> tuple[torch.Tensor, ...]:
        """Returns the same of the step's foreign pictures, which are no class more than another."""
        chosen = self.foreign_order(step)
        boxes = augment.boxes(len(chosen), self.config.foreign_area)
        answers = self.foreign.lessons.logits(chosen, torch.zeros_like(chosen))
        classes = self.known.classes
        even = torch.full((len(chosen), classes), 1 / classes)
        return self.foreign.pictures[chosen], boxes, even, answers

    def target(self, chosen: torch.Tensor, view: torch.Tensor) -> torch.Tensor:
        """Returns [B, classes]: the label, smoothed, mixed with the probe's opinion of the view."""
        config, count = self.config, self.known.classes
        label = F.one_hot(self.known.labels[chosen], count) * (1 - config.smoothing)
        label = label + config.smoothing / count
        if self.known.opinions is None:
            return label
        opinion = F.softmax(self.known.opinions[chosen, view].float(), 1)
        return config.label_share * label + (1 - config.label_share) * opinion

    def film(self, pictures: torch.Tensor, boxes: torch.Tensor, size: int) -> torch.Tensor:
        """Returns [B, 3, size, size]: the boxes of the pictures as a webcam shows them."""
        config, count = self.config, len(pictures)
        flips = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
        images = augment.crop(pictures, boxes, size, flips, torch.randn(count) * config.turn)
        images = augment.colours(images, config.colours)
        order = torch.randperm(count)  # so that it is not always the same ones that are blurred
        blurred = augment.blur(images[order], config.blur)
        images = torch.empty_like(images).index_copy_(0, order, blurred)
        return augment.noise(images, config.noise)
