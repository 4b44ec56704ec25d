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
    seconds: float = 0.0
    loss: float = math.nan  # smoothed over steps
    best: float = 0.0  # highest accuracy of the average on val so far
    history: list[dict] = field(default_factory=list)  # one record per evaluation


def save(run: Run, config: Config, file: Path) -> None:
    state = {
        "config": asdict(config),
        "student": run.student.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "random": torch.get_rng_state(),
        "step": run.step,
        "seconds": run.seconds,
        "loss": run.loss,
        "best": run.best,
        "history": run.history,
    }
    with atomic_write(file) as out:
        torch.save(state, out)


def resume(run: Run, config: Config, file: Path) -> None:
    """Puts a saved state back into `run`, if there is one."""
    if not file.is_file():
        return
    try:
        state = torch.load(file)
    except (RuntimeError, OSError, EOFError) as error:
        raise UserError(f"{file} is not a checkpoint: {error}; delete it to start again") from error
    if names := config.differences(state["config"]):
        changed = ", ".join(names)
        raise UserError(f"{file} was made with other values of {changed}; delete it to start again")
    run.student.load_state_dict(state["student"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    run.step, run.seconds = state["step"], state["seconds"]
    run.loss = state.get("loss", math.nan)  # older checkpoints lack it
    run.best, run.history = state["best"], state["history"]
