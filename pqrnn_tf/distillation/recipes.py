"""Recipes of distillation: plain lists of stages, each with its teacher, its text and its losses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.distillation.defaults import (
    STUDENT_LOSS_WEIGHT,
    TEMPERATURE,
    TRANSFORMER_RATES,
)
from pqrnn_tf.distillation.distances import check_temperature
from pqrnn_tf.distillation.latent import LatentLoss
from pqrnn_tf.distillation.weights import Weight, weight_to_json
from pqrnn_tf.tasks.growth import GrowthStage

if TYPE_CHECKING:
    from pqrnn_tf.tasks.config import TrainingConfig

PRETRAINED = "pretrained"
"""Name of the teacher as it was downloaded."""
FINE_TUNED = "fine-tuned"
"""Name of the teacher after its training on the task."""
GENERAL = "general"
"""Name of text from anywhere, without labels."""
TASK = "task"
"""Name of the training rows."""
TRANSFER = "transfer"
"""Name of text from the task's domain, without labels."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a distillation.

    Args:
        name: What logs and folders call it; each stage of a recipe has its own.
        data: Names of the data that are trained on together, in one shuffle.
        teacher: Name of the teacher; `None` to train on labels only.
        epochs: Passes over the data.
        steps: Optimizer steps instead; without either, the configuration's `epochs` count.
        temperature: Temperature of the soft labels. With a hundred classes and more, those of a higher temperature are
            mostly about classes that nobody considers.
        student_loss_weight: Share of the hard labels, or a schedule of it. Rows without labels have no
            part in the hard loss.
        output_weights: Weight of each output's distance, as in `Distiller`; `None` weighs the intent by
            1 and the slots by the configuration's `slot_weight`, as the hard loss does; `{}` with
            latent losses does not compare the outputs.
        distance: `"soft_labels"` or `"logits"`, as in `Distiller`.
        latent: Losses on hidden states.
        frozen: How many parts of the encoder stay as they are, counted from the input: the bottleneck
            is one part, each QRNN layer another.
        learning_rate: Peak of the schedule, which starts anew in each stage; `None` for the
            configuration's.
        regularisation: Factor on the configuration's dropout and zoneout, from 0 to 1. A student that reads
            more text than it can learn by heart needs less of them.
        growth: Sizes of the student in this stage, where it is smaller than the configuration says; it grows on the
            way to the next one.
        row_weights: Whether the losses weigh rows as the teacher's answers say (`student_weights`); the answers are
            cached then.

    Raises:
        ValueError: if an argument is out of range.
    """

    name: str
    data: tuple[str, ...] = (TASK,)
    teacher: str | None = FINE_TUNED
    epochs: int | None = None
    steps: int | None = None
    temperature: float = TEMPERATURE
    student_loss_weight: Weight = STUDENT_LOSS_WEIGHT
    output_weights: Mapping[str, Weight] | None = None
    distance: str = "soft_labels"
    latent: tuple[LatentLoss, ...] = ()
    frozen: int = 0
    learning_rate: float | None = None
    regularisation: float = 1.0
    growth: GrowthStage | None = None
    row_weights: bool = False

    def __post_init__(self) -> None:
        if not self.name or not set(self.name) <= _NAME_LETTERS:
            raise ValueError(
                "`name` must be a word of letters, digits, '_' and '-', because a folder is called "
                f"after it. Received: {self.name!r}."
            )
        if isinstance(self.data, str) or not self.data:
            raise ValueError(
                f"`data` must be a tuple of names. Received: {self.data!r} for stage {self.name!r}."
            )
        check_temperature(self.temperature)  # now, not when teachers have answered
        if self.epochs is not None and self.steps is not None:
            raise ValueError(
                "Only one of `epochs` and `steps` may be given. Received: "
                f"{self.epochs} and {self.steps} for stage {self.name!r}."
            )
        for field in ("epochs", "steps"):
            value = getattr(self, field)
            if value is not None and value < 1:
                raise ValueError(
                    f"`{field}` must be at least 1. Received: {value} for stage {self.name!r}."
                )
        if self.frozen < 0:
            raise ValueError(
                f"`frozen` must be at least 0. Received: {self.frozen} for stage {self.name!r}."
            )
        if not 0.0 <= self.regularisation <= 1.0:
            raise ValueError(
                "`regularisation` must be a factor from 0 to 1. Received: "
                f"{self.regularisation} for stage {self.name!r}."
            )
        if self.teacher is None and self.latent:
            raise ValueError(
                f"`latent` needs a teacher. Received: teacher=None for stage {self.name!r}."
            )
        if self.teacher is None and self.row_weights:
            raise ValueError(
                f"`row_weights` needs a teacher. Received: teacher=None for stage {self.name!r}."
            )

    def configured(self, config: TrainingConfig) -> TrainingConfig:
        """The configuration that the student is trained with in this stage."""
        if self.growth is not None:
            config = self.growth.configured(config)
        rates = {name: self.regularisation * getattr(config, name) for name in _REGULARISATION}
        return dataclasses.replace(
            config,
            epochs=self.epochs or config.epochs,
            learning_rate=self.learning_rate or config.learning_rate,
            **rates,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that tell one stage from another."""
        weights, values = self.output_weights, dict(vars(self))
        growth, row_weights = values.pop("growth"), values.pop("row_weights")
        return {
            **values,
            # Left out where there is none, so that the records of older trainings stay true.
            **({} if growth is None else {"growth": vars(growth)}),
            **({"row_weights": True} if row_weights else {}),
            "data": list(self.data),
            "student_loss_weight": weight_to_json(self.student_loss_weight),
            "output_weights": None
            if weights is None
            else {name: weight_to_json(weight) for name, weight in weights.items()},
            "latent": [loss.to_dict() for loss in self.latent],
        }


