"""Distillation in stages: which teacher, which text and which losses, one after the other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from absl import logging

from pqrnn_tf.datasets.examples import Example
from pqrnn_tf.distillation.distiller import Distiller
from pqrnn_tf.distillation.latent import LatentLoss
from pqrnn_tf.distillation.weights import Weight, weight_to_json
from pqrnn_tf.files import write_bytes, write_json
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.labels import LabelSet
from pqrnn_tf.tasks.training import (
    ExampleData,
    TrainingConfig,
    TrainingData,
    build_model,
    claim_folder,
    fit_resumable,
    save_model,
)
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.cached import CachedTeacher
from pqrnn_tf.teachers.shards import LabelledText, MixedText

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
        data: Names of the data that are learned from together, in one shuffle.
        teacher: Name of the teacher; `None` learns from labels alone.
        epochs: Passes over the data.
        steps: Optimizer steps instead; without either, the configuration's `epochs` count.
        temperature: Of the soft labels. With a hundred classes and more, those of a higher temperature are
            mostly about classes that nobody considers.
        student_loss_weight: Share of the hard labels, or a schedule of it. Rows without labels have no
            part in the hard loss.
        output_weights: Weight of each output's distance, as in `Distiller`; `None` weighs the intent by
            1 and the slots by the configuration's `slot_weight`, as the hard loss does; `{}` with
            latent losses leaves the outputs alone.
        distance: `"soft_labels"` or `"logits"`, as in `Distiller`.
        latent: Losses on hidden states.
        frozen: How many parts of the encoder stay as they are, counted from the input: the bottleneck
            is one part, each QRNN layer another.
        learning_rate: Peak of the schedule, which starts anew in each stage; `None` for the
            configuration's.

    Raises:
        ValueError: if an argument is out of range.
    """

    name: str
    data: tuple[str, ...] = (TASK,)
    teacher: str | None = FINE_TUNED
    epochs: int | None = None
    steps: int | None = None
    temperature: float = 1.0
    student_loss_weight: Weight = 0.3
    output_weights: Mapping[str, Weight] | None = None
    distance: str = "soft_labels"
    latent: tuple[LatentLoss, ...] = ()
    frozen: int = 0
    learning_rate: float | None = None

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
        if self.teacher is None and self.latent:
            raise ValueError(
                f"`latent` needs a teacher. Received: teacher=None for stage {self.name!r}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that tell one stage from another."""
        weights = self.output_weights
        return {
            **vars(self),
            "data": list(self.data),
            "student_loss_weight": weight_to_json(self.student_loss_weight),
            "output_weights": None
            if weights is None
            else {name: weight_to_json(weight) for name, weight in weights.items()},
            "latent": [loss.to_dict() for loss in self.latent],
        }


_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

_LATENT = (LatentLoss(distance="hidden", weight=1.0, layer=-1),)
"""The last layer against the teacher's states, through a learned map."""


def labels_only(*, steps: int | None = None) -> list[Stage]:
    """No teacher: what every distillation is compared with."""
    return [Stage(name="labels", teacher=None, steps=steps)]


def task_specific(
    *,
    data: Sequence[str] = (TASK, TRANSFER),
    temperature: float = 1.0,
    student_loss_weight: float = 0.3,
    latent: Sequence[LatentLoss] = (),
    steps: int | None = None,
) -> list[Stage]:
    """Soft and hard labels of the fine-tuned teacher in one stage.

    Hinton, Vinyals, Dean 2015 (arXiv 1503.02531); with transfer text Kaliamoorthi et al. 2021
    (arXiv 2101.08890).

    Args:
        data: Names of the data.
        temperature: Of the soft labels.
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
    temperature: float = 1.0,
    steps: int | None = None,
) -> list[Stage]:
    """Representations, then logits, on text without labels, then the labels.

    Mukherjee and Awadallah 2020 (*XtremeDistil*, arXiv 2004.05686, section 3): each loss in a stage of
    its own. They train each to convergence; here the stages share `steps` as 2 : 5 : 3.

    Args:
        unlabelled: Names of the data of the first two stages.
        temperature: Of the soft labels.
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
    temperature: float = 1.0,
    student_loss_weight: float = 0.3,
    steps: int | None = None,
) -> list[Stage]:
    """General, general-enhanced, task-adaptive and task-specific distillation.

    Su et al. 2021 (*ERNIE-Tiny*, arXiv 2106.02241, section 3): one component changes from stage to
    stage: the teacher, then the text, then the losses. Their loss weights are not published; the
    stages share `steps` as 1 : 1 : 2 : 6.

    Args:
        last: Names of the data of the last two stages, which the paper calls task data.
        temperature: Of the soft labels in the last stage.
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


RECIPES = ("labels_only", "task_specific", "sequential", "four_stages")
"""Names of the ready recipes."""


def build_recipe(
    name: str,
    *,
    layers: int,
    transfer: bool = True,
    temperature: float = 1.0,
    student_loss_weight: float = 0.3,
    latent: bool = False,
    unfreeze: bool = False,
    steps: int | None = None,
) -> list[Stage]:
    """A ready recipe by name; what an option does not concern is left as it is.

    Args:
        name: One of `RECIPES`.
        layers: QRNN layers of the student.
        transfer: Whether there is transfer text; without it the task's rows take its place.
        temperature: Of the soft labels.
        student_loss_weight: Share of the hard labels beside soft ones.
        latent: Whether `task_specific` compares hidden states too.
        unfreeze: Whether to thaw gradually.
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


