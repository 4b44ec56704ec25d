"""All training pictures, decoded into memory from the folder that pack.py fills."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import webcam50
from errors import UserError

CANVAS = 96  # pixels; the longest shorter side of a picture
TILE = 64  # pixels of a picture in a mosaic
COLUMNS = 20  # of a mosaic
TARS = ("train-0.tar", "train-1.tar")
HELD_OUT = 0.05  # share of Webcam-50's train: never trained on, measured during training
SEED = 50


@dataclass(frozen=True)
class Pictures:
    """N pictures, those of Webcam-50 first; their attributes are also on the device.

    `kinds` are the WordNet ids that are pretrained on, `names` the 50 labels.
    """

    canvas: torch.Tensor  # [N, CANVAS, CANVAS, 3] uint8, the picture in its upper left corner
    extents: torch.Tensor  # [N] pixels of the picture, a square
    kind: torch.Tensor  # [N] index of its WordNet id in `kinds`, or -1
    label: torch.Tensor  # [N] index of its label in `names`, or -1
    own: torch.Tensor  # [N] bool: from Webcam-50
    held_out: torch.Tensor  # [N] bool, some of `own`
    stranger: torch.Tensor  # [N] bool: trained on as "none of these"
    kinds: list[str]
    names: list[str]


def square(content: bytes, name: str) -> np.ndarray:
    """Returns [S, S, 3] uint8, S 64 or 96: pictures are not scaled down, and up by at most a seventh."""
    image = webcam50.decode(content, name)
    return webcam50.square(image, TILE if min(image.size) <= TILE else CANVAS)


def tiles(file: Path, count: int) -> np.ndarray:
    """Returns [count, TILE, TILE, 3] uint8 of a mosaic."""
    mosaic = np.asarray(webcam50.decode(file.read_bytes(), file.name))
    rows = -(-count // COLUMNS)
    if mosaic.shape != (rows * TILE, COLUMNS * TILE, 3):
        raise UserError(f"{file}: expected {rows} rows of {COLUMNS} tiles, found {mosaic.shape}")
    grid = mosaic.reshape(rows, TILE, COLUMNS, TILE, 3).swapaxes(1, 2)
    return grid.reshape(-1, TILE, TILE, 3)[:count]


def load(data: Path, device: torch.device, threads: int, complete: bool = True) -> Pictures:
    """Decodes the files that pack.py left in `data`; without `complete`, those that exist."""
    file = data / "tables.json"
    if not file.is_file():
        raise UserError(f"{file} is missing: --data must name a folder made by pack.py")
    tables = json.loads(file.read_text(encoding="utf-8"))
    names, kinds = tables["labels"], sorted(tables["kinds"])
    number = {wnid: k for k, wnid in enumerate(kinds)}
    mosaics = [wnid for wnid in kinds if tables["kinds"][wnid]["pictures"]]
    wanted = [*TARS, *(f"{wnid}.webp" for wnid in mosaics)]
    missing = [name for name in wanted if not (data / name).is_file()]
    if missing and complete:
        raise UserError(f"{data}: {len(missing)} files are missing, the first is {missing[0]}")

    members = [
        picture for tar in TARS if tar not in missing
        for picture in webcam50.pictures(data / tar, names)
    ]
    present = [wnid for wnid in mosaics if f"{wnid}.webp" not in missing]
    counts = [tables["kinds"][wnid]["pictures"] for wnid in present]
    starts = len(members) + np.cumsum([0, *counts])
    canvas = np.zeros((starts[-1], CANVAS, CANVAS, 3), np.uint8)
    extents = np.full(starts[-1], TILE)

    def decode_member(place: int) -> None:
        _, name, content = members[place]
        picture = square(content, name)
        extents[place] = len(picture)
        canvas[place, : len(picture), : len(picture)] = picture

    def decode_mosaic(place: int) -> None:
        part = slice(starts[place], starts[place + 1])
        canvas[part, :TILE, :TILE] = tiles(data / f"{present[place]}.webp", counts[place])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(decode_mosaic, range(len(present))))
        list(pool.map(decode_member, range(len(members)), chunksize=64))

    described = [tables["kinds"][wnid] for wnid in present]
    wnids = [tables["members"][name.split(":")[-1]] for _, name, _ in members]
    kind = [number.get(wnid, -1) for wnid in wnids]
    kind += np.repeat([number[wnid] for wnid in present], counts).tolist()
    label = [k for k, _, _ in members]
    label += np.repeat([-1 if d["label"] is None else d["label"] for d in described],
                       counts).tolist()
    stranger = [False] * len(members)
    stranger += np.repeat([d["stranger"] for d in described], counts).tolist()
    own = np.arange(len(canvas)) < len(members)
    held_out = own & (np.random.default_rng(SEED).random(len(canvas)) < HELD_OUT)
    columns = (torch.from_numpy(np.asarray(column)).to(device)
               for column in (canvas, extents, kind, label, own, held_out, stranger))
    return Pictures(*columns, kinds, names)