_REGULARISATION = ("dropout", "feature_dropout", "head_dropout", "zoneout")
"""Fields of the configuration that `Stage.regularisation` scales."""
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

_LATENT = (LatentLoss(distance="hidden", weight=1.0, layer=-1),)
"""The last layer against the teacher's states, through a learned map."""


def labels_only(*, steps: int | None = None) -> list[Stage]:
    """No teacher: what every distillation is compared with."""
    return [Stage(name="labels", teacher=None, steps=steps)]


def task_specific(
    *,
    data: Sequence[str] = (TASK, TRANSFER),
    temperature: float = Stage.temperature,
    student_loss_weight: Weight = Stage.student_loss_weight,
    latent: Sequence[LatentLoss] = (),
    steps: int | None = None,
) -> list[Stage]:
    """Soft and hard labels of the fine-tuned teacher in one stage.

    Hinton, Vinyals, Dean 2015 (arXiv 1503.02531); with transfer text Kaliamoorthi et al. 2021
    (arXiv 2101.08890).

    Args:
        data: Names of the data.
        temperature: Temperature of the soft labels.
        student_loss_weight: Share of the hard labels.
        latent: Losses on hidden states beside.
        steps: Optimizer steps; `None` for the configuration's epochs.
    """
    return [
        Stage(
            name="task_specific",
            data=tuple(data),
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            latent=tuple(latent),
            steps=steps,
        )
    ]


def sequential(
    *,
    unlabelled: Sequence[str] = (TRANSFER,),
    temperature: float = Stage.temperature,
    steps: int | None = None,
) -> list[Stage]:
    """Representations, then logits, on text without labels, then the labels.

    Mukherjee and Awadallah 2020 (*XtremeDistil*, arXiv 2004.05686, section 3): each loss in a stage of
    its own. They train each to convergence; here the stages share `steps` as 2 : 5 : 3.

    Args:
        unlabelled: Names of the data of the first two stages.
        temperature: Temperature of the soft labels.
        steps: Optimizer steps of all stages together; `None` for the configuration's epochs in each.
    """
    representation, logits, labels = _shares(steps, (0.2, 0.5, 0.3))
    return [
        Stage(
            name="representation",
            data=tuple(unlabelled),
            student_loss_weight=0.0,
            output_weights={},
            latent=_LATENT,
            steps=representation,
        ),
        Stage(
            name="logits",
            data=tuple(unlabelled),
            temperature=temperature,
            student_loss_weight=0.0,
            steps=logits,
        ),
        Stage(name="labels", teacher=None, steps=labels),
    ]


def four_stages(
    *,
    last: Sequence[str] = (TASK, TRANSFER),
    temperature: float = Stage.temperature,
    student_loss_weight: Weight = Stage.student_loss_weight,
    steps: int | None = None,
) -> list[Stage]:
    """General, general-enhanced, task-adaptive and task-specific distillation.

    Su et al. 2021 (*ERNIE-Tiny*, arXiv 2106.02241, section 3): one component changes from stage to
    stage: the teacher, then the text, then the losses. Their loss weights are not published; the
    stages share `steps` as 1 : 1 : 2 : 6.

    Args:
        last: Names of the data of the last two stages, which the paper calls task data.
        temperature: Temperature of the soft labels in the last stage.
        student_loss_weight: Share of the hard labels in the last stage.
        steps: Optimizer steps of all stages together; `None` for the configuration's epochs in each.
    """
    general, enhanced, adaptive, specific = _shares(steps, (0.1, 0.1, 0.2, 0.6))

    def latent_only(name: str, teacher: str, data: Sequence[str], steps: int | None) -> Stage:
        return Stage(
            name=name,
            teacher=teacher,
            data=tuple(data),
            student_loss_weight=0.0,
            output_weights={},
            latent=_LATENT,
            steps=steps,
        )

    return [
        latent_only("general", PRETRAINED, (GENERAL,), general),
        latent_only("general_enhanced", FINE_TUNED, (GENERAL,), enhanced),
        latent_only("task_adaptive", FINE_TUNED, last, adaptive),
        Stage(
            name="task_specific",
            data=tuple(last),
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            latent=_LATENT,
            steps=specific,
        ),
    ]


