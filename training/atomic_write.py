"""Writes files atomically: a file exists whole or not at all, whenever a run is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(file: Path) -> Iterator[BinaryIO]:
    """Opens a file that replaces `file` once everything is written; until then the old content stays."""
    part = file.with_name(f"{file.name}.part")
    with open(part, "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
