"""The module that a stage trains: a wrapper around the network whose weights are kept."""

from __future__ import annotations

import torch
from torch import nn


class Learner(nn.Module):
    """A wrapper; its `net` is the network whose weights are kept."""

    net: nn.Module

    def weights(self) -> dict[str, torch.Tensor]:
        """Returns the weights that are kept."""
        return self.net.state_dict()

    def load(self, weights: dict[str, torch.Tensor]) -> None:
        """Loads weights; a head with a different number of classes keeps its initial weights."""
        own = self.net.state_dict()
        self.net.load_state_dict({name: value for name, value in weights.items()
                                  if value.shape == own[name].shape}, strict=False)