def tinybert(
    *,
    data: Sequence[str] = (TASK, TRANSFER),
    general: bool = True,
    temperature: float = Stage.temperature,
    steps: int | None = None,
    learning_rates: tuple[float, float] = TRANSFORMER_RATES,
) -> list[Stage]:
    """General, then task-specific distillation of a Transformer, for `distill_transformer`.

    Jiao et al. 2020 (*TinyBERT*, arXiv 1909.10351, section 3): first the inside of the pretrained teacher on general
    text, then that of the fine-tuned teacher on the text of the task, both without any loss on outputs; last its soft
    labels. The stages share `steps` as 3 : 3 : 4, or as 4 : 6 without general text; theirs are 3 passes over
    2.5 billion words, then 20 and 3 over each task's augmented rows.

    Args:
        data: Names of the data of the task.
        general: Whether there is general text.
        temperature: Temperature of the soft labels; theirs is 1.
        steps: Optimizer steps of all stages together; `None` for the configuration's epochs in each.
        learning_rates: Peak in the stages that compare what is inside, and in the last one.
    """
    shares = _shares(steps, (0.3, 0.3, 0.4) if general else (0.4, 0.6))

    def inside(name: str, teacher: str, data: Sequence[str], steps: int | None) -> Stage:
        return Stage(
            name=name,
            teacher=teacher,
            data=tuple(data),
            student_loss_weight=0.0,
            output_weights={},
            steps=steps,
            learning_rate=learning_rates[0],
        )

    first = [inside("general", PRETRAINED, (GENERAL,), shares[0])] if general else []
    return [
        *first,
        inside("task_layers", FINE_TUNED, data, shares[-2]),
        Stage(
            name="task_outputs",
            data=tuple(data),
            temperature=temperature,
            student_loss_weight=0.0,
            steps=shares[-1],
            learning_rate=learning_rates[1],
        ),
    ]


def with_gradual_unfreezing(
    stages: Sequence[Stage], *, layers: int, share: float = 0.08
) -> list[Stage]:
    """Thaws the encoder from the top, one part after the other, in the stages that train outputs.

    Mukherjee and Awadallah 2020 (arXiv 2004.05686, section 3.4): a student whose states were matched to
    a teacher's first learns its heads, then also its last layer, and so on down.

    Args:
        stages: A recipe with `steps` in its stages.
        layers: QRNN layers of the student.
        share: Share of a stage's steps that each frozen part of it takes; the rest is for the stage
            with nothing frozen.

    Returns:
        The recipe with each stage that trains outputs, except a first one, cut into `layers + 2`.

    Raises:
        ValueError: if a stage to cut has no `steps`, or there are too few of them.
    """
    result: list[Stage] = []
    for number, stage in enumerate(stages):
        if number == 0 or stage.output_weights == {}:
            result.append(stage)
            continue
        if stage.steps is None:
            raise ValueError(
                f"`stages` must have `steps` to be cut. Received: none in stage {stage.name!r}."
            )
        part = round(share * stage.steps)
        rest = stage.steps - part * (layers + 1)
        if part < 1 or rest < 1:
            raise ValueError(
                f"`share` must leave steps for {layers + 1} frozen parts and for the rest. Received: "
                f"{share} of {stage.steps} steps in stage {stage.name!r}."
            )
        result += [
            dataclasses.replace(
                stage,
                name=f"{stage.name}-frozen_{frozen}",
                frozen=frozen,
                steps=part,
                latent=tuple(loss for loss in stage.latent if _is_thawed(loss, frozen, layers)),
            )
            for frozen in range(layers + 1, 0, -1)
        ]
        result.append(dataclasses.replace(stage, steps=rest))
    return result


