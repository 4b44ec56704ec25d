"""Arrays that take long to compute and survive a kill half way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from atomic_write import atomic_write


def fill(file: Path, shape: tuple[int, ...], kind: type, rows: int,
         compute: Callable[[slice], np.ndarray]) -> None:
    """Writes an array of `shape` to `file`, which ends in .npy; `compute` makes up to `rows` of it.

    A call that was killed goes on after the last rows it wrote. `file` appears when all are there.
    """
    part, progress = file.with_suffix(".part.npy"), file.with_suffix(".progress.json")
    resumed = part.is_file() and progress.is_file()
    if resumed:
        array = np.lib.format.open_memmap(part, "r+")
        resumed = array.shape == shape and array.dtype == kind  # not of other pictures
    if resumed:
        done = json.loads(progress.read_text(encoding="utf-8"))
    else:
        progress.unlink(missing_ok=True)  # first: it must never speak of rows that are not there
        array, done = np.lib.format.open_memmap(part, "w+", kind, shape), 0
    with tqdm(total=shape[0], initial=done, desc=file.stem, unit="row", mininterval=30) as bar:
        for start in range(done, shape[0], rows):
            place = slice(start, min(start + rows, shape[0]))
            array[place] = compute(place)
            array.flush()
            with atomic_write(progress) as note:
                note.write(json.dumps(place.stop).encode())
            bar.update(place.stop - start)
    part.replace(file)
    progress.unlink(missing_ok=True)
