"""What each stage of training learns, and what it is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import foreign
import imagenet
import preprocess
import probe
import teacher
import webcam50
from batches import Batches, Foreign, Known
from config import FINETUNE, PRETRAIN, Config


@dataclass(frozen=True)
class Sources:
    """Where the data and the run's own files are."""

    data: Path  # folder of Webcam-50
    tiny: Path  # git directory of Tiny-ImageNet
    mini: Path  # git directory of mini-ImageNet
    work: Path  # decoded pictures, the teacher's answers, a folder for each stage


@dataclass(frozen=True)
class Task:
    classes: int
    batches: Batches
    validation: tuple[list[Image.Image], torch.Tensor]  # pictures and classes, never trained on


def pretraining(config: Config, sources: Sources) -> Task:
    """The classes of Tiny- and mini-ImageNet; measured on seeded pictures kept out of `train`."""
    pictures, held_out = imagenet.load(sources.tiny, sources.mini, sources.work)
    # The teacher looks at the held-out ones as well, so that its cached answers fit any choice.
    lessons = teacher.load(pictures.images, sources.work, "imagenet", config.views, config.seed)
    labels = torch.from_numpy(pictures.classes)
    classes = int(labels.max()) + 1
    trained = torch.from_numpy(np.flatnonzero(~held_out))
    known = Known(torch.from_numpy(pictures.images), labels, lessons, classes, trained)
    unseen = [Image.fromarray(image) for image in pictures.images[held_out]]
    return Task(classes, Batches(config, known, None), (unseen, labels[held_out]))


def webcam(config: Config, sources: Sources) -> Task:
    """The 50 classes of Webcam-50 beside strangers; measured on its val."""
    names = webcam50.labels(sources.data)
    pictures, numbers = webcam50.load(sources.data, sources.work, "train")
    labels = torch.from_numpy(numbers)
    lessons = teacher.load(pictures, sources.work, "webcam", config.views, config.seed)
    seen = webcam50.load(sources.data, sources.work, "val")
    opinions = probe.load(lessons, labels, seen, sources.work, config.seed)
    trained = torch.arange(len(labels))
    known = Known(torch.from_numpy(pictures), labels, lessons, len(names), trained, opinions)
    strangers = foreign.load(sources.data, sources.tiny, sources.mini, sources.work, "trained")
    heard = teacher.load(strangers, sources.work, "foreign", 1, config.seed)
    unknown = Foreign(torch.from_numpy(strangers), heard)
    return Task(
        len(names), Batches(config, known, unknown), preprocess.validation(sources.data)
    )


TASKS = {PRETRAIN.name: pretraining, FINETUNE.name: webcam}
