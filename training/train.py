"""Trains the default model: `python train.py --data DIR --tiny GIT_DIR --mini GIT_DIR`.

Runs the stages of config.py one after the other. Stop it at any moment, by a kill as well; the same
command goes on from the last checkpoint.
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
from safetensors.torch import load_file
from tqdm import tqdm

import checkpoint
import metrics
import plots
import preprocess
import teacher
from atomic_write import atomic_write
from batches import Batches
from checkpoint import Run
from config import STAGES, Config
from errors import UserError, main
from model import Student
from precision import autocast
from tasks import TASKS, Sources, Task

EVALUATIONS = 25  # in each stage; each is a checkpoint as well
CHECKPOINT_SECONDS = 240
PRODUCT_PIXELS = 128  # what the product feeds the network; evaluation goes no higher


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of Webcam-50")
    parser.add_argument("--tiny", type=Path, required=True, help="git directory of Tiny-ImageNet")
    parser.add_argument("--mini", type=Path, required=True, help="git directory of mini-ImageNet")
    parser.add_argument("--work", type=Path, default=Path("../.cache/training"),
                        help="folder for decoded data, checkpoints, logs (default: %(default)s)")
    parser.add_argument("--stage", choices=list(TASKS), help="only this stage (default: all)")
    parser.add_argument("--images", type=int, help="length of that stage; may change on resuming")
    parser.add_argument("--weights", type=Path,
                        help="a .safetensors file that the first stage to run starts from")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def rate(config: Config, step: int) -> float:
    """Returns the learning rate: linear warm-up, then half a cosine to 0."""
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    progress = (step - config.warmup) / max(1, config.steps - config.warmup)
    return config.rate * 0.5 * (1 + math.cos(math.pi * progress))


def start(config: Config, classes: int, weights: dict[str, torch.Tensor]) -> Run:
    """Returns a run at step 0 with `weights` where they fit; a head of other classes does not."""
    torch.manual_seed(config.seed)
    student = Student(classes, teacher.CLASSES)
    own = student.state_dict()
    fitting = {name: value.float() if value.is_floating_point() else value
               for name, value in weights.items()
               if name in own and value.shape == own[name].shape}
    if weights and len(fitting) < len(own) // 2:
        raise UserError(f"the weights to start from fit {len(fitting)} of {len(own)} tensors: "
                        "expected a ResNet-18 with torchvision's names")
    student.load_state_dict(fitting, strict=False)
    student = student.to(memory_format=torch.channels_last)
    matrices = [p for p in student.parameters() if p.ndim > 1]
    others = [p for p in student.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": config.decay}, {"params": others}]
    optimiser = torch.optim.SGD(groups, config.rate, config.momentum, nesterov=True)
    return Run(student, copy.deepcopy(student).requires_grad_(False), optimiser)


def train_step(run: Run, batches: Batches, config: Config) -> float:
    """Takes one step and returns its loss."""
    images, target, taught = batches(run.step)
    run.student.train()
    with autocast():
        answer, heard = run.student(images.contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(answer.float(), target)
    distilled = F.cross_entropy(heard.float() / config.temperature, taught)
    loss = loss + config.distillation * config.temperature**2 * distilled
    run.optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.student.parameters(), config.clip)
    for group in run.optimiser.param_groups:
        group["lr"] = rate(config, run.step)
    run.optimiser.step()
    update_average(run, config)
    run.step += 1
    return loss.item()


@torch.no_grad()
def update_average(run: Run, config: Config) -> None:
    """Moves the average a little towards the student, batch norm's statistics included."""
    keep = min(config.average, (1 + run.step) / (10 + run.step))
    theirs = run.student.state_dict()
    for name, mine in run.average.state_dict().items():
        if mine.is_floating_point():
            mine.lerp_(theirs[name], 1 - keep)
        else:
            mine.copy_(theirs[name])


