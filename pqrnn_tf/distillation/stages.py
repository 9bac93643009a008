"""Distillation in stages: runs a recipe, hands weights on from stage to stage and resumes."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import logging
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.distiller import Distiller
from pqrnn_tf.distillation.recipes import Stage
from pqrnn_tf.distillation.weights import weight_to_json
from pqrnn_tf.files import claimed_folder, json_line, write_bytes, write_json
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.growth import DEPTHS, check_growth, start_grown
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.training import build_model, fit_resumable, save_model
from pqrnn_tf.tasks.training_data import ExampleData, TrainingData
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.answers.cached import CachedTeacher
from pqrnn_tf.teachers.answers.shard_files import ShardError
from pqrnn_tf.teachers.answers.shards import LabelledText, MixedText

_LOG = logging.getLogger(__name__)


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
    grow_from: IntentSlotModel | None = None,
    depth: str = DEPTHS[0],
    evaluate_every: int = 5,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a student stage by stage; a killed run resumes in the stage and step where it was.

    A stage starts from the averaged weights that the one before ended with; its optimizer, and the
    linear maps of latent losses, are new. Finished stages are not run again.

    Args:
        config: The student and its optimizer.
        stages: The recipe.
        labels: What the student is to distinguish.
        data: Training data by name. `"task/fine-tuned"` holds cached answers of the teacher
            `"fine-tuned"` to the text `"task"` (`LabelledText`); where there is no such name, `"task"`
            is looked up and the live teacher is asked.
        teachers: Live teachers by name; only those whose answers are not cached.
        development: Rows to score; never trained on.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and `stages/`.
        start: A student of the same configuration and labels whose weights the first stage starts from;
            `None` for new weights.
        grow_from: A smaller student that the first stage's grows from; in the place of `start`.
        depth: How a student grows new layers, see `grow`.
        evaluate_every, callbacks, verbose: As in `fit_resumable`, for each stage.

    Returns:
        The student, also saved as `model.keras`.

    Raises:
        LabelError: if a teacher, cached answers or `start` have other labels.
        ResumeError: if `output` holds another training.
        ShardError: if a stage asks for weights of rows and cached answers have none.
        ValueError: if the recipe is empty, two stages have one name, a name of data or teacher is
            unknown, `frozen` is larger than the encoder, a stage is smaller than the one before, or `start` is of
            another size.
    """
    _check_recipe(stages, config)
    check_no_entities(config, start, grow_from)
    if start is not None and any(stage.growth for stage in stages):
        raise ValueError(
            "`start` must be None where the student grows: it has the whole size, and the first stage is smaller. "
            "Received: a model. Pass a smaller one as `grow_from`."
        )
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
    elif grow_from is not None:
        first = build_model(stages[0].configured(config), labels)
        identity["start"] = chain = start_grown(
            first, grow_from, stages[0].configured(config), depth=depth
        )
        weights = first.get_weights()
    if any(stage.growth for stage in stages):
        identity["depth"] = depth
    folders = stage_folders(folder, stages)
    student: IntentSlotModel | None = None
    with claimed_folder(folder, identity, begun=lambda: any(own.exists() for own in folders)):
        for stage, (teacher, rows), own in zip(stages, resolved, folders, strict=True):
            _LOG.info("stage %s of %d", own.name, len(stages))
            own_config = stage.configured(config)
            before, student = student, build_model(own_config, labels)
            if before is not None and _sizes(before) != _sizes(student):
                start_grown(student, before, own_config, depth=depth)
            elif weights is not None:
                student.set_weights(weights)
            chain = run_stage(
                student,
                stage,
                teacher,
                rows,
                config=own_config,
                development=development,
                folder=own,
                before=chain,
                evaluate_every=evaluate_every,
                callbacks=callbacks,
                verbose=verbose,
            )
            weights = student.get_weights()
        write_whole_log(folder, folders)
        write_json(folder / "labels.json", labels.to_dict())
        save_model(student, folder)  # type: ignore[arg-type]  # a recipe has stages
    return student  # type: ignore[return-value]


def stage_folders(folder: pathlib.Path, stages: Sequence[Stage]) -> list[pathlib.Path]:
    """The folder of each stage of a training."""
    return [
        folder / "stages" / f"{number}-{stage.name}" for number, stage in enumerate(stages, start=1)
    ]


