"""A linear classifier of the 50 classes on the teacher's features: the teacher's opinion in the
product's own words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

import teacher
from atomic_write import atomic_write
from metrics import per_class

EPOCHS, RATE, DECAY, DROPOUT, BATCH = 10, 1e-3, 0.05, 0.3, 512


def fit(values: torch.Tensor, classes: torch.Tensor, count: int) -> Callable:
    """Returns a function of features [N, FEATURES] to logits [N, count], fitted to `values`."""
    centre, spread = values.mean(0), values.std(0) + 1e-4
    linear = torch.nn.Linear(teacher.FEATURES, count)
    optimiser = torch.optim.AdamW(linear.parameters(), RATE, weight_decay=DECAY)
    for _ in tqdm(range(EPOCHS), desc="probe", unit="epoch"):
        for batch in torch.randperm(len(values)).split(BATCH):
            inputs = F.dropout((values[batch] - centre) / spread, DROPOUT)
            loss = F.cross_entropy(linear(inputs), classes[batch], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    linear.requires_grad_(False)
    return lambda inputs: linear((inputs - centre) / spread)


def load(lessons: teacher.Lessons, classes: torch.Tensor, val: tuple[np.ndarray, np.ndarray],
         work: Path, seed: int) -> torch.Tensor:
    """Returns [N, V, C] f16, the probe's logits of every view, fitted at the first call.

    `val` (pictures, classes) is only measured: it shows how good a teacher the student has.
    """
    file = work / "probe.pt"
    if file.is_file():
        return torch.load(file)
    seen = lessons.features.float()
    unseen = teacher.load(val[0], work, "val", 1, seed).features[:, 0].float()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        count = int(classes.max()) + 1
        judge = fit(seen.flatten(0, 1), classes.repeat_interleave(seen.shape[1]), count)
    accuracy = per_class(judge(unseen), torch.from_numpy(val[1])).mean()
    print(f"the teacher's probe: {accuracy:.1%} of val, mean over classes")
    opinions = judge(seen).half()
    with atomic_write(file) as out:
        torch.save(opinions, out)
    return opinions
