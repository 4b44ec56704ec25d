"""Measures a model: `python evaluate.py --data DIR --tiny GIT_DIR --mini GIT_DIR [--model FILE]`.

Without --model, measures the result of train.py. Writes report.json, report.md, confusion.png and, if there is a log,
learning-curve.png into WORK/evaluation. Pictures are preprocessed as in the product.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file
from tqdm import tqdm

import corruptions
import export
import foreign
import metrics
import plots
import preprocess
import report
import webcam50
from config import FINETUNE
from errors import UserError, main
from model import ResNet18

SIZES = (96, 128, 160, 192, 224)
LOST = 0.12  # share of right answers that abstaining may cost


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with val.tar")
    parser.add_argument("--tiny", type=Path, required=True, help="git directory of Tiny-ImageNet")
    parser.add_argument("--mini", type=Path, required=True, help="git directory of mini-ImageNet")
    parser.add_argument("--work", type=Path, default=Path("../.cache/training"))
    parser.add_argument("--model", type=Path, help="a .safetensors file instead of the checkpoint")
    parser.add_argument("--size", type=int, default=128, help="input size, a multiple of 32")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def network(options: argparse.Namespace, classes: int) -> torch.nn.Module:
    if options.model is None:
        net = export.trained(options.work, classes)
    else:
        if not options.model.is_file():
            raise UserError(f"{options.model} is missing")
        state = {name: value.float() for name, value in load_file(options.model).items()}
        if len(state["fc.bias"]) != classes:
            found = len(state["fc.bias"])
            raise UserError(f"{options.model}: expected {classes} outputs, found {found}")
        net = ResNet18(classes)
        net.load_state_dict(state, strict=False)  # some files lack batch norm's step counters
    return net.eval().to(memory_format=torch.channels_last)


def robustness(net: torch.nn.Module, images: list[Image.Image], truth: torch.Tensor,
               size: int) -> dict[str, float]:
    """Returns the accuracy, averaged over classes, under each condition."""
    squares = [Image.fromarray(webcam50.square(image, size)) for image in images]
    out = {}
    for name, change in tqdm(corruptions.CONDITIONS.items(), desc="robustness"):
        logits = preprocess.logits(net, [change(image) for image in squares], size)
        out[name] = metrics.per_class(logits, truth).mean().item()
    return out


def crossed(logits: torch.Tensor, truth: torch.Tensor) -> float:
    """Returns the calibration error where each half of val gets the other half's temperature."""
    halves = [torch.arange(start, len(truth), 2) for start in (0, 1)]
    errors = [
        metrics.calibration_error(logits[a], truth[a], metrics.temperature(logits[b], truth[b]))
        for a, b in (halves, halves[::-1])
    ]
    return sum(errors) / 2


def measure(net: torch.nn.Module, images: list[Image.Image], truth: torch.Tensor,
            strangers: list[Image.Image], size: int) -> tuple[dict, torch.Tensor]:
    """Returns (the numbers, the confusion matrix)."""
    logits = preprocess.logits(net, images, size)
    temperature = metrics.temperature(logits, truth)
    curve = metrics.abstention(logits, truth, preprocess.logits(net, strangers, size), temperature)
    chosen = max((p for p in curve if p["lost"] <= LOST), key=lambda p: p["threshold"])
    numbers = {
        "size": size,
        "images": len(images),
        "foreign_images": len(strangers),
        "top1": metrics.per_class(logits, truth).mean().item(),
        "top1_all": (logits.argmax(1) == truth).float().mean().item(),
        "top5": metrics.per_class(logits, truth, 5).mean().item(),
        "temperature": temperature,
        "ece_before": metrics.calibration_error(logits, truth, 1.0),
        "ece": metrics.calibration_error(logits, truth, temperature),
        "ece_crossed": crossed(logits, truth),
        "threshold": chosen["threshold"],
        "refused": chosen["refused"],
        "lost": chosen["lost"],
        "abstention": curve,
        "per_class": metrics.per_class(logits, truth).tolist(),
    }
    return numbers, metrics.confusion(logits, truth)


def run() -> None:
    options = arguments()
    if options.size % 32 or options.size <= 0:
        raise UserError(f"--size must be a multiple of 32, found {options.size}")
    torch.set_num_threads(options.threads)
    names = webcam50.labels(options.data)
    net = network(options, len(names))
    images, truth = preprocess.validation(options.data)
    strangers = foreign.measured(options.data, options.tiny, options.mini)
    numbers, confusion = measure(net, images, truth, strangers, options.size)
    numbers["sizes"] = {}
    for size in tqdm(SIZES, desc="sizes"):
        logits = preprocess.logits(net, images, size)
        numbers["sizes"][size] = metrics.per_class(logits, truth).mean().item()
    numbers["robustness"] = robustness(net, images, truth, options.size)
    numbers["confusions"] = report.confusions(confusion, names)
    out = options.work / "evaluation" / (options.model.stem if options.model else "")
    out.mkdir(parents=True, exist_ok=True)
    plots.confusion_matrix(confusion, names, out / "confusion.png")
    log = options.work / FINETUNE.name / "log.csv"
    if options.model is None and log.is_file():
        plots.learning_curve(log, out / "learning-curve.png")
    (out / "report.json").write_text(json.dumps(numbers, indent=1), encoding="utf-8")
    text = report.markdown(numbers, names)
    (out / "report.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(run)
