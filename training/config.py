"""Everything that a run can be changed by. A checkpoint remembers it."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    """Numbers of one training stage; "progress" is pictures seen / `images`, 0..1."""

    name: str  # of the stage, and of its folder
    start_from: str | None  # the stage whose averaged weights it starts from
    images: int  # pictures seen in all, foreign ones included
    known: int  # of a batch: pictures of the classes
    foreign: int  # of a batch: pictures of none of them
    phases: tuple[tuple[float, int], ...]  # (until, pixels)
    rate: float  # SGD with Nesterov momentum; cosine to 0
    label_share: float  # of the target; the rest is the teacher's probe
    distillation: float  # weight of the loss on the teacher's 1000 classes
    seed: int = 50
    views: int = 2  # of each picture that the teacher has looked at; the first is the whole
    warmup: int = 500  # steps
    momentum: float = 0.9
    decay: float = 5e-4  # of matrices only
    clip: float = 5.0  # largest norm of the gradient
    average: float = 0.999  # of the weights (EMA), each step
    smoothing: float = 0.05  # of the label
    temperature: float = 2.0  # of the distillation
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
        """Returns the pixels of the training crops at a step."""
        return next(size for until, size in self.phases if step < until * self.steps)

    def differences(self, other: dict) -> list[str]:
        """Names the values that differ from a saved configuration's; `images` may be changed."""
        mine = asdict(self)
        return [name for name in mine if name != "images" and mine[name] != other.get(name)]


PRETRAIN = Config(
    name="pretrain",
    start_from=None,
    images=4_000_000,
    known=96,
    foreign=0,
    phases=((1.0, 64),),
    rate=0.15,
    label_share=1.0,  # there is no probe of these classes: the teacher speaks through its own
    distillation=1.0,
)
FINETUNE = Config(
    name="finetune",
    start_from="pretrain",
    images=2_600_000,
    known=80,
    foreign=16,
    phases=((0.45, 64), (0.85, 96), (1.0, 128)),
    rate=0.05,
    label_share=0.3,
    distillation=0.5,
    views=4,
)
STAGES = (PRETRAIN, FINETUNE)
