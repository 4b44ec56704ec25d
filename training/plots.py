"""Plots of the training and of the model's confusions."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no display needed

import matplotlib.pyplot as plt
import torch


def learning_curve(log: Path, file: Path) -> None:
    """Draws accuracy on the held-out pictures and the training loss over the pictures seen."""
    with open(log, encoding="utf-8", newline="") as lines:
        history = list(csv.DictReader(lines))
    images = [float(record["images"]) / 1e6 for record in history]
    figure, left = plt.subplots(figsize=(8, 4.5), constrained_layout=True)
    for name in ("top5", "top1", "worst_class"):
        shares = [100 * float(record[name]) for record in history]
        left.plot(images, shares, label=name.replace("_", " "))
    left.set(xlabel="million pictures seen", ylabel="held-out training pictures, %", ylim=(0, 100))
    left.grid(alpha=0.3)
    left.legend(loc="lower right")
    right = left.twinx()
    right.plot(images, [float(record["loss"]) for record in history], color="grey", linestyle=":")
    right.set_ylabel("training loss (dotted)")
    figure.savefig(file, dpi=100)
    plt.close(figure)


def confusion_matrix(shares: torch.Tensor, labels: list[str], file: Path) -> None:
    """Plots the matrix: rows are the truth, columns the answers."""
    figure, axes = plt.subplots(figsize=(13, 12), constrained_layout=True)
    shown = axes.imshow(shares.sqrt(), cmap="magma_r", vmin=0, vmax=1)  # sqrt: small shares are visible too
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set(xlabel="answer", ylabel="truth")
    bar = figure.colorbar(shown, ticks=[0, 0.1**0.5, 0.5, 0.5**0.5, 1], shrink=0.7)
    bar.ax.set_yticklabels(["0 %", "10 %", "25 %", "50 %", "100 %"])
    figure.savefig(file, dpi=90)
    plt.close(figure)
