"""Trains the default model: `python train.py --data DIR --tiny GIT_DIR --mini GIT_DIR`.

Stop it whenever you like; the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import signal
import time
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from tqdm import tqdm

import checkpoint
import foreign
import metrics
import plots
import preprocess
import teacher
import webcam50
from atomic_write import atomic_write
from batches import Batches
from checkpoint import Run
from config import Config
from errors import UserError, main
from model import Student

EVALUATIONS = 40  # in the whole run; each is also a checkpoint
CHECKPOINT_SECONDS = 240


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Webcam-50")
    parser.add_argument("--tiny", type=Path, required=True, help="git directory of Tiny-ImageNet")
    parser.add_argument("--mini", type=Path, required=True, help="git directory of mini-ImageNet")
    parser.add_argument("--work", type=Path, default=Path("../.cache/training"),
                        help="folder for decoded data, checkpoints, logs (default: %(default)s)")
    parser.add_argument("--images", type=int, help="length of the run; may change on resuming")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def rate(config: Config, step: int) -> float:
    """Learning rate: linear warm-up, then half a cosine to 0."""
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    progress = (step - config.warmup) / (config.steps - config.warmup)
    return config.rate * 0.5 * (1 + math.cos(math.pi * progress))


def start(config: Config, classes: int) -> Run:
    torch.manual_seed(config.seed)
    student = Student(classes, teacher.CLASSES).to(memory_format=torch.channels_last)
    matrices = [p for p in student.parameters() if p.ndim > 1]
    others = [p for p in student.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": config.decay}, {"params": others}]
    optimiser = torch.optim.SGD(groups, config.rate, config.momentum, nesterov=True)
    return Run(student, copy.deepcopy(student).requires_grad_(False), optimiser)


def learn(run: Run, batches: Batches, config: Config) -> float:
    """One step; the loss."""
    images, target, lesson = batches(run.step)
    run.student.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer, heard = run.student(images.contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(answer.float(), target)
    listened = F.cross_entropy(heard.float() / config.temperature, lesson)
    loss = loss + config.listen * config.temperature**2 * listened
    run.optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.student.parameters(), config.clip)
    for group in run.optimiser.param_groups:
        group["lr"] = rate(config, run.step)
    run.optimiser.step()
    follow(run, config)
    run.step += 1
    return loss.item()


@torch.no_grad()
def follow(run: Run, config: Config) -> None:
    """Moves the average a little towards the student, batch norm's statistics included."""
    keep = min(config.average, (1 + run.step) / (10 + run.step))
    theirs = run.student.state_dict()
    for name, mine in run.average.state_dict().items():
        if mine.is_floating_point():
            mine.lerp_(theirs[name], 1 - keep)
        else:
            mine.copy_(theirs[name])


def evaluate(run: Run, config: Config, val: tuple, work: Path) -> None:
    """Measures the average on val, a third larger than it trains; logs; keeps the best."""
    size = round(config.size(max(run.step - 1, 0)) * 4 / 3 / 32) * 32
    answers = preprocess.logits(run.average.net, val[0], size, fast=True)
    accuracy = metrics.per_class(answers, val[1])
    run.history.append(
        {
            "images": run.step * config.batch,
            "minutes": round(run.seconds / 60, 2),
            "rate": round(rate(config, run.step), 5),
            "train_pixels": config.size(max(run.step - 1, 0)),
            "val_pixels": size,
            "loss": round(run.loss, 4),
            "top1": round(accuracy.mean().item(), 4),
            "top5": round(metrics.per_class(answers, val[1], 5).mean().item(), 4),
            "worst_class": round(accuracy.min().item(), 4),
        }
    )
    tqdm.write(str(run.history[-1]))
    with open(work / "log.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, run.history[0].keys())
        writer.writeheader()
        writer.writerows(run.history)
    plots.learning_curve(run.history, work / "learning-curve.png")
    if accuracy.mean() >= run.best:
        run.best = accuracy.mean().item()
        with atomic_write(work / "best.pt") as out:
            torch.save({"net": run.average.net.state_dict(), **run.history[-1]}, out)


def train(run: Run, batches: Batches, config: Config, val: tuple, work: Path) -> None:
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    every = max(1, config.steps // EVALUATIONS)
    saved = time.monotonic()
    bar = tqdm(total=config.steps * config.batch, initial=run.step * config.batch, unit="img",
               mininterval=5, smoothing=0.05)
    while run.step < config.steps and not stopping:
        began = time.monotonic()
        now = learn(run, batches, config)
        if not math.isfinite(now):
            raise UserError(f"the loss is {now} at step {run.step}: lower the rate and start again")
        run.loss = now if math.isnan(run.loss) else 0.98 * run.loss + 0.02 * now
        run.seconds += time.monotonic() - began
        bar.update(config.batch)
        bar.set_postfix(loss=f"{run.loss:.3f}", best=f"{run.best:.3f}", refresh=False)
        due = run.step % every == 0 or run.step == config.steps
        if due:
            evaluate(run, config, val, work)
        if due or time.monotonic() - saved > CHECKPOINT_SECONDS:
            checkpoint.save(run, config, work / "last.pt")
            saved = time.monotonic()
    checkpoint.save(run, config, work / "last.pt")
    bar.close()


def run_all() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    config = Config()
    if options.images:
        config = replace(config, images=options.images)
    names = webcam50.labels(options.data)
    pictures, classes = webcam50.load(options.data, options.work, "train")
    strangers = foreign.load(options.data, options.tiny, options.mini, options.work, "trained")
    seen = webcam50.load(options.data, options.work, "val")
    taught = teacher.load(options.work, pictures, classes, strangers, seen, config.seed)
    batches = Batches(config, torch.from_numpy(pictures), torch.from_numpy(classes),
                      torch.from_numpy(strangers), taught)
    run = start(config, len(names))
    checkpoint.resume(run, config, options.work / "last.pt")
    train(run, batches, config, preprocess.validation(options.data), options.work)


if __name__ == "__main__":
    main(run_all)
