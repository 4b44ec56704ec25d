"""The state of a run on disk: complete, so that a resumed run goes on as if never stopped."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from atomic_write import atomic_write
from config import Config
from errors import UserError


@dataclass
class Run:
    """All that changes while training."""

    student: torch.nn.Module
    average: torch.nn.Module  # the same shape; its weights are the moving average
    optimiser: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0  # of wall clock, all starts together
    cpu_seconds: float = 0.0  # of all threads: the work done, however loaded the machine was
    loss: float = math.nan  # smoothed over steps
    best: float = 0.0  # highest accuracy of the average on the validation pictures so far
    history: list[dict] = field(default_factory=list)  # one record per evaluation


SCALARS = ("step", "seconds", "cpu_seconds", "loss", "best", "history")


def save(run: Run, config: Config, file: Path) -> None:
    state = {
        "config": asdict(config),
        "student": run.student.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "random": torch.get_rng_state(),
        **{name: getattr(run, name) for name in SCALARS},
    }
    with atomic_write(file) as out:
        torch.save(state, out)


def read(file: Path) -> dict:
    try:
        return torch.load(file)
    except (RuntimeError, OSError, EOFError) as error:
        raise UserError(f"{file} is not a checkpoint: {error}; delete it to start over") from error


def resume(run: Run, config: Config, file: Path) -> bool:
    """Puts a saved state back into `run`; returns whether there is one."""
    if not file.is_file():
        return False
    state = read(file)
    if names := config.differences(state["config"]):
        changed = ", ".join(names)
        raise UserError(f"{file} was made with other values of {changed}; delete it to start over")
    run.student.load_state_dict(state["student"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    for name in SCALARS:
        setattr(run, name, state[name])
    return True


def finished(config: Config, file: Path) -> bool:
    """Returns whether a stage has seen all of its pictures."""
    return file.is_file() and read(file)["step"] >= config.steps


def averaged(file: Path) -> dict[str, torch.Tensor]:
    """Returns the averaged weights of a stage, for the next one to start from."""
    if not file.is_file():
        raise UserError(f"{file} is missing: run the stage before this one first")
    return read(file)["average"]
