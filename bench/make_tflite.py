"""Writes the LiteRT (TensorFlow Lite) model of a ResNet from its safetensors file; needs no torch.

    python make_tflite.py IN.safetensors OUT.tflite --size 224

It is what LiteRT's converters produce: channels last, batch norms folded into the convolutions, ReLU fused into the
operation before it, and padding as a separate step where it differs from TensorFlow's.
"""

import argparse
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl
from safetensors.numpy import load_file

EPSILON = 1e-5

# TensorFlow's padding is asymmetric at stride 2, PyTorch's is not.
SAME, VALID = tfl.Padding.SAME, tfl.Padding.VALID
NONE, RELU = tfl.ActivationFunctionType.NONE, tfl.ActivationFunctionType.RELU


class Graph:
    """A TFLite graph under construction; each operation returns its output's index.

    Shapes are [batch, height, width, channels].
    """

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights = weights
        self.codes = []
        self.operators = []
        self.tensors = []
        # The first buffer is the empty one, which all computed tensors use.
        self.buffers = [tfl.BufferT()]

    def tensor(self, name: str, shape, array: np.ndarray | None = None) -> int:
        tensor = tfl.TensorT(shape=list(shape), name=name, hasRank=True)
        if array is not None:
            tensor.buffer = len(self.buffers)
            tensor.type = {"f": tfl.TensorType.FLOAT32, "i": tfl.TensorType.INT32}[array.dtype.kind]
            self.buffers.append(tfl.BufferT(data=np.frombuffer(array.tobytes(), np.uint8)))
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, name: str, array: np.ndarray) -> int:
        return self.tensor(name, array.shape, array)

    def operation(self, kind: str, name: str, inputs: list[int], shape, **options) -> int:
        """Adds an operation; `kind` is its name in the schema, such as CONV_2D."""
        code = getattr(tfl.BuiltinOperator, kind)
        if code not in self.codes:
            self.codes.append(code)
        record = getattr(tfl, f"{OPTIONS[kind]}T")()
        vars(record).update(options)
        output = self.tensor(name, shape)
        self.operators.append(tfl.OperatorT(
            opcodeIndex=self.codes.index(code),
            inputs=inputs,
            outputs=[output],
            builtinOptionsType=getattr(tfl.BuiltinOptions, OPTIONS[kind]),
            builtinOptions=record,
        ))
        return output

    def pad(self, x: int, name: str, border: int) -> int:
        """Adds zeros around each channel."""
        n, height, width, channels = self.tensors[x].shape
        borders = np.array([[0, 0], [border] * 2, [border] * 2, [0, 0]], np.int32)
        shape = (n, height + 2 * border, width + 2 * border, channels)
        return self.operation("PAD", name, [x, self.constant(f"{name}.size", borders)], shape)

    def window(self, x: int, name: str, kernel: int, stride: int):
        """Returns the padding for a window that keeps the size (divided by the stride), and that size."""
        _, height, width, _ = self.tensors[x].shape
        padding = SAME
        if stride > 1:
            padding = VALID
            if kernel > 1:
                x = self.pad(x, f"{name}.pad", kernel // 2)
        return x, padding, (-(-height // stride), -(-width // stride))

    def conv(self, x: int, conv: str, norm: str, stride: int, activation: int) -> int:
        """Adds a convolution with its batch norm folded in."""
        weight = self.weights[f"{conv}.weight"].astype(np.float64)
        gamma, beta, mean, variance = (
            self.weights[f"{norm}.{tensor}"].astype(np.float64)
            for tensor in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + EPSILON)
        folded = (weight * scale[:, None, None, None]).transpose(0, 2, 3, 1)
        bias = (beta - mean * scale).astype(np.float32)
        x, padding, size = self.window(x, conv, weight.shape[2], stride)
        inputs = [
            x,
            self.constant(f"{conv}.weight", np.ascontiguousarray(folded, np.float32)),
            self.constant(f"{conv}.bias", bias),
        ]
        return self.operation(
            "CONV_2D", conv, inputs, (1, *size, weight.shape[0]),
            padding=padding, strideH=stride, strideW=stride, fusedActivationFunction=activation,
        )

    def block(self, x: int, name: str, stride: int) -> int:
        """Adds ReLU(shortcut + F(x)): two convolutions, or three in a bottleneck block."""
        bottleneck = f"{name}.conv3.weight" in self.weights
        strides = [1, stride, 1] if bottleneck else [stride, 1]
        f = x
        for number, each in enumerate(strides, 1):
            activation = RELU if number < len(strides) else NONE
            f = self.conv(f, f"{name}.conv{number}", f"{name}.bn{number}", each, activation)
        if f"{name}.downsample.0.weight" in self.weights:
            x = self.conv(x, f"{name}.downsample.0", f"{name}.downsample.1", stride, NONE)
        shape = self.tensors[f].shape
        return self.operation("ADD", name, [x, f], shape, fusedActivationFunction=RELU)

    def network(self, x: int) -> int:
        """Adds the layers up to the logits."""
        x = self.conv(x, "conv1", "bn1", 2, RELU)
        channels = self.tensors[x].shape[3]
        # After a ReLU, a border of zeros does not change a maximum.
        x, padding, size = self.window(x, "maxpool", 3, 2)
        x = self.operation(
            "MAX_POOL_2D", "maxpool", [x], (1, *size, channels),
            padding=padding, strideH=2, strideW=2, filterHeight=3, filterWidth=3,
        )
        for stage in range(1, 5):
            index = 0
            while f"layer{stage}.{index}.conv1.weight" in self.weights:
                stride = 2 if stage > 1 and index == 0 else 1
                x = self.block(x, f"layer{stage}.{index}", stride)
                index += 1
        axes = self.constant("avgpool.axes", np.array([1, 2], np.int32))
        classes, features = self.weights["fc.weight"].shape
        x = self.operation("MEAN", "avgpool", [x, axes], (1, features))
        head = [self.constant(name, self.weights[name].astype(np.float32))
                for name in ("fc.weight", "fc.bias")]
        return self.operation("FULLY_CONNECTED", "logits", [x, *head], (1, classes))


# The schema's name of each operation's options.
OPTIONS = {
    "ADD": "AddOptions",
    "CONV_2D": "Conv2DOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "PAD": "PadOptions",
}


def model(weights: dict[str, np.ndarray], size: int) -> bytes:
    """Returns the whole model: `input` [1, size, size, 3] to `logits` [1, classes]."""
    graph = Graph(weights)
    x = graph.tensor("input", (1, size, size, 3))
    logits = graph.network(x)
    made = tfl.ModelT(
        version=3,
        operatorCodes=[
            tfl.OperatorCodeT(deprecatedBuiltinCode=code, builtinCode=code, version=1)
            for code in graph.codes
        ],
        subgraphs=[tfl.SubGraphT(
            tensors=graph.tensors, inputs=[x], outputs=[logits], operators=graph.operators,
            name="main",
        )],
        buffers=graph.buffers,
        description="reslens",
    )
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(made.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=224, help="height and width of the input")
    args = parser.parse_args()
    args.out.write_bytes(model(load_file(args.weights), args.size))


if __name__ == "__main__":
    main()