def distill_in_stages(
    config: TrainingConfig,
    stages: Sequence[Stage],
    *,
    labels: LabelSet,
    data: Mapping[str, TrainingData],
    teachers: Mapping[str, Any] | None = None,
    development: Sequence[Example] = (),
    output: str | os.PathLike[str],
    start: IntentSlotModel | None = None,
    evaluate_every: int = 5,
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a student stage by stage; a killed run goes on in the stage and step where it was.

    A stage starts from the averaged weights that the one before ended with; its optimizer, and the
    linear maps of latent losses, are new. Finished stages are not run again.

    Args:
        config: The student and its optimizer.
        stages: The recipe.
        labels: What the student is to tell apart.
        data: What to learn from, by name. `"task/fine-tuned"` holds cached answers of the teacher
            `"fine-tuned"` to the text `"task"` (`LabelledText`); where there is no such name, `"task"`
            is looked up and the live teacher is asked.
        teachers: Live teachers by name; only those whose answers are not cached.
        development: Rows to score; never trained on.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and `stages/`.
        start: A student of the same configuration and labels whose weights the first stage starts from;
            `None` for new weights.
        evaluate_every: Rounds between scores, as in `fit_resumable`.
        verbose: Of `fit`.

    Returns:
        The student, also saved as `model.keras`.

    Raises:
        LabelError: if a teacher, cached answers or `start` have other labels.
        ResumeError: if `output` holds another training.
        ValueError: if the recipe is empty, two stages have one name, a name of data or teacher is
            unknown, `frozen` is larger than the encoder, or `start` is of another size.
    """
    _check_recipe(stages, config)
    folder = pathlib.Path(output)
    resolved = [_resolve(stage, data, teachers or {}) for stage in stages]
    identity: dict[str, Any] = {"config": config.to_dict(), "labels": labels.to_dict()}
    identity["stages"] = [
        {**stage.to_dict(), "answers": answers.fingerprint}
        for stage, (_, answers) in zip(stages, resolved, strict=True)
    ]
    chain, weights = "", None
    if start is not None:
        weights = _start_weights(start, config, labels)
        identity["start"] = chain = _digest_of(weights)
    claim_folder(folder, identity)
    folders = []
    for number, (stage, (teacher, rows)) in enumerate(zip(stages, resolved, strict=True), start=1):
        logging.info("stage %d of %d: %s", number, len(stages), stage.name)
        own_config = _stage_config(config, stage)
        student = build_model(own_config, labels)
        if weights is not None:
            student.set_weights(weights)
        folders.append(folder / "stages" / f"{number}-{stage.name}")
        chain = run_stage(
            student,
            stage,
            teacher,
            rows,
            config=own_config,
            development=development,
            folder=folders[-1],
            before=chain,
            evaluate_every=evaluate_every,
            verbose=verbose,
        )
        weights = student.get_weights()
    lines = [
        json.dumps({"stage": own.name, **json.loads(line)})
        for own in folders
        for line in (own / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    write_bytes(folder / "log.jsonl", ("\n".join(lines) + "\n").encode("utf-8"))
    write_json(folder / "labels.json", labels.to_dict())
    save_model(student, folder)
    return student


def _check_recipe(stages: Sequence[Stage], config: TrainingConfig) -> None:
    if not stages:
        raise ValueError("`stages` must hold at least one stage. Received: none.")
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        raise ValueError(f"`stages` must have different names. Received: {names}.")
    for stage in stages:
        if stage.frozen > config.layers + 1:
            raise ValueError(
                f"`frozen` must be at most {config.layers + 1}, the parts of the encoder. Received: "
                f"{stage.frozen} in stage {stage.name!r}."
            )


def _resolve(
    stage: Stage, data: Mapping[str, TrainingData], teachers: Mapping[str, Any]
) -> tuple[Any, TrainingData]:
    """The teacher that a stage's student meets, and the data, with cached answers where there are."""
    cached = [f"{name}/{stage.teacher}" for name in stage.data]
    if stage.teacher is not None and all(name in data for name in cached):
        joined = _joined([_opened(data[name], hidden=bool(stage.latent)) for name in cached])
        return CachedTeacher(getattr(joined, "labels", None)), joined
    if missing := [name for name in stage.data if name not in data]:
        raise ValueError(
            f"`data` must hold what the stages name. Received: {sorted(data)}, neither {missing} nor "
            f"{cached} for stage {stage.name!r}."
        )
    if stage.teacher is None:
        return None, _joined([data[name] for name in stage.data])
    if stage.teacher not in teachers:
        raise ValueError(
            f"`teachers` must hold the teachers that the stages name, unless their answers are in "
            f"`data`. Received: {sorted(teachers)}, without {stage.teacher!r} of stage {stage.name!r}."
        )
    rows = _joined([data[name] for name in stage.data])
    if isinstance(rows, ExampleData):
        rows = dataclasses.replace(rows, with_text=True)
    return teachers[stage.teacher], rows


def _opened(data: TrainingData, *, hidden: bool) -> TrainingData:
    """Cached answers without the hidden states where no loss looks at them."""
    if hidden or not isinstance(data, LabelledText) or data.width is None:
        return data
    return data.without_hidden()


def _joined(parts: Sequence[TrainingData]) -> TrainingData:
    """Several data as one, in one shuffle."""
    if len(parts) == 1:
        return parts[0]
    stores = [part for part in parts if isinstance(part, LabelledText)]
    if len(stores) == len(parts):
        return MixedText(stores)
    plain = [part for part in parts if isinstance(part, ExampleData)]
    if len(plain) < len(parts):
        raise ValueError(
            "The data of one stage must all be rows (`ExampleData`) or all be cached answers "
            f"(`LabelledText`). Received: {[type(part).__name__ for part in parts]}."
        )

    def augment(rows: Sequence[Example], epoch: int) -> list[Example]:
        result: list[Example] = []
        for part in plain:
            own = rows[len(result) : len(result) + part.rows]
            result += part.augment(own, epoch) if part.augment else own
        return result

    return ExampleData([row for part in plain for row in part.examples], augment)


def _stage_config(config: TrainingConfig, stage: Stage) -> TrainingConfig:
    return dataclasses.replace(
        config,
        epochs=stage.epochs or config.epochs,
        learning_rate=stage.learning_rate or config.learning_rate,
    )


def run_stage(
    student: IntentSlotModel,
    stage: Stage,
    teacher: Any,
    data: TrainingData,
    *,
    config: TrainingConfig,
    development: Sequence[Example],
    folder: pathlib.Path,
    before: str = "",
    evaluate_every: int,
    verbose: int | str,
) -> str:
    """Trains a student in one stage; goes on where a killed run was.

    Args:
        student: The student with the weights to start from.
        stage: What to do.
        teacher: The teacher, `None` for labels alone.
        data: What to learn from.
        config: Optimizer, epochs and seed.
        development, evaluate_every, verbose: As in `fit_resumable`.
        folder: Folder of the stage.
        before: What this function returned for the stage before.

    Returns:
        A digest of all that decides the student's weights.
    """
    weights = stage.output_weights
    if weights is None:
        weights = {"intent": 1.0, "slots": config.slot_weight}
    trained: keras.Model = student
    if teacher is not None:
        trained = Distiller(
            student,
            teacher,
            temperature=stage.temperature,
            student_loss_weight=stage.student_loss_weight,
            output_weights=weights,
            distance=stage.distance,
            latent=stage.latent,
            teacher_width=getattr(data, "width", None),
        )
    identity = {
        "distillation": {
            **stage.to_dict(),
            "output_weights": {name: weight_to_json(weight) for name, weight in weights.items()},
            "teacher": _weights_digest(teacher),
            "before": before,
        }
    }
    encoder = student.encoder
    frozen = [encoder.bottleneck, *encoder.qrnn_layers][: stage.frozen]
    for part in frozen:
        part.trainable = False
    fit_resumable(
        trained,
        student,
        config,
        data,
        development,
        folder,
        evaluate_every=evaluate_every,
        verbose=verbose,
        steps=stage.steps,
        identity=identity,
    )
    for part in frozen:
        part.trainable = True
    text = json.dumps(
        {**identity, "config": config.to_dict(), "data": data.fingerprint}, sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _start_weights(
    start: IntentSlotModel, config: TrainingConfig, labels: LabelSet
) -> list[np.ndarray]:
    """The weights of a student to start from, if they fit the one to train."""
    check_same_labels(start.labels, labels)
    own = [weight.shape for weight in build_model(config, labels).get_weights()]
    weights = start.get_weights()
    received = [weight.shape for weight in weights]
    if received != own or start.spec != config.spec:
        raise ValueError(
            "`start` must have the projection and the sizes that the configuration names. Received: "
            f"weights of shapes {received}, not {own}, or another projection. Pass its configuration."
        )
    return weights


def _weights_digest(teacher: Any) -> str:
    """A digest of a teacher's weights, so that a resumed run notices another teacher."""
    variables = getattr(teacher, "trainable_variables", ())
    return _digest_of([v.numpy() for v in variables], name=type(teacher).__name__)


def _digest_of(weights: Sequence[np.ndarray], name: str = "") -> str:
    digest = hashlib.sha256(json.dumps(name).encode())
    for weight in weights:
        digest.update(weight.tobytes())
    return digest.hexdigest()[:16]
