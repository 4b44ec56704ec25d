"""All settings of a run. A checkpoint stores them."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    """Numbers of one training stage; "progress" is 0..1, see `train.progress`."""

    name: str  # of the stage, and of its folder
    images: int  # pictures seen in total, including foreign ones
    known: int  # of a batch: pictures of the classes
    foreign: int  # of a batch: pictures of none of them
    phases: tuple[tuple[float, int], ...]  # (until this progress, pixels of the training crops)
    optimiser: str  # "sgd" with Nesterov momentum, or "adamw"
    rate: float  # highest; half a cosine to 0
    decay: float  # of matrices only
    average: float  # decay of the averaged weights (EMA) per step
    label_share: float  # of the target; the rest is the fine-tuned teacher's answer
    distillation: float  # weight of the loss on the original teacher's 1000 classes
    teacher_pixels: int  # size at which the teacher sees the student's crop
    colours: float
    cutmix: float  # share of batches
    extras: float = 0.4  # of a class's samples: further pictures of its synsets, if it has any
    seed: int = 50
    warmup: int = 300  # steps
    momentum: float = 0.9
    clip: float = 5.0  # largest norm of the gradient
    smoothing: float = 0.05  # of the label
    temperature: float = 2.0  # of the distillation
    area: float = 0.3  # smallest share of a picture that a crop shows
    turn: float = 0.14  # radians; standard deviation of the camera's roll
    blur: float = 0.15  # share of pictures
    noise: float = 0.2  # share of pictures

    @property
    def batch(self) -> int:
        return self.known + self.foreign

    def size(self, progress: float) -> int:
        """Returns the pixels of the training crops."""
        return next((size for until, size in self.phases if progress < until), self.phases[-1][1])

    def differences(self, other: dict) -> list[str]:
        """Names the values that differ from a saved configuration's; `images` may be changed."""
        mine = asdict(self)
        return [name for name in mine if name != "images" and mine[name] != other.get(name)]


PRETRAIN = Config(
    name="pretrain",
    images=6_000_000,
    known=512,
    foreign=0,
    phases=((0.6, 64), (1.0, 96)),
    optimiser="sgd",
    rate=0.6,
    decay=3e-4,
    average=0.998,
    label_share=1.0,
    distillation=1.0,
    teacher_pixels=128,
    colours=0.4,
    cutmix=0.3,
)
TEACHER = Config(
    name="teacher",
    images=500_000,
    known=208,
    foreign=48,
    phases=((1.0, 128),),
    optimiser="adamw",
    rate=5e-4,
    decay=0.02,
    average=0.99,
    label_share=1.0,  # the teacher has no teacher
    distillation=0.0,
    teacher_pixels=160,
    colours=0.4,
    cutmix=0.2,
    smoothing=0.1,
    warmup=100,
)
FINETUNE = Config(
    name="finetune",
    images=3_500_000,
    known=416,
    foreign=96,
    phases=((0.5, 96), (1.0, 112)),
    optimiser="sgd",
    rate=0.25,
    decay=5e-4,
    average=0.998,
    label_share=0.25,
    distillation=0.0,
    teacher_pixels=160,
    colours=0.45,
    cutmix=0.4,
)
STAGES = (PRETRAIN, TEACHER, FINETUNE)

# How much likelier a label is in front of a webcam than each other label; training draws all equally often.
PRIORS = {"person": 2.0}
