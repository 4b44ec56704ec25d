"""Runs onnxruntime as a native library, one step per line of input, so that it can take turns with the browser.

    python native.py MODEL.onnx INPUT.f32 SIZE THREADS

Writes a line of JSON once the model is loaded and has run once, and one for each line that it reads: `turn` runs twice
and times the second run, `logits` runs once. Ends when its input ends.
"""

import json
import sys
from time import perf_counter

import numpy as np
import onnxruntime


def say(**message) -> None:
    print(json.dumps(message), flush=True)


def main() -> None:
    path, input_path, size, threads = sys.argv[1:]
    x = np.fromfile(input_path, np.float32).reshape(1, 3, int(size), int(size))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(threads)
    options.inter_op_num_threads = 1

    start = perf_counter()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    ready = perf_counter()

    def infer():
        return session.run(None, {"input": x})[0].ravel()

    logits = infer()
    first = perf_counter()
    say(
        loadMs=1000 * (ready - start),
        firstMs=1000 * (first - ready),
        logits=logits.tolist(),
        version=onnxruntime.__version__,
    )
    for line in sys.stdin:
        match line.strip():
            case "turn":
                infer()
                start = perf_counter()
                infer()
                say(ms=1000 * (perf_counter() - start))
            case "logits":
                say(logits=infer().tolist())
            case other:
                sys.exit(f"unknown command: {other!r}")


if __name__ == "__main__":
    main()
