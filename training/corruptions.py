"""Harder versions of a picture, to measure robustness; each function takes and returns a PIL image.

They act on the square that the network will see, so a sigma is in the network's pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

CORNER = (124, 116, 104)  # ImageNet's mean: a grey that normalises to about 0


def jpeg(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=20)
    return Image.open(file).convert("RGB")


def rotate(image: Image.Image) -> Image.Image:
    return image.rotate(15, Image.Resampling.BILINEAR, fillcolor=CORNER)


CONDITIONS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "brightness -50 %": lambda image: ImageEnhance.Brightness(image).enhance(0.5),
    "brightness +50 %": lambda image: ImageEnhance.Brightness(image).enhance(1.5),
    "gaussian blur, sigma 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "JPEG, quality 20": jpeg,
    "mirrored": ImageOps.mirror,
    "turned by 15 degrees": rotate,
}
