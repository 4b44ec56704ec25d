"""Everything that a run can be changed by. A checkpoint remembers it."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    """Numbers of one training run; "progress" is images seen / `images`, 0..1."""

    seed: int = 50
    images: int = 1_500_000  # pictures seen in all, foreign ones included
    known: int = 80  # of a batch: pictures of the 50 classes
    foreign: int = 16  # of a batch: pictures of none of them
    phases: tuple[tuple[float, int], ...] = ((0.35, 48), (0.75, 64), (1.0, 96))  # (until, pixels)
    rate: float = 0.15  # SGD with Nesterov momentum; cosine to 0
    warmup: int = 500  # steps
    momentum: float = 0.9
    decay: float = 5e-4  # of matrices only
    clip: float = 5.0  # largest norm of the gradient
    average: float = 0.999  # of the weights (EMA), each step
    truth: float = 0.3  # share of the label in the target; the rest is the teacher's probe
    smoothing: float = 0.05  # of the label
    listen: float = 0.5  # weight of the loss on the teacher's 1000 classes
    temperature: float = 2.0  # of that loss
    cutmix: float = 0.4  # share of batches
    jitter: float = 0.1  # of the teacher's views
    foreign_area: float = 0.5  # smallest share of a foreign picture that is shown
    turn: float = 0.14  # radians; standard deviation of the camera's roll
    colours: float = 0.45
    blur: float = 0.15
    noise: float = 0.2

    @property
    def batch(self) -> int:
        return self.known + self.foreign

    @property
    def steps(self) -> int:
        return self.images // self.batch

    def size(self, step: int) -> int:
        """Pixels of the training crops at a step."""
        return next(size for until, size in self.phases if step < until * self.steps)

    def differences(self, other: dict) -> list[str]:
        """Names that differ from a saved configuration, but for `images`, which may be changed."""
        mine = asdict(self)
        return [name for name in mine if name != "images" and mine[name] != other.get(name)]