def with_growth(stages: Sequence[Stage], growth: Sequence[GrowthStage]) -> list[Stage]:
    """Lets the student grow in the first stage that trains outputs; each part of it has its own schedule of the rate.

    CompoundGrow (Gu et al. 2021, arXiv 2010.12562) grows depth, width and length together, stage by stage.

    Args:
        stages: A recipe with `steps` in that stage.
        growth: The parts of the stage before the student has its whole size; the rest of the steps is for that.

    Returns:
        The recipe with that stage cut into `len(growth) + 1`; the stages before it have the first part's sizes.

    Raises:
        ValueError: if the stage has no `steps`, or the shares leave a part without any.
    """
    number = next(i for i, stage in enumerate(stages) if stage.output_weights != {})
    stage = stages[number]
    if stage.steps is None:
        raise ValueError(
            f"`stages` must have `steps` to grow in. Received: none in stage {stage.name!r}."
        )
    parts = [round(part.share * stage.steps) for part in growth]
    rest = stage.steps - sum(parts)
    if min([*parts, rest]) < 1:
        raise ValueError(
            f"`growth` must leave steps for each part and for the whole size. Received: {parts} of {stage.steps} steps."
        )
    grown = [
        dataclasses.replace(stage, name=f"{stage.name}-growth_{place}", steps=part, growth=sizes)
        for place, (part, sizes) in enumerate(zip(parts, growth, strict=True), start=1)
    ]
    small = [dataclasses.replace(before, growth=growth[0]) for before in stages[:number]]
    return [*small, *grown, dataclasses.replace(stage, steps=rest), *stages[number + 1 :]]


def with_row_weights(stages: Sequence[Stage]) -> list[Stage]:
    """Weighs rows in the losses of all stages with the fine-tuned teacher, by its expertise and by domains.

    Meta-KD (Pan et al. 2020, arXiv 2012.01266) weighs each row by `(1 + w) · t`: how typical it is of its domain and
    of the others, and how much the teacher gets right in it.

    Raises:
        ValueError: if no stage has that teacher.
    """
    if not any(stage.teacher == FINE_TUNED for stage in stages):
        raise ValueError(
            f"`stages` must have one with the teacher {FINE_TUNED!r} to weigh rows in. Received: "
            f"{[stage.name for stage in stages]}."
        )
    return [dataclasses.replace(stage, row_weights=stage.teacher == FINE_TUNED) for stage in stages]


TRANSFER_REGULARISATION = 0.2
"""Factor on dropout and zoneout where there is transfer text."""

RECIPES = ("labels_only", "task_specific", "sequential", "four_stages")
"""Names of the ready recipes."""


def build_recipe(
    name: str,
    *,
    layers: int,
    transfer: bool = True,
    temperature: float = Stage.temperature,
    student_loss_weight: Weight = Stage.student_loss_weight,
    latent: bool = False,
    unfreeze: bool = False,
    regularisation: float | None = None,
    steps: int | None = None,
) -> list[Stage]:
    """A ready recipe by name; what an option does not concern is left as it is.

    Args:
        name: One of `RECIPES`.
        layers: QRNN layers of the student.
        transfer: Whether there is transfer text; without it the task's rows take its place.
        temperature: Temperature of the soft labels.
        student_loss_weight: Share of the hard labels beside soft ones.
        latent: Whether `task_specific` compares hidden states too.
        unfreeze: Whether to thaw gradually.
        regularisation: That of the stages with a teacher, or of all where none has one, see `Stage`; `None` for
            `TRANSFER_REGULARISATION` with a teacher and transfer text, and 1 else.
        steps: Optimizer steps of all stages together; `None` for the configuration's epochs in each.

    Raises:
        ValueError: if `name` is unknown.
    """
    text = (TASK, TRANSFER) if transfer else (TASK,)
    if name == "labels_only":
        stages = labels_only(steps=steps)
    elif name == "task_specific":
        stages = task_specific(
            data=text,
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            latent=_LATENT if latent else (),
            steps=steps,
        )
    elif name == "sequential":
        stages = sequential(unlabelled=text, temperature=temperature, steps=steps)
    elif name == "four_stages":
        stages = four_stages(
            last=text,
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            steps=steps,
        )
    else:
        raise ValueError(f"`name` must be one of {list(RECIPES)}. Received: {name!r}.")
    taught = any(stage.teacher for stage in stages)
    if regularisation is None:
        regularisation = TRANSFER_REGULARISATION if taught and transfer else 1.0
    stages = [
        dataclasses.replace(stage, regularisation=regularisation)
        if stage.teacher or not taught
        else stage
        for stage in stages
    ]
    return with_gradual_unfreezing(stages, layers=layers) if unfreeze else stages


def _is_thawed(loss: LatentLoss, frozen: int, layers: int) -> bool:
    """Whether a latent loss looks at a part of the encoder that learns."""
    position = loss.layer if loss.layer >= 0 else loss.layer + layers + 1
    return position >= frozen


def _shares(steps: int | None, shares: Sequence[float]) -> list[int | None]:
    if steps is None:
        return [None] * len(shares)
    parts = [max(1, round(share * steps)) for share in shares[:-1]]
    if sum(parts) >= steps:
        raise ValueError(f"`steps` must be enough for {len(shares)} stages. Received: {steps}.")
    return [*parts, steps - sum(parts)]