def evaluate(run: Run, config: Config, task: Task, folder: Path) -> None:
    """Measures the average on the validation pictures, a third larger than it trains; logs; keeps
    the best."""
    trained = config.size(max(run.step - 1, 0))
    size = min(round(trained * 4 / 3 / 32) * 32, PRODUCT_PIXELS)
    images, truth = task.validation
    answers = preprocess.logits(run.average.net, images, size, fast=True)
    # A class without validation pictures has no accuracy: nan, left out of the means.
    accuracy, top5 = (metrics.per_class(answers, truth, top) for top in (1, 5))
    run.history.append(
        {
            "images": run.step * config.batch,
            "minutes": round(run.seconds / 60, 2),
            "cpu_minutes": round(run.cpu_seconds / 60, 2),
            "rate": round(rate(config, run.step), 5),
            "train_pixels": trained,
            "val_pixels": size,
            "loss": round(run.loss, 4),
            "top1": round(accuracy.nanmean().item(), 4),
            "top5": round(top5.nanmean().item(), 4),
            "worst_class": round(accuracy.nan_to_num(1).min().item(), 4),
        }
    )
    tqdm.write(str(run.history[-1]))
    with open(folder / "log.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, run.history[0].keys())
        writer.writeheader()
        writer.writerows(run.history)
    plots.learning_curve(run.history, folder / "learning-curve.png")
    if run.history[-1]["top1"] >= run.best:
        run.best = run.history[-1]["top1"]
        with atomic_write(folder / "best.pt") as out:
            torch.save({"net": run.average.net.state_dict(), **run.history[-1]}, out)


def train(run: Run, config: Config, task: Task, folder: Path) -> bool:
    """Trains to the end of the stage or to SIGTERM; returns whether the end was reached."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    every = max(1, config.steps // EVALUATIONS)
    saved = time.monotonic()
    bar = tqdm(total=config.steps * config.batch, initial=run.step * config.batch, unit="img",
               desc=config.name, mininterval=30, smoothing=0.05)
    while run.step < config.steps and not stopping:
        began, used = time.monotonic(), time.process_time()
        now = train_step(run, task.batches, config)
        if not math.isfinite(now):
            raise UserError(f"the loss is {now} at step {run.step}: lower the rate and start over")
        run.loss = now if math.isnan(run.loss) else 0.98 * run.loss + 0.02 * now
        due = run.step % every == 0 or run.step == config.steps
        if due:
            evaluate(run, config, task, folder)
        run.seconds += time.monotonic() - began
        run.cpu_seconds += time.process_time() - used
        bar.update(config.batch)
        bar.set_postfix(loss=f"{run.loss:.3f}", best=f"{run.best:.3f}", refresh=False)
        if due or time.monotonic() - saved > CHECKPOINT_SECONDS:
            checkpoint.save(run, config, folder / "last.pt")
            saved = time.monotonic()
    checkpoint.save(run, config, folder / "last.pt")
    bar.close()
    return run.step >= config.steps


def run_stage(config: Config, sources: Sources, weights: Path | None) -> bool:
    """Starts or resumes one stage; returns whether it is finished."""
    folder = sources.work / config.name
    folder.mkdir(parents=True, exist_ok=True)
    if checkpoint.finished(config, folder / "last.pt"):
        return True
    task = TASKS[config.name](config, sources)
    given = {}
    if weights:
        if not weights.is_file():
            raise UserError(f"{weights} is missing")
        given = {f"net.{name}": value for name, value in load_file(weights).items()}
    elif config.start_from and not (folder / "last.pt").is_file():
        given = checkpoint.averaged(sources.work / config.start_from / "last.pt")
    run = start(config, task.classes, given)
    checkpoint.resume(run, config, folder / "last.pt")
    return train(run, config, task, folder)


def run_all() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    stages = [stage for stage in STAGES if options.stage in (None, stage.name)]
    if options.images:
        if len(stages) > 1:
            raise UserError("--images is the length of one stage: name it with --stage")
        stages = [replace(stages[0], images=options.images)]
    sources = Sources(options.data, options.tiny, options.mini, options.work)
    for number, stage in enumerate(stages):
        if not run_stage(stage, sources, options.weights if number == 0 else None):
            return


if __name__ == "__main__":
    main(run_all)
