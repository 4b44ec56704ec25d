"""Measures of a classifier's answers. Logits [N, C], truth [N]."""

from __future__ import annotations

import torch
import torch.nn.functional as F

BINS = 15


def per_class(logits: torch.Tensor, truth: torch.Tensor, top: int = 1) -> torch.Tensor:
    """Returns [C]: the share of each class's pictures whose class is among the `top` answers."""
    hit = (logits.topk(top).indices == truth[:, None]).any(1).float()
    return torch.stack([hit[truth == c].mean() for c in range(logits.shape[1])])


def calibration_error(logits: torch.Tensor, truth: torch.Tensor, temperature: float) -> float:
    """Returns the expected |confidence - accuracy| over BINS equal bins of confidence."""
    confidence, answer = F.softmax(logits / temperature, 1).max(1)
    right = (answer == truth).float()
    bins = (confidence * BINS).long().clamp(max=BINS - 1)
    gaps = [
        ((confidence[bins == b].sum() - right[bins == b].sum()).abs() / len(truth)).item()
        for b in range(BINS)
    ]
    return sum(gaps)


def temperature(logits: torch.Tensor, truth: torch.Tensor) -> float:
    """Returns the divisor of the logits with the least cross entropy, to 0.01."""
    choices = torch.arange(0.3, 3.0, 0.01)
    losses = torch.stack([F.cross_entropy(logits / t, truth) for t in choices])
    return round(choices[losses.argmin()].item(), 2)


def abstention(known: torch.Tensor, truth: torch.Tensor, foreign: torch.Tensor,
               temperature: float) -> list[dict[str, float]]:
    """Returns, for each threshold 0.01..0.99, the share of foreign pictures refused and of right answers lost."""
    confidence, answer = F.softmax(known / temperature, 1).max(1)
    right = confidence[answer == truth]
    strange = F.softmax(foreign / temperature, 1).max(1).values
    return [
        {
            "threshold": percent / 100,
            "refused": (strange < percent / 100).float().mean().item(),
            "lost": (right < percent / 100).float().mean().item(),
        }
        for percent in range(1, 100)
    ]


def confusion(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Returns [C, C]: row = truth, column = answer, shares of the row."""
    classes = logits.shape[1]
    pairs = truth * classes + logits.argmax(1)
    counts = torch.bincount(pairs, minlength=classes * classes).view(classes, classes).float()
    return counts / counts.sum(1, keepdim=True)
