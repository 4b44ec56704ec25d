"""Trains the default model: `python train.py --data DIR [--stage NAME] [--minutes N]`.

Runs the stages of config.py one after the other, on a GPU if there is one. It can be stopped at any moment, even by a
kill; the same command continues from the last checkpoint. With --minutes a stage ends after this time, with its
learning rate at 0, however many pictures it has seen by then.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import os
import signal
import time
from pathlib import Path

import torch

import checkpoint
import metrics
import pictures
from checkpoint import Run
from config import STAGES, Config
from errors import UserError, main
from pictures import Pictures
from precision import autocast, pick_device
from preprocess import enlarged
from tasks import TASKS, Task, loss

PRODUCT_PIXELS = 128  # the product's input size, which is also measured
LOOK = 20  # steps between reading the loss and the clock; reading waits for the GPU
BATCH = 256  # of an evaluation


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that pack.py has filled")
    parser.add_argument("--work", type=Path, default=Path("../.cache/training"),
                        help="folder for checkpoints and logs (default: %(default)s)")
    parser.add_argument("--stage", choices=list(TASKS), help="only this stage (default: all)")
    parser.add_argument("--minutes", type=float, help="longest time of a stage")
    parser.add_argument("--every", type=float, default=30,
                        help="seconds between checkpoints (default: %(default)s)")
    parser.add_argument("--device", help="as torch names it (default: cuda if there is one)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


def progress(run: Run, config: Config, minutes: float | None) -> float:
    """Returns 0..1: the share of the planned pictures, or of `minutes` if that is larger."""
    share = run.images / config.images
    return min(1.0, max(share, run.seconds / (60 * minutes)) if minutes else share)


def rate(run: Run, config: Config, done: float) -> float:
    """Returns the learning rate: linear warm-up over steps, half a cosine over progress."""
    warm = min(1, (run.step + 1) / config.warmup)
    return config.rate * warm * 0.5 * (1 + math.cos(math.pi * done))


def start(config: Config, task: Task, device: torch.device) -> Run:
    """Returns a run at step 0."""
    network = task.network.to(device).to(memory_format=torch.channels_last)
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": config.decay},
              {"params": others, "weight_decay": 0.0}]
    if config.optimiser == "sgd":
        optimiser = torch.optim.SGD(groups, config.rate, config.momentum, nesterov=True)
    else:
        optimiser = torch.optim.AdamW(groups, config.rate)
    return Run(network, copy.deepcopy(network).requires_grad_(False).eval(), optimiser)


def train_step(run: Run, task: Task, config: Config, done: float) -> torch.Tensor:
    """Takes one step and returns its loss on the device; reading it waits for the GPU."""
    images, target = task.batches(run.step, config.size(done))
    run.network.train()
    with autocast(images.device):
        now = loss(config, task, images.contiguous(memory_format=torch.channels_last), target)
    run.optimiser.zero_grad()
    now.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), config.clip)
    for group in run.optimiser.param_groups:
        group["lr"] = rate(run, config, done)
    run.optimiser.step()
    update_average(run, config)
    run.step += 1
    run.images += config.batch
    return now.detach()


@torch.no_grad()
def update_average(run: Run, config: Config) -> None:
    """Moves the average a little towards the network, including batch norm's statistics."""
    keep = min(config.average, (1 + run.step) / (10 + run.step))
    pairs = list(zip(run.average.state_dict().values(), run.network.state_dict().values()))
    mine, theirs = zip(*[pair for pair in pairs if pair[0].is_floating_point()])
    torch._foreach_lerp_(mine, theirs, 1 - keep)
    for own, other in pairs:
        if not own.is_floating_point():
            own.copy_(other)


@torch.inference_mode()
def evaluate(run: Run, config: Config, task: Task, held: torch.Tensor, done: float) -> dict:
    """Measures the average on the held-out pictures `held` [M, 3, H, W]; returns a log record."""
    truth = task.held_out[1].cpu()
    answers = []
    for batch in held.split(BATCH):
        with autocast(batch.device):
            answer = run.average(batch)
        answers.append((answer[0] if isinstance(answer, tuple) else answer).float().cpu())
    logits = torch.cat(answers)
    # A class without held-out pictures has no accuracy: nan, which the means leave out.
    accuracy, top5 = (metrics.per_class(logits, truth, top) for top in (1, 5))
    return {
        "images": run.images,
        "minutes": round(run.seconds / 60, 2),
        "rate": round(rate(run, config, done), 5),
        "train_pixels": config.size(done),
        "loss": round(run.loss, 4),
        "top1": round(accuracy.nanmean().item(), 4),
        "top5": round(top5.nanmean().item(), 4),
        "worst_class": round(accuracy.nan_to_num(1).min().item(), 4),
    }


def record(run: Run, config: Config, entry: dict, folder: Path) -> None:
    """Logs an evaluation and writes a checkpoint."""
    run.history.append(entry)
    print(config.name, " ".join(f"{key} {value}" for key, value in entry.items()), flush=True)
    with open(folder / "log.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, run.history[0].keys())
        writer.writeheader()
        writer.writerows(run.history)
    checkpoint.save_run(run, config, folder)


def train(run: Run, config: Config, task: Task, all_pictures: Pictures, folder: Path,
          options: argparse.Namespace) -> bool:
    """Trains to the end of the stage or to SIGTERM; returns whether the end was reached."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    held = enlarged(all_pictures, task.held_out[0], PRODUCT_PIXELS)
    before, began = run.seconds, time.monotonic()
    evaluated = run.seconds
    done = progress(run, config, options.minutes)
    while not run.finished and not stopping:
        now = train_step(run, task, config, done)
        if run.step % LOOK == 0 or run.images >= config.images:
            value = now.item()
            if not math.isfinite(value):
                raise UserError(f"the loss is {value} at step {run.step}: lower the rate and "
                                f"start over without {folder / checkpoint.STATE}")
            run.loss = value if math.isnan(run.loss) else 0.8 * run.loss + 0.2 * value
        run.seconds = before + time.monotonic() - began
        done = progress(run, config, options.minutes)
        run.finished = done >= 1
        if run.finished or run.seconds - evaluated >= options.every:
            record(run, config, evaluate(run, config, task, held, done), folder)
            evaluated = run.seconds
    if stopping and not run.finished:
        checkpoint.save_run(run, config, folder)
    return run.finished


def run_stage(config: Config, all_pictures: Pictures, device: torch.device,
              options: argparse.Namespace) -> bool:
    """Runs or continues one stage; returns whether its end was reached."""
    folder = options.work / config.name
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    task = TASKS[config.name](config, all_pictures, options.data,
                              lambda stage: checkpoint.weights(options.work, stage))
    run = start(config, task, device)
    checkpoint.resume(run, config, folder, device)
    return train(run, config, task, all_pictures, folder, options)


def run_all() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    began = time.monotonic()
    all_pictures = pictures.load(options.data, device, options.threads)
    print(f"{len(all_pictures.canvas)} pictures in {time.monotonic() - began:.0f} s, on {device}",
          flush=True)
    for stage in STAGES:
        if options.stage in (None, stage.name):
            if not run_stage(stage, all_pictures, device, options):
                return


if __name__ == "__main__":
    main(run_all)
