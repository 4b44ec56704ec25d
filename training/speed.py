"""Measures how fast each stage trains: `python speed.py --data DIR [--seconds N]`.

Uses the pictures that are available, keeps nothing that it learns, and prints pictures per second of each stage at each
of its sizes, also without the teacher and without making the pictures.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import torch

import pictures
import teacher
from config import STAGES, TEACHER
from errors import UserError, main
from precision import pick_device
from tasks import TASKS
from train import start, train_step


def untrained(stage: str) -> dict[str, torch.Tensor]:
    """Returns weights to measure with if no stage has run."""
    return teacher.Teacher(50, 64).weights() if stage == TEACHER.name else {}


def rate(step: Callable[[int], None], batch: int, seconds: float, device: torch.device) -> float:
    """Returns pictures per second, without the first steps."""
    for number in range(3):
        step(number)
    wait(device)
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        for _ in range(3):
            step(3 + count)
            count += 1
        wait(device)
    return count * batch / (time.monotonic() - began)


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that pack.py has filled")
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--device")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    began = time.monotonic()
    some = pictures.load(options.data, device, options.threads, complete=False)
    if not some.stranger.any():
        raise UserError(f"{options.data}: no pictures of strangers: copy part 0 there")
    print(f"torch {torch.__version__}, {device}, {len(some.canvas)} pictures in "
          f"{time.monotonic() - began:.1f} s", flush=True)
    for config in STAGES:
        task = TASKS[config.name](config, some, options.data, untrained)
        run = start(config, task, device)
        for until, size in config.phases:
            whole = rate(lambda _: train_step(run, task, config, until - 0.01), config.batch,
                         options.seconds, device)
            line = f"{config.name} at {size} px, batch {config.batch}: {whole:.0f} pictures/s"
            making = rate(lambda step: task.batches(step, size), config.batch,
                          options.seconds / 3, device)
            line += f"; making the batch alone {making:.0f}"
            if task.guide:
                images, _ = task.batches(0, size)
                with torch.inference_mode():
                    asked = rate(lambda _: task.guide(images), config.batch, options.seconds / 3,
                                 device)
                line += f"; asking the teacher alone {asked:.0f}"
            print(line, flush=True)
        if device.type == "cuda":
            used = torch.cuda.max_memory_allocated(device) / 2**30
            print(f"  {used:.1f} GiB at most", flush=True)


if __name__ == "__main__":
    main(run)
