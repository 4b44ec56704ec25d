"""The 50 classes: reads the data set's tars once and keeps the pictures decoded in `.npy` files.

A picture is stored as the product would see it: shorter side to SIZE, centre crop, uint8 RGB.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from atomic_write import atomic_write
from errors import UserError

CLASSES = 50
SIZE = 96  # pixels; no picture of the set has a longer shorter side


def labels(data: Path) -> list[str]:
    """The class names in the order of the outputs."""
    file = data / "labels.txt"
    if not file.is_file():
        raise UserError(f"{file} is missing: --data must name the folder of Webcam-50")
    names = file.read_text(encoding="utf-8").splitlines()
    if len(names) != CLASSES or len(set(names)) != CLASSES:
        raise UserError(f"{file}: expected {CLASSES} different labels, found {len(set(names))}")
    return names


def decode(data: bytes, name: str) -> Image.Image:
    """An RGB picture from the bytes of a file, upright; `name` is for the message."""
    try:
        return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except UnidentifiedImageError as error:
        raise UserError(f"{name} is no picture") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{name} does not decode as a picture: {error}") from error


def square(image: Image.Image, size: int) -> np.ndarray:
    """[size, size, 3] uint8: shorter side to `size` (bilinear, antialiased), centre crop."""
    width, height = image.size
    short = min(width, height)
    scaled = (size * width // short, size * height // short)
    image = image.resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    return np.asarray(image.crop((left, top, left + size, top + size)))


def pictures(tar: Path, names: list[str]) -> Iterator[tuple[int, str, bytes]]:
    """(class, name, bytes) of every JPEG in a tar of folders `NN_label`."""
    folders = {f"{k:02}_{name.replace(' ', '_')}": k for k, name in enumerate(names)}
    try:
        with tarfile.open(tar, "r:") as archive:
            for member in filter(tarfile.TarInfo.isfile, archive):
                folder = member.name.split("/")[0]
                if folder not in folders:
                    raise UserError(f"{tar}: folder {folder} is none of the {len(names)} labels")
                content = archive.extractfile(member).read()
                yield folders[folder], f"{tar}:{member.name}", content
    except (OSError, tarfile.TarError) as error:
        raise UserError(f"{tar} cannot be read: {error}") from error


def pack(tars: list[Path], names: list[str], out: Path) -> None:
    """Decodes the tars into `out`.npy [N, SIZE, SIZE, 3] and `out`.labels.npy [N]."""
    images, classes = [], []
    for tar in tars:
        for number, name, data in tqdm(pictures(tar, names), desc=tar.name, unit="img"):
            images.append(square(decode(data, name), SIZE))
            classes.append(number)
    found = len(set(classes))
    if found != len(names):
        raise UserError(f"{out.name}: expected pictures of {len(names)} classes, found {found}")
    # The pictures last: they say that both files are there.
    with atomic_write(out.with_suffix(".labels.npy")) as file:
        np.save(file, np.array(classes, np.int64))
    with atomic_write(out.with_suffix(".npy")) as file:
        np.save(file, np.stack(images))


def load(data: Path, work: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """(images, classes) of `train` or `val`, decoded at the first call."""
    tars = {"train": ["train-0.tar", "train-1.tar"], "val": ["val.tar"]}[split]
    out = work / split
    if not out.with_suffix(".npy").is_file():
        work.mkdir(parents=True, exist_ok=True)
        pack([data / tar for tar in tars], labels(data), out)
    return np.load(out.with_suffix(".npy")), np.load(out.with_suffix(".labels.npy"))
