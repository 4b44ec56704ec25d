"""Half-width arithmetic where the processor has it."""

from __future__ import annotations

import functools

import torch


@functools.cache
def has_bfloat16() -> bool:
    """Returns whether this processor multiplies bfloat16; emulated, it is many times slower."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def autocast(enabled: bool = True) -> torch.autocast:
    """Returns a context that computes in bfloat16 if `enabled` and the processor can."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled and has_bfloat16())
