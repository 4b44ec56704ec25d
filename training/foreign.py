"""Pictures of none of the 50 classes, from the remaining classes of Tiny- and mini-ImageNet.

Their classes (WordNet ids) are split once: some are trained on as "none of these"; the others are never trained on and
only measured, with pictures of Tiny-ImageNet's `val`.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from errors import UserError
from git_blobs import blobs, git, read
from webcam50 import decode

SEED = 50
FOLDERS = ("tiny-imagenet-200/train", "train")  # in the two git directories

# Pictures of these show one of the 50 (a chair, a bottle, a person, a dog ...) too often to be labelled "none of these"
# in training. They stay in the measured set.
AMBIGUOUS = set(
    """n03201208 n07875152 n04560804 n02730930 n03770439 n02837789 n04371430 n02883205 n04532106
    n04259630 n03977966 n04596742 n07615774 n03026506 n07579787 n02791270 n02927161 n03089624
    n02971356 n04443257 n02114548 n02116738 n03062245 n04522168 n04389033 n03127925 n03599486
    n04179913 n03444034""".split()
)


class Split(NamedTuple):
    """Sets of WordNet ids; `pretrained` and `measured` are disjoint."""

    pretrained: set[str]  # all except `measured`
    trained: set[str]  # as strangers
    measured: set[str]


def wnid(path: str) -> str:
    """Returns the WordNet id among a path's folders."""
    return next(part for part in path.split("/") if re.fullmatch(r"n\d{8}", part))


def split(data: Path, tiny: Path, mini: Path) -> Split:
    """Splits the classes of both sets, with a fixed seed.

    Half of Tiny-ImageNet's classes without a label are measured. The other half, and all classes that only
    mini-ImageNet has, are strangers in training unless ambiguous.
    """
    manifest = data / "manifest.tsv"
    if not manifest.is_file():
        raise UserError(f"{manifest} is missing: it says which classes the labels use")
    with open(manifest, encoding="utf-8", newline="") as file:
        used = {row[4] for row in csv.reader(file, delimiter="\t")}
    in_tiny = set(git(tiny, "show", "HEAD:tiny-imagenet-200/wnids.txt").split())
    in_mini = set(git(mini, "ls-tree", "HEAD:train", "--name-only").split())
    candidates = sorted(in_tiny - used)
    order = np.random.default_rng(SEED).permutation(len(candidates))
    measured = {candidates[i] for i in order[: len(candidates) // 2]}
    pretrained = (in_tiny | in_mini) - measured
    return Split(pretrained, pretrained - used - AMBIGUOUS, measured)


def measured(data: Path, tiny: Path, mini: Path) -> list[Image.Image]:
    """Returns the pictures of Tiny-ImageNet's `val` on which abstention is measured."""
    classes = split(data, tiny, mini).measured
    notes = git(tiny, "show", "HEAD:tiny-imagenet-200/val/val_annotations.txt").splitlines()
    wanted = {line.split("\t")[0] for line in notes if line.split("\t")[1] in classes}
    found = [name for path, name in blobs(tiny, "tiny-imagenet-200/val")
             if path.split("/")[-1] in wanted]
    return [decode(content, name) for name, content in zip(found, read(tiny, found))]
