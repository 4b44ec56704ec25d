"""What a stage trains: a network in a wrapper, of which the network's weights are kept."""

from __future__ import annotations

import torch
from torch import nn


class Learner(nn.Module):
    """Has the network whose weights are kept as `net`."""

    net: nn.Module

    def weights(self) -> dict[str, torch.Tensor]:
        """Returns what is kept of it."""
        return self.net.state_dict()

    def load(self, weights: dict[str, torch.Tensor]) -> None:
        """Takes weights over; a head of another number of classes stays as it was drawn."""
        own = self.net.state_dict()
        self.net.load_state_dict({name: value for name, value in weights.items()
                                  if value.shape == own[name].shape}, strict=False)
