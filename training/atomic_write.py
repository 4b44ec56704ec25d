"""Files that are there whole or not at all, whenever a run is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(file: Path) -> Iterator[BinaryIO]:
    """Opens what becomes `file` when all is written; until then, what was there stays."""
    part = file.with_name(f"{file.name}.part")
    with open(part, "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
