"""Pictures of none of the 50 classes, from the classes of Tiny- and mini-ImageNet left over.

Their classes (wnids) are split once: some are trained on as "none of these", the others are only
ever measured. Pictures come from the two sets' git directories: training ones from the `train`
folders, measured ones from Tiny-ImageNet's `val`.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from atomic_write import atomic_write
from errors import UserError
from git_blobs import blobs, git, read
from webcam50 import SIZE, decode, square

SEED = 50
TINY = 64  # pixels: all of Tiny-ImageNet's pictures; measured ones are kept as they are
PER_CLASS = 250  # training pictures of one foreign class

# Pictures of these show one of the 50 (a chair, a bottle, a person, a dog ...) too often to call
# them "none of these" in training. They are not taken out of what is measured.
AMBIGUOUS = set(
    """n03201208 n07875152 n04560804 n02730930 n03770439 n02837789 n04371430 n02883205 n04532106
    n04259630 n03977966 n04596742 n07615774 n03026506 n07579787 n02791270 n02927161 n03089624
    n02971356 n04443257 n02114548 n02116738 n03062245 n04522168 n04389033 n03127925 n03599486
    n04179913 n03444034""".split()
)


def split(data: Path, tiny: Path, mini: Path) -> tuple[list[str], list[str]]:
    """(trained, measured): wnids that no label uses, disjoint, drawn with a fixed seed.

    Half of Tiny-ImageNet's are measured; the rest, and all that only mini-ImageNet has, are
    trained on unless ambiguous.
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
    measured = sorted(candidates[i] for i in order[: len(candidates) // 2])
    trained = sorted((in_tiny | in_mini) - used - AMBIGUOUS - set(measured))
    return trained, measured


def draw(files: Iterator[tuple[str, str]], classes: list[str], limit: int) -> list[str]:
    """Object ids of at most `limit` pictures of each class; the class is the path's folder."""
    groups = defaultdict(list)
    for path, name in files:
        groups[next((part for part in path.split("/") if part in classes), "")].append(name)
    generator = np.random.default_rng(SEED)
    drawn = []
    for wnid in classes:
        chosen = generator.permutation(sorted(groups[wnid]))[:limit]
        drawn.extend(str(name) for name in chosen)
    return drawn


def decoded(directory: Path, objects: list[str], title: str, size: int = SIZE) -> list[np.ndarray]:
    bar = tqdm(zip(objects, read(directory, objects)), desc=title, total=len(objects), unit="img")
    return [square(decode(content, name), size) for name, content in bar]


def pack(data: Path, tiny: Path, mini: Path, work: Path) -> None:
    trained, measured = split(data, tiny, mini)
    notes = git(tiny, "show", "HEAD:tiny-imagenet-200/val/val_annotations.txt").splitlines()
    wanted = {line.split("\t")[0] for line in notes if line.split("\t")[1] in measured}
    held = [
        name
        for path, name in blobs(tiny, "tiny-imagenet-200/val")
        if path.split("/")[-1] in wanted
    ]
    images = decoded(tiny, held, "foreign, measured", TINY)
    with atomic_write(work / "foreign-measured.npy") as file:
        np.save(file, np.stack(images))
    images = decoded(
        tiny, draw(blobs(tiny, "tiny-imagenet-200/train"), trained, PER_CLASS), "foreign, Tiny"
    ) + decoded(mini, draw(blobs(mini, "train"), trained, PER_CLASS), "foreign, mini")
    with atomic_write(work / "foreign-trained.npy") as file:
        np.save(file, np.stack(images))
    summary = {"trained": trained, "measured": measured, "images": [len(images), len(held)]}
    # The summary last: it says that both files are there.
    with atomic_write(work / "foreign.json") as file:
        file.write(json.dumps(summary, indent=1).encode())


def load(data: Path, tiny: Path, mini: Path, work: Path, kind: str) -> np.ndarray:
    """`trained` [N, SIZE, SIZE, 3] or `measured` [N, TINY, TINY, 3], decoded at the first call."""
    if not (work / "foreign.json").is_file():
        pack(data, tiny, mini, work)
    return np.load(work / f"foreign-{kind}.npy")
