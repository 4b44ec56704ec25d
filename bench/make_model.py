"""Writes a ResNet with seeded weights: a state dict named and shaped as torchvision's.

    python make_model.py resnet18 OUT.safetensors

The weights come from the test fixtures' generator, for 1000 classes: a network's speed does not depend on what it has
learned, and nothing has to be downloaded.
"""

import argparse
import sys
from pathlib import Path

from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/fixtures"))

import generator  # noqa: E402

CLASSES = 1000

# Blocks per stage, and whether they are bottlenecks.
ARCHITECTURES = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
    "resnet152": ((3, 8, 36, 3), True),
}


def batch_norm(name: str, channels: int):
    """Returns the names and shapes of a batch norm's tensors."""
    for tensor in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{tensor}", (channels,)
    yield f"{name}.num_batches_tracked", ()


def tensors(blocks: tuple[int, ...], bottleneck: bool):
    """Returns the names and shapes of all tensors, in the network's order."""
    expansion = 4 if bottleneck else 1
    yield "conv1.weight", (64, 3, 7, 7)
    yield from batch_norm("bn1", 64)
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 << stage
        for index in range(count):
            block = f"layer{stage + 1}.{index}"
            if bottleneck:
                shapes = [(width, channels, 1, 1), (width, width, 3, 3), (4 * width, width, 1, 1)]
            else:
                shapes = [(width, channels, 3, 3), (width, width, 3, 3)]
            for number, shape in enumerate(shapes, 1):
                yield f"{block}.conv{number}.weight", shape
                yield from batch_norm(f"{block}.bn{number}", shape[0])
            if index == 0 and (stage > 0 or bottleneck):
                yield f"{block}.downsample.0.weight", (width * expansion, channels, 1, 1)
                yield from batch_norm(f"{block}.downsample.1", width * expansion)
            channels = width * expansion
    yield "fc.weight", (CLASSES, channels)
    yield "fc.bias", (CLASSES,)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("architecture", choices=ARCHITECTURES)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    blocks, bottleneck = ARCHITECTURES[args.architecture]
    state = {
        name: generator.weight(name, shape, bottleneck)
        for name, shape in tensors(blocks, bottleneck)
    }
    save_file(state, args.out)


if __name__ == "__main__":
    main()
