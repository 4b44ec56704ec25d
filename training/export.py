"""Writes the result of train.py as a model file of the product: `python export.py --data DIR OUT`.

Half precision, torchvision's names; the metadata holds what evaluate.py measured. The priors of
config.py are added here: `evaluate.py --model OUT` measures the file as it is.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import torch
from safetensors.torch import save

import checkpoint
import webcam50
from atomic_write import atomic_write
from config import FINETUNE, PRIORS
from errors import UserError, main
from model import ResNet18

LICENCE = (
    "Weights for research and demonstration only: trained on pictures of which nine tenths derive "
    "from ImageNet, which is for non-commercial research; no picture is included."
)


def trained(work: Path, classes: int) -> ResNet18:
    """Returns the network of the last stage: its averaged weights, in half precision."""
    state = checkpoint.weights(work, FINETUNE.name)
    if len(state["fc.bias"]) != classes:
        raise UserError(f"{work}: expected {classes} outputs, found {len(state['fc.bias'])}")
    net = ResNet18(classes)
    net.load_state_dict(state)
    return net.eval()


def expect(net: ResNet18, names: list[str], temperature: float) -> None:
    """Moves `fc.bias` so that a label's odds at this temperature are PRIORS' times as high."""
    with torch.no_grad():
        for name, prior in PRIORS.items():
            net.fc.bias[names.index(name)] += temperature * math.log(prior)


def metadata(names: list[str], measured: dict) -> dict[str, str]:
    """Returns the product's metadata; all values are strings."""
    return {
        "format": "pt",
        "reslens.architecture": "resnet18",
        "reslens.labels": json.dumps(names),
        "reslens.input_size": str(measured["size"]),
        "reslens.resize": str(measured["size"]),
        "reslens.mean": json.dumps([0.485, 0.456, 0.406]),
        "reslens.std": json.dumps([0.229, 0.224, 0.225]),
        "reslens.interpolation": "bilinear",
        "reslens.temperature": str(measured["temperature"]),
        "reslens.abstain_below": str(measured["threshold"]),
        "reslens.licence": LICENCE,
        "reslens.card": "models/README.md",
    }


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with labels.txt")
    parser.add_argument("--work", type=Path, default=Path("../.cache/training"))
    parser.add_argument("out", type=Path, help="the .safetensors file to write")
    options = parser.parse_args()
    report = options.work / "evaluation" / "report.json"
    if not report.is_file():
        raise UserError(f"{report} is missing: run evaluate.py first")
    names = webcam50.labels(options.data)
    measured = json.loads(report.read_text(encoding="utf-8"))
    net = trained(options.work, len(names))
    expect(net, names, measured["temperature"])
    tensors = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in net.state_dict().items()
    }
    with atomic_write(options.out) as out:
        out.write(save(tensors, metadata(names, measured)))
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main(run)
