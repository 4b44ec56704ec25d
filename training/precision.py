"""The device and the precision of the arithmetic: bfloat16 on a GPU, float32 on a CPU."""

from __future__ import annotations

import torch


def pick_device(name: str | None = None) -> torch.device:
    """Returns the device of that name; without a name the GPU, else the CPU."""
    device = torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True  # a stage has few input shapes
        torch.set_float32_matmul_precision("high")
    return device


def half_type(device: torch.device) -> torch.dtype:
    """Returns the data type of a network that only infers and is never trained."""
    return torch.bfloat16 if device.type == "cuda" else torch.float32


def autocast(device: torch.device) -> torch.autocast:
    """Returns a context that computes in bfloat16 on a GPU and changes nothing on a CPU."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
