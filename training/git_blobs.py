"""Reads pictures out of a git directory without unpacking it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from errors import UserError


def git(directory: Path, *arguments: str) -> str:
    """Returns the output of a git command."""
    command = ["git", f"--git-dir={directory}", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise UserError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def blobs(directory: Path, folder: str) -> Iterator[tuple[str, str]]:
    """Yields (path, object id) of the JPEG files below a folder."""
    for line in git(directory, "ls-tree", "-r", "HEAD", folder).splitlines():
        meta, path = line.split("\t")
        if path.lower().endswith((".jpeg", ".jpg")):
            yield path, meta.split()[2]


def read(directory: Path, objects: list[str]) -> Iterator[bytes]:
    """Yields the bytes of many blobs through one `git cat-file`."""
    command = ["git", f"--git-dir={directory}", "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for name in objects:
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
            header = process.stdout.readline().split()
            if len(header) != 3:
                raise UserError(f"{directory}: object {name} is missing")
            yield process.stdout.read(int(header[2]))
            process.stdout.read(1)
        process.stdin.close()
