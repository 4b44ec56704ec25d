"""The pretraining set: the `train` folders of Tiny- and mini-ImageNet, merged by wnid.

275 classes, 150,000 pictures. Nothing of a `val` folder is read: Webcam-50 is validated on those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atomic_write import atomic_write
from git_blobs import blobs, read
from resumable import fill
from webcam50 import decode, square

SIZE = 64  # pixels, Tiny-ImageNet's own; mini-ImageNet's 84 are scaled down
FOLDERS = ("tiny-imagenet-200/train", "train")
ROWS = 500  # pictures decoded at a time
HELD_OUT = 10  # pictures of a class, for validation
SEED = 50


@dataclass(frozen=True)
class Pictures:
    """`images` [N, SIZE, SIZE, 3] uint8 and `classes` [N]."""

    images: np.ndarray
    classes: np.ndarray


def wnid(path: str) -> str:
    """Returns the WordNet id among a path's folders."""
    return next(part for part in path.split("/") if re.fullmatch(r"n\d{8}", part))


def pack(directories: tuple[Path, Path], out: Path) -> None:
    """Decodes both sets into `out`.npy; `out`.labels.npy says each picture's class and set."""
    listed = [
        (wnid(path), source, blob)
        for source in (0, 1)
        for path, blob in blobs(directories[source], FOLDERS[source])
    ]
    number = {name: k for k, name in enumerate(sorted({name for name, _, _ in listed}))}

    def compute(place: slice) -> np.ndarray:
        images = []
        for source, directory in enumerate(directories):
            wanted = [blob for _, of, blob in listed[place] if of == source]
            images += [square(decode(content, blob), SIZE)
                       for blob, content in zip(wanted, read(directory, wanted))]
        return np.stack(images)

    # The pictures last: they say that both files are there.
    with atomic_write(out.with_suffix(".labels.npy")) as file:
        np.save(file, np.array([(number[name], source) for name, source, _ in listed]))
    fill(out.with_suffix(".npy"), (len(listed), SIZE, SIZE, 3), np.uint8, ROWS, compute)


def held_out(classes: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Returns [N] bool: HELD_OUT seeded pictures of each class that only one of the sets has.

    Both sets draw from the same photos, so a picture of a class in both may be there twice.
    """
    chosen = np.zeros(len(classes), bool)
    generator = np.random.default_rng(SEED)
    for number in np.unique(classes):
        places = np.flatnonzero(classes == number)
        if len(set(sources[places])) == 1:
            chosen[generator.permutation(places)[:HELD_OUT]] = True
    return chosen


def load(tiny: Path, mini: Path, work: Path) -> tuple[Pictures, np.ndarray]:
    """Returns all pictures, read from disk when used, and which [N] bool are held out."""
    out = work / "imagenet"
    if not out.with_suffix(".npy").is_file():
        work.mkdir(parents=True, exist_ok=True)
        pack((tiny, mini), out)
    classes, sources = np.load(out.with_suffix(".labels.npy")).T
    # "c" rather than "r": torch takes writable arrays only; nothing is ever written.
    images = np.load(out.with_suffix(".npy"), mmap_mode="c")
    return Pictures(images, classes), held_out(classes, sources)
