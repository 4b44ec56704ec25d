"""Writes the features of pictures of classes that the model has never seen.

`python unseen.py --data WEBCAM50 --tiny TINY.git --mini MINI.git WEIGHTS OUT`: the classes on which abstention is
measured and which no stage trains on, with pictures of Tiny-ImageNet's `train`, preprocessed as in the product. OUT is
a safetensors file: `features` [N, 512], `classes` [N]. `bench/teach/quality.mjs` measures teaching on it.
"""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from errors import main
from foreign import split, wnid
from git_blobs import blobs, read
from model import ResNet18
from preprocess import BATCH, batch
from webcam50 import decode

SIZE = 128
PER_CLASS = 60  # 40 examples and 20 test pictures


def network(weights: Path) -> ResNet18:
    state = {name: value.float() for name, value in load_file(weights).items()}
    net = ResNet18(len(state["fc.bias"]))
    net.load_state_dict(state, strict=False)  # num_batches_tracked may be missing
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
    wanted = split(options.data, options.tiny, options.mini).measured
    pictures = [(wnid(path), name) for path, name in blobs(options.tiny, "tiny-imagenet-200/train")]
    pictures = sorted(each for each in pictures if each[0] in wanted)
    groups = [list(group)[:PER_CLASS] for _, group in groupby(pictures, key=lambda each: each[0])]
    found = [(index, name) for index, group in enumerate(groups) for _, name in group]
    print(f"{len(groups)} classes, {len(found)} pictures")
    net = network(options.weights)
    contents = list(read(options.tiny, [name for _, name in found]))
    features = []
    for start in range(0, len(found), BATCH):
        images = [decode(content, "") for content in contents[start : start + BATCH]]
        features.append(net.features(batch(images, SIZE)))
    classes = torch.tensor([index for index, _ in found], dtype=torch.int32)
    tensors = {"features": torch.cat(features), "classes": classes}
    save_file(tensors, options.out)


if __name__ == "__main__":
    main(run)
