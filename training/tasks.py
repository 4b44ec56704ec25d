"""The task of each stage of training: its data, its targets, and its measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import teacher
from batches import Batches
from config import FINETUNE, PRETRAIN, TEACHER, Config
from model import ResNet18, Student
from pictures import Pictures

Weights = Callable[[str], dict[str, torch.Tensor]]  # the weights of the stage of that name


@dataclass(frozen=True)
class Task:
    """`network` takes images in 0..1; it returns a pair (logits, the teacher's logits) if it has two heads."""

    network: nn.Module
    guide: nn.Module | None  # the teacher it learns from, besides the labels
    batches: Batches
    held_out: tuple[torch.Tensor, torch.Tensor]  # indices of pictures never trained on, classes


def pretraining(config: Config, pictures: Pictures, data: Path, _: Weights) -> Task:
    """Learns all classes except those on which abstention is measured, and the teacher's 1000."""
    batches = Batches(config, pictures, pictures.kind, len(pictures.kinds),
                      ((pictures.kind >= 0) & ~pictures.held_out).float(), no_strangers(pictures))
    network = Student(ResNet18(len(pictures.kinds)), teacher.CLASSES)
    guide = teacher.guide(teacher.original(data), config.teacher_pixels, pictures.canvas.device)
    return Task(network, guide, batches, held_out(pictures, pictures.kind))


def teaching(config: Config, pictures: Pictures, data: Path, _: Weights) -> Task:
    """Teaches the teacher the 50 classes."""
    network = teacher.Teacher(len(pictures.names), config.teacher_pixels)
    network.load(teacher.original(data))
    return Task(network, None, labelled(config, pictures), held_out(pictures, pictures.label))


def finetuning(config: Config, pictures: Pictures, _: Path, weights: Weights) -> Task:
    """Learns the 50 classes from labels and from the fine-tuned teacher."""
    network = Student(ResNet18(len(pictures.names)))
    network.load(weights(PRETRAIN.name))
    guide = teacher.guide(weights(TEACHER.name), config.teacher_pixels, pictures.canvas.device)
    return Task(network, guide, labelled(config, pictures), held_out(pictures, pictures.label))


TASKS = {PRETRAIN.name: pretraining, TEACHER.name: teaching, FINETUNE.name: finetuning}


def held_out(pictures: Pictures, classes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns (indices, classes) of the held-out pictures that have a class."""
    places = torch.nonzero(pictures.held_out & (classes >= 0)).flatten()
    return places, classes[places]


def no_strangers(pictures: Pictures) -> torch.Tensor:
    return torch.empty(0, dtype=torch.long, device=pictures.canvas.device)


def labelled(config: Config, pictures: Pictures) -> Batches:
    """Returns batches of the 50 classes, each class equally often, and of strangers."""
    count = len(pictures.names)
    weights = torch.zeros(len(pictures.label), device=pictures.canvas.device)
    own = (pictures.label >= 0) & pictures.own & ~pictures.held_out
    more = (pictures.label >= 0) & ~pictures.own
    available = torch.bincount(pictures.label[more], minlength=count) > 0
    shares = torch.where(available, config.extras, 0.0)
    for chosen, share in ((own, 1 - shares), (more, shares)):
        labels = pictures.label[chosen]
        pictures_of = torch.bincount(labels, minlength=count)
        weights[chosen] = (share / pictures_of.clamp(min=1))[labels]
    strangers = torch.nonzero(pictures.stranger).flatten()
    return Batches(config, pictures, pictures.label, count, weights, strangers)


def loss(config: Config, task: Task, images: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Returns the mean cross entropy with the target and with the guide's answer."""
    answer = task.network(images)
    if task.guide is None:
        return F.cross_entropy(answer.float(), target)
    with torch.no_grad(), torch.autocast(images.device.type, enabled=False):
        advice = task.guide(images)
    if config.distillation:
        answer, heard = answer
        softened = F.softmax(advice / config.temperature, 1)
        distilled = F.cross_entropy(heard.float() / config.temperature, softened)
        distilled = distilled * config.distillation * config.temperature**2
        return F.cross_entropy(answer.float(), target) + distilled
    target = config.label_share * target + (1 - config.label_share) * F.softmax(advice, 1)
    return F.cross_entropy(answer.float(), target)
