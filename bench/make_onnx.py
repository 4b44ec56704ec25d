"""Writes the ONNX model of a ResNet from its safetensors file; needs no torch.

    python make_onnx.py IN.safetensors OUT.onnx --size 224

Batch norms stay separate nodes: folding them is the runtime's work, and runtimes do it at load.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 17
EPSILON = 1e-5


class Graph:
    """An ONNX graph under construction; each method adds a node and returns its output's name."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights = weights
        self.nodes = []
        self.used = {}

    def node(self, kind: str, name: str, *inputs: str, **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def weight(self, name: str) -> str:
        array = self.weights[name].astype(np.float32)
        self.used[name] = numpy_helper.from_array(array, name)
        return name

    def conv(self, x: str, conv: str, norm: str, stride: int) -> str:
        """Adds a convolution that keeps the size (divided by the stride), and its batch norm."""
        kernel = self.weights[f"{conv}.weight"].shape[2]
        x = self.node(
            "Conv", conv, x, self.weight(f"{conv}.weight"),
            kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4,
        )
        tensors = ("weight", "bias", "running_mean", "running_var")
        inputs = [self.weight(f"{norm}.{tensor}") for tensor in tensors]
        return self.node("BatchNormalization", norm, x, *inputs, epsilon=EPSILON)

    def block(self, x: str, name: str, stride: int) -> str:
        """Adds ReLU(shortcut + F(x)): two convolutions, or three in a bottleneck block."""
        bottleneck = f"{name}.conv3.weight" in self.weights
        last = 3 if bottleneck else 2
        strided = 2 if bottleneck else 1
        f = x
        for number in range(1, last + 1):
            f = self.conv(f, f"{name}.conv{number}", f"{name}.bn{number}",
                          stride if number == strided else 1)
            if number < last:
                f = self.node("Relu", f"{name}.relu{number}", f)
        if f"{name}.downsample.0.weight" in self.weights:
            x = self.conv(x, f"{name}.downsample.0", f"{name}.downsample.1", stride)
        return self.node("Relu", f"{name}.relu", self.node("Add", f"{name}.add", x, f))

    def network(self, x: str) -> str:
        """Adds the layers up to the logits."""
        x = self.node("Relu", "relu", self.conv(x, "conv1", "bn1", 2))
        x = self.node(
            "MaxPool", "maxpool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
        )
        for stage in range(1, 5):
            index = 0
            while f"layer{stage}.{index}.conv1.weight" in self.weights:
                stride = 2 if stage > 1 and index == 0 else 1
                x = self.block(x, f"layer{stage}.{index}", stride)
                index += 1
        x = self.node("Flatten", "flatten", self.node("GlobalAveragePool", "avgpool", x))
        return self.node(
            "Gemm", "logits", x, self.weight("fc.weight"), self.weight("fc.bias"), transB=1
        )


def model(weights: dict[str, np.ndarray], size: int) -> onnx.ModelProto:
    """Returns the whole model: `input` [1, 3, size, size] to `logits` [1, classes]."""
    graph = Graph(weights)
    logits = graph.network("input")
    classes = weights["fc.bias"].shape[0]
    proto = helper.make_graph(
        graph.nodes,
        "resnet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info(logits, TensorProto.FLOAT, [1, classes])],
        list(graph.used.values()),
    )
    opset = helper.make_opsetid("", OPSET)
    made = helper.make_model(proto, opset_imports=[opset], producer_name="reslens")
    # The version that belongs to the opset: older runtimes refuse newer ones.
    made.ir_version = helper.find_min_ir_version_for([opset])
    onnx.checker.check_model(made, full_check=True)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=224, help="height and width of the input")
    args = parser.parse_args()
    onnx.save(model(load_file(args.weights), args.size), args.out)


if __name__ == "__main__":
    main()
