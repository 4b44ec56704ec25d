"""ResNet-18 with torchvision's tensor names, and an extra head for the teacher's classes."""

from __future__ import annotations

import torch
from torch import nn

from learner import Learner

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
WIDTHS = (64, 128, 256, 512)
FEATURES = WIDTHS[-1]


def normalise(images: torch.Tensor) -> torch.Tensor:
    """Converts [B, 3, H, W] in 0..1 to the network's input."""
    # Per channel: a tensor of means would have to be copied to the GPU at every step.
    channels = [(images[:, k] - MEAN[k]) / DEVIATION[k] for k in range(3)]
    return torch.stack(channels, 1)


class BasicBlock(nn.Module):
    """x + F(x): two 3x3 convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(outputs))
        nn.init.zeros_(self.bn2.weight)  # each block starts as its shortcut alone

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        residual = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(residual + shortcut)


class ResNet18(nn.Module):
    """Images [B, 3, H, W], normalised, to logits [B, classes]."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = WIDTHS[0]
        for number, outputs in enumerate(WIDTHS, 1):
            first = BasicBlock(inputs, outputs, 1 if number == 1 else 2)
            setattr(self, f"layer{number}", nn.Sequential(first, BasicBlock(outputs, outputs, 1)))
            inputs = outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(FEATURES, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Returns [B, 512]: the last block's output, averaged over the picture."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.avgpool(x).flatten(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.features(x))


class Student(Learner):
    """The network with normalisation of images in 0..1 and, if the teacher has its own classes, a second linear head
    for them, for training only.
    """

    def __init__(self, net: ResNet18, teacher_classes: int = 0) -> None:
        super().__init__()
        self.net = net
        self.teacher_head = nn.Linear(FEATURES, teacher_classes) if teacher_classes else None

    def forward(self, images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        features = self.net.features(normalise(images))
        answer = self.net.fc(features)
        return answer if self.teacher_head is None else (answer, self.teacher_head(features))