def write_whole_log(folder: pathlib.Path, stages: Sequence[pathlib.Path]) -> None:
    """Writes the `log.jsonl` of a training from those of its stages."""
    lines = [
        json_line({"stage": own.name, **json.loads(line)})
        for own in stages
        for line in (own / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    write_bytes(folder / "log.jsonl", ("\n".join(lines) + "\n").encode("utf-8"))


def check_no_entities(config: TrainingConfig, *students: IntentSlotModel | None) -> None:
    """Refuses a student that is told of names: its teacher sees the text only, and does not know what a list says.

    Args:
        config: Configuration of the student.
        *students: Models that the student's weights come from; `None` for none.

    Raises:
        ValueError: if the configuration names types of entities, or a model has an input for them.
    """
    told = [one.entity_features for one in students if one is not None and one.entity_features]
    if not config.entity_types and not told:
        return
    received = (
        f"{dict(config.entity_types)!r:.80}"
        if config.entity_types
        else f"a student that starts from a model told of {', '.join(told[0].types):.80}"
    )
    raise ValueError(
        f"`entity_types` must be empty in a distillation: a teacher sees text only. Received: {received}. Distil a "
        "student without them, and train the input for names of the finished one with `python -m "
        "recipes.entity_input --start FOLDER` (docs/entities.md)."
    )


def _sizes(model: IntentSlotModel) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def _check_recipe(stages: Sequence[Stage], config: TrainingConfig) -> None:
    if not stages:
        raise ValueError("`stages` must hold at least one stage. Received: none.")
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        raise ValueError(f"`stages` must have different names. Received: {names}.")
    configs = [stage.configured(config) for stage in stages]
    if any(stage.growth for stage in stages):
        for small, large in itertools.pairwise(configs):
            check_growth(small, large)
    for stage, own in zip(stages, configs, strict=True):
        parts = own.parts
        if stage.frozen > parts:
            raise ValueError(
                f"`frozen` must be at most {parts}, the parts of the encoder. Received: "
                f"{stage.frozen} in stage {stage.name!r}."
            )


def _resolve(
    stage: Stage, data: Mapping[str, TrainingData], teachers: Mapping[str, Any]
) -> tuple[Any, TrainingData]:
    """The teacher that a stage's student meets, and the data, with cached answers where there are."""
    cached = [f"{name}/{stage.teacher}" for name in stage.data]
    if stage.teacher is not None and all(name in data for name in cached):
        joined = _joined([_opened(data[name], stage) for name in cached])
        return CachedTeacher(getattr(joined, "labels", None)), joined
    if missing := [name for name in stage.data if name not in data]:
        raise ValueError(
            f"`data` must hold what the stages name. Received: {sorted(data)}, neither {missing} nor "
            f"{cached} for stage {stage.name!r}."
        )
    if stage.row_weights:
        raise ValueError(
            "`data` must hold the cached answers that a stage takes weights of rows from. Received: "
            f"{sorted(data)}, without {[name for name in cached if name not in data]} for stage {stage.name!r}."
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


def _opened(data: TrainingData, stage: Stage) -> TrainingData:
    """Cached answers without the hidden states and the weights of rows that a stage's losses do not look at."""
    if not isinstance(data, LabelledText):
        return data
    if not stage.latent and data.width is not None:
        data = data.without_hidden()
    if stage.row_weights and not data.weighted:
        raise ShardError(
            f"The answers must hold weights of rows, which stage {stage.name!r} asks for. Received: "
            f"{str(data.folder)!r}, which has none. Label the text again with `prototypes` (`--domains`)."
        )
    return data if stage.row_weights or not data.weighted else data.without_weights()


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
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str,
) -> str:
    """Trains a student in one stage; a killed run resumes.

    Args:
        student: The student with the weights to start from.
        stage: What to do.
        teacher: The teacher, `None` for labels only.
        data: Training data.
        config: Optimizer, epochs and seed.
        development, evaluate_every, callbacks, verbose: As in `fit_resumable`.
        folder: Folder of the stage.
        before: What this function returned for the stage before.

    Returns:
        A digest of all that decides the student's weights.
    """
    weights = stage.output_weights  # what is nested in slots is trained on labels only
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
    frozen = [layer for part in student.encoder.parts[: stage.frozen] for layer in part]
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
        callbacks=callbacks,
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
    """The weights of a student to start from, if they fit the one to train.

    One of plain slots fits a student of whole trees too: the head of nested tags is new then.
    """
    check_same_labels(start.labels, labels)
    if start.labels.nested and start.labels.nested != labels.nested:
        raise LabelError(
            f"`start` must have the nested tags of the training rows, {len(labels.nested)}, or none. "
            f"Received: {len(start.labels.nested)}. Train it on the same rows, or with nested_weight=0."
        )
    own = build_model(config, labels)
    taught = {layer.name: layer for layer in start.layers if layer.weights}
    layers = {layer.name: layer for layer in own.layers if layer.weights}
    expected = {
        name: _shapes(layer)
        for name, layer in layers.items()
        if start.labels.nested or not name.startswith("nested")
    }
    received = {name: _shapes(layer) for name, layer in taught.items()}
    # Versions of a projection differ in how they fold a text, not in what they make of it then.
    same = dataclasses.replace(start.spec, version=config.spec.version) == config.spec
    if received != expected or not same:
        raise ValueError(
            "`start` must have the projection and the sizes that the configuration names. Received: "
            f"weights of shapes {received}, not {expected}, or another projection. Pass its configuration."
        )
    for name, layer in taught.items():
        layers[name].set_weights(layer.get_weights())
    return own.get_weights()


def _shapes(layer: keras.layers.Layer) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def _weights_digest(teacher: Any) -> str:
    """A digest of a teacher's weights, so that a resumed run notices another teacher."""
    variables = getattr(teacher, "trainable_variables", ())
    return _digest_of([v.numpy() for v in variables], name=type(teacher).__name__)


def _digest_of(weights: Sequence[np.ndarray], name: str = "") -> str:
    digest = hashlib.sha256(json.dumps(name).encode())
    for weight in weights:
        digest.update(weight.tobytes())
    return digest.hexdigest()[:16]
