"""The 50 classes: their names and the pictures in the data set's tars."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from errors import UserError

CLASSES = 50


def labels(data: Path) -> list[str]:
    """Returns the class names in the order of the outputs."""
    file = data / "labels.txt"
    if not file.is_file():
        raise UserError(f"{file} is missing: --data must name the folder of Webcam-50")
    names = file.read_text(encoding="utf-8").splitlines()
    if len(names) != CLASSES or len(set(names)) != CLASSES:
        raise UserError(f"{file}: expected {CLASSES} different labels, found {len(set(names))}")
    return names


def decode(data: bytes, name: str) -> Image.Image:
    """Returns an RGB picture from the bytes of a file, upright; `name` is for the message."""
    try:
        return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except UnidentifiedImageError as error:
        raise UserError(f"{name} is no picture") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{name} does not decode as a picture: {error}") from error


def square(image: Image.Image, size: int) -> np.ndarray:
    """Returns [size, size, 3] uint8: shorter side to `size`, bilinear, centre crop."""
    width, height = image.size
    short = min(width, height)
    scaled = (size * width // short, size * height // short)
    image = image.resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - size) / 2), round((scaled[1] - size) / 2)
    return np.asarray(image.crop((left, top, left + size, top + size)))


def pictures(tar: Path, names: list[str]) -> Iterator[tuple[int, str, bytes]]:
    """Yields (class, name, bytes) of every JPEG in a tar of folders `NN_label`."""
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
