"""The numbers of an evaluation as Markdown tables."""

from __future__ import annotations

import torch

PAIRS = 10
THRESHOLDS = range(30, 81, 5)  # percent


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def confusions(shares: torch.Tensor, names: list[str]) -> list[dict]:
    """Returns the PAIRS largest shares off the diagonal."""
    wrong = shares.clone().fill_diagonal_(0).flatten()
    values, places = wrong.topk(PAIRS)
    return [
        {"truth": names[place // len(names)], "answer": names[place % len(names)], "share": value}
        for value, place in zip(values.tolist(), places.tolist())
    ]


def markdown(numbers: dict, names: list[str]) -> str:
    order = sorted(range(len(names)), key=lambda c: numbers["per_class"][c])
    curve = [p for p in numbers["abstention"] if round(100 * p["threshold"]) in THRESHOLDS]
    parts = [
        table(
            [f"at {numbers['size']} px", f"{numbers['images']} val pictures"],
            [
                ["top-1, mean over classes", percent(numbers["top1"])],
                ["top-1, all pictures", percent(numbers["top1_all"])],
                ["top-5, mean over classes", percent(numbers["top5"])],
                ["calibration error, 15 bins, as trained", f"{numbers['ece_before']:.3f}"],
                [f"the same at temperature {numbers['temperature']}", f"{numbers['ece']:.3f}"],
                ["the same, fitted on the other half", f"{numbers['ece_crossed']:.3f}"],
                [f"foreign refused below {numbers['threshold']}", percent(numbers["refused"])],
                ["right answers lost by that", percent(numbers["lost"])],
            ],
        ),
        table(
            ["threshold", f"refused of {numbers['foreign_images']} foreign", "right answers lost"],
            [[str(p["threshold"]), percent(p["refused"]), percent(p["lost"])] for p in curve],
        ),
        table(["input, px", "top-1"], [[str(s), percent(a)] for s, a in numbers["sizes"].items()]),
        table(["picture", "top-1"], [[c, percent(a)] for c, a in numbers["robustness"].items()]),
        table(
            ["truth", "answer", "share of the truth"],
            [[p["truth"], p["answer"], percent(p["share"])] for p in numbers["confusions"]],
        ),
        table(["class", "top-1"], [[names[c], percent(numbers["per_class"][c])] for c in order]),
    ]
    return "\n\n".join(parts) + "\n"
