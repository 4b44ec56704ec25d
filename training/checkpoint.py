"""The state of a run on disk: complete, so that a resumed run continues as if it had never stopped."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from atomic_write import atomic_write
from config import Config
from errors import UserError

STATE = "state.pt"  # everything that a run needs to continue
WEIGHTS = "weights.safetensors"  # the averaged weights in half precision


@dataclass
class Run:
    """Everything that changes during training."""

    network: torch.nn.Module
    average: torch.nn.Module  # the same shape; its weights are the moving average
    optimiser: torch.optim.Optimizer
    step: int = 0
    images: int = 0
    seconds: float = 0.0  # of wall clock, summed over all starts
    loss: float = math.nan  # smoothed over steps
    finished: bool = False
    history: list[dict] = field(default_factory=list)  # one record per evaluation


SCALARS = ("step", "images", "seconds", "loss", "finished", "history")


def save_run(run: Run, config: Config, folder: Path) -> None:
    """Writes the state and the weights into the folder of the stage."""
    state = {
        "config": asdict(config),
        "network": run.network.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        **{name: getattr(run, name) for name in SCALARS},
    }
    with atomic_write(folder / STATE) as out:
        torch.save(state, out)
    tensors = {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in run.average.weights().items()
    }
    with atomic_write(folder / WEIGHTS) as out:
        out.write(save(tensors))


def resume(run: Run, config: Config, folder: Path, device: torch.device) -> None:
    """Restores `run` from a saved state, if there is one."""
    file = folder / STATE
    if not file.is_file():
        return
    try:
        state = torch.load(file, map_location=device)
    except (RuntimeError, OSError, EOFError) as error:
        raise UserError(f"{file} is not a checkpoint: {error}; delete it to start over") from error
    if names := config.differences(state["config"]):
        changed = ", ".join(names)
        raise UserError(f"{file} was made with other values of {changed}; delete it to start over")
    run.network.load_state_dict(state["network"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    for name in SCALARS:
        setattr(run, name, state[name])


def weights(work: Path, stage: str) -> dict[str, torch.Tensor]:
    """Returns the weights of a stage, as far as it has been trained."""
    file = work / stage / WEIGHTS
    if not file.is_file():
        raise UserError(f"{file} is missing: run the stage {stage} first")
    return {name: value.float() if value.is_floating_point() else value
            for name, value in load_file(file).items()}
