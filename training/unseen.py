"""Writes the features of pictures of classes that the model was not trained to name.

`python unseen.py --data WEBCAM50 --tiny TINY.git --mini MINI.git WEIGHTS OUT`: the validation pictures of
mini-ImageNet, without the classes that a label uses, as the product prepares them. OUT is a safetensors file:
`features` [N, 512], `mirrored` [N, 512] of the same pictures mirrored, `classes` [N]. `bench/teach/quality.mjs`
measures teaching on it.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from errors import main
from foreign import split
from git_blobs import blobs, read
from model import ResNet18
from preprocess import BATCH, batch
from webcam50 import decode

SIZE = 128


def network(weights: Path) -> ResNet18:
    state = {name: value.float() for name, value in load_file(weights).items()}
    net = ResNet18(len(state["fc.bias"]))
    net.load_state_dict(state, strict=False)  # num_batches_tracked is not always there
    return net.eval()


@torch.inference_mode()
def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with manifest.tsv")
    parser.add_argument("--tiny", type=Path, required=True)
    parser.add_argument("--mini", type=Path, required=True)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with open(options.data / "manifest.tsv", encoding="utf-8", newline="") as file:
        used = {row[4] for row in csv.reader(file, delimiter="\t")}
    trained, _ = split(options.data, options.tiny, options.mini)
    found = [(path.split("/")[1], name) for path, name in blobs(options.mini, "val")]
    found = [(wnid, name) for wnid, name in found if wnid not in used]
    names = sorted({wnid for wnid, _ in found})
    strangers = sum(name in trained for name in names)
    print(f"{len(names)} classes, {strangers} of them strangers in training, {len(found)} pictures")
    net = network(options.weights)
    contents = list(read(options.mini, [name for _, name in found]))
    plain, mirrored = [], []
    for start in range(0, len(found), BATCH):
        images = [decode(content, "") for content in contents[start : start + BATCH]]
        inputs = batch(images, SIZE)
        plain.append(net.features(inputs))
        mirrored.append(net.features(inputs.flip(3)))
    classes = np.array([names.index(wnid) for wnid, _ in found])
    tensors = {
        "features": torch.cat(plain),
        "mirrored": torch.cat(mirrored),
        "classes": torch.from_numpy(classes.astype(np.int32)),
    }
    save_file(tensors, options.out)


if __name__ == "__main__":
    main(run)
