"""Distillation of a fine-tuned teacher into a joint intent and slot model."""

from __future__ import annotations

import logging
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from pqrnn_tf.datasets.making.domains import in_domains, in_known_domains
from pqrnn_tf.datasets.making.student_text import StudentText, WordReplacer, build_student_text
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.defaults import INHERITANCE_SHARE, INHERITANCE_TEMPERATURE
from pqrnn_tf.distillation.latent import LatentLoss
from pqrnn_tf.distillation.recipes import GENERAL, TASK, TRANSFER, Stage
from pqrnn_tf.distillation.stages import check_no_entities, distill_in_stages, run_stage
from pqrnn_tf.distillation.weights import Weight, inheriting
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.engine import Rounds
from pqrnn_tf.tasks.growth import DEPTHS
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.training import build_model
from pqrnn_tf.tasks.training_data import ExampleData, TrainingData, augmentation
from pqrnn_tf.teachers.answers.labelling import label_text
from pqrnn_tf.teachers.answers.prototypes import domain_prototypes
from pqrnn_tf.teachers.answers.rewritten import rewriter
from pqrnn_tf.teachers.answers.shards import LabelledText, read_manifest
from pqrnn_tf.teachers.keras_teacher import KerasTeacher
from pqrnn_tf.teachers.saved import SavedTeacher, opened

_LOG = logging.getLogger(__name__)


def distill(
    config: TrainingConfig,
    teacher: Any,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    temperature: float = Stage.temperature,
    student_loss_weight: Weight = Stage.student_loss_weight,
    output_weights: Mapping[str, Weight] | None = None,
    latent: Sequence[LatentLoss] = (),
    steps: int | None = None,
    evaluate_every: int = 5,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a student on a live teacher's answers and on hard labels; resumes when killed.

    Every epoch shows student and teacher the same augmented text (Beyer et al. 2022,
    arXiv 2106.05237, call this a consistent teacher).

    Args:
        config: The student and its training.
        teacher: As `Distiller` takes it; it must read text.
        examples: Training rows.
        development: Rows to score during training; never trained on. May be empty.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and the checkpoint.
        temperature: Temperature of the soft labels.
        student_loss_weight: Share of the hard labels in the loss, or a schedule of it.
        output_weights: As in `Distiller`.
        latent: Losses on hidden states, as in `Distiller`; the teacher tells its `width`.
        steps: Optimizer steps; `None` for the configuration's epochs.
        evaluate_every: Rounds between scores, see `fit_resumable`.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The student with its averaged weights, also saved as `model.keras`.

    Raises:
        LabelError: if the teacher has other labels than the training rows.
        ResumeError: if `output` holds another training.
    """
    check_no_entities(config)
    student = build_model(config, labels_for(config, examples))
    run_stage(
        student,
        Stage(
            name="distillation",
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            output_weights=output_weights,
            latent=tuple(latent),
            steps=steps,
        ),
        teacher,
        ExampleData(examples, augmentation(config, examples), with_text=True),
        config=config,
        development=development,
        folder=pathlib.Path(output),
        evaluate_every=evaluate_every,
        callbacks=callbacks,
        verbose=verbose,
    )
    return student


def inherit(
    config: TrainingConfig,
    small: IntentSlotModel,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    share: float = INHERITANCE_SHARE,
    temperature: float = INHERITANCE_TEMPERATURE,
    steps: int | None = None,
    **how: Any,
) -> IntentSlotModel:
    """Trains a larger student that a smaller one, trained already, teaches at the beginning; resumes when killed.

    The loss is `(1 − α) · labels + α · T² · KL(smaller ‖ larger)`, where α falls from 1 to 0 in the first `share` of
    the steps (Zhang et al. 2021, *CPM-2*, arXiv 2106.10715). The smaller one reads the same augmented text
    in each of these steps, and nothing after them.

    Args:
        config: The larger student and its training.
        small: The smaller model, with the labels of the rows; its projection may be another one.
        examples, development, output: As in `distill`.
        share: Share of all steps in which the smaller one teaches.
        temperature: Temperature of its soft labels.
        steps: Optimizer steps; `None` for the configuration's epochs.
        **how: `evaluate_every`, `callbacks` and `verbose`, as in `distill`.

    Returns:
        The larger student, also saved as `model.keras`.

    Raises:
        LabelError: if the smaller model has other labels than the training rows.
        ResumeError: if `output` holds another training.
        ValueError: if `share` is out of its range.
    """
    data = ExampleData(examples)
    total = Rounds.of(data, config.batch_size, epochs=config.epochs, steps=steps).total
    return distill(
        config,
        KerasTeacher(small),
        examples,
        development,
        output,
        temperature=temperature,
        student_loss_weight=inheriting(total, share=share),
        steps=steps,
        **how,
    )


def label_for_stages(
    stages: Sequence[Stage],
    text: Mapping[str, Sequence[Example]],
    teachers: Mapping[str, SavedTeacher | str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    config: TrainingConfig,
    domains: Sequence[Example] = (),
    workers: int = 0,
    modules: Sequence[str] = (),
) -> dict[str, LabelledText]:
    """Caches the answers that a recipe needs; what is there already is not asked for again.

    Teachers answer the text as it is. Where the configuration has surface forms or errors, each pass over the answers
    writes the text again, and the answers go along.

    Args:
        stages: The recipe.
        text: Rows by the names of data that the stages use.
        teachers: Teachers, opened or as folders, by the names that the stages use. Each is loaded once.
        output: Folder; gets a folder of answers for each pair of data and teacher.
        config: Its `spec` decides the tokens, its surface forms and errors how the text is written again.
        domains: Rows that say by their `domain` what the domains are, such as the training rows; needed where a stage
            weighs rows. The `domain` of text is one of theirs, or empty.
        workers: As in `label_text`.
        modules: As in `load_teacher`.

    Returns:
        Cached answers by the names that `distill_in_stages` looks up, such as `"task/fine-tuned"`.

    Raises:
        ValueError: if a stage names a teacher or data that are not given, or weighs rows and there are no `domains`.
    """
    if any(stage.row_weights for stage in stages) and not domains:
        raise ValueError(
            "`domains` must hold rows where a stage weighs rows. Received: none. Pass the training rows, with their "
            "domains (`in_domains`)."
        )
    pairs: dict[tuple[str, str], bool] = {}
    for stage in stages:
        for name in stage.data if stage.teacher is not None else ():
            pair = (name, str(stage.teacher))
            pairs[pair] = pairs.get(pair, False) or bool(stage.latent)
    for option, given, position in (("text", text, 0), ("teachers", teachers, 1)):
        if missing := sorted({pair[position] for pair in pairs} - set(given)):
            raise ValueError(
                f"`{option}` must hold what the recipe names. Received: {sorted(given)}, without "
                f"{missing}."
            )
    answers = {}
    rewrite = rewriter(config, [row for part in text.values() for row in part])
    loaded = {
        teacher: opened(teachers[teacher], modules=modules)
        for teacher in dict.fromkeys(teacher for _, teacher in pairs)
    }
    prototypes = {
        stage.teacher: domain_prototypes(
            loaded[stage.teacher],
            domains,
            pathlib.Path(output) / f"prototypes-{stage.teacher}",
            spec=config.spec,
            identity={"digest": loaded[stage.teacher].digest},
        )
        for stage in stages
        if stage.row_weights and stage.teacher is not None
    }
    for (name, teacher), hidden in pairs.items():
        _LOG.info("the %s teacher answers the %s text", teacher, name)
        folder = pathlib.Path(output) / f"{name}-{teacher}"
        store = label_text(
            text[name],
            loaded[teacher],
            folder,
            spec=config.spec,
            hidden=hidden or _has_hidden(folder),  # answers with more in them will do
            prototypes=prototypes.get(teacher),
            workers=workers,
        )
        answers[f"{name}/{teacher}"] = store.rewritten(rewrite) if rewrite else store
    return answers


def _has_hidden(folder: pathlib.Path) -> bool:
    try:
        return read_manifest(folder)["width"] is not None
    except FileNotFoundError:
        return False


def text_for_stages(
    examples: Sequence[Example],
    development: Sequence[Example],
    text: StudentText | None,
    general: Sequence[Example] = (),
    replacer: WordReplacer | None = None,
) -> dict[str, Sequence[Example]]:
    """The rows of text by the names that stages use, as far as there are any.

    The arguments are those of `distill_with_text`; without `text` there are the training rows only.

    Raises:
        DataError: if a file of `text` cannot be read or is empty.
    """
    parts = build_student_text(
        examples, text or StudentText(), replacer=replacer, exclude=development, report=_LOG.info
    )
    rows = {TASK: parts.pop(TASK), GENERAL: general}
    if parts:
        rows[TRANSFER] = [row for part in parts.values() for row in part]
    return {name: part for name, part in rows.items() if part}


def distill_with_text(
    config: TrainingConfig,
    stages: Sequence[Stage],
    teachers: Mapping[str, SavedTeacher | str | os.PathLike[str]],
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    text: StudentText | None = None,
    general: Sequence[Example] = (),
    replacer: WordReplacer | None = None,
    answers_folder: str | os.PathLike[str] | None = None,
    domains: str | None = None,
    start: IntentSlotModel | None = None,
    grow_from: IntentSlotModel | None = None,
    depth: str = DEPTHS[0],
    workers: int = 0,
    modules: Sequence[str] = (),
    evaluate_every: int = 5,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Makes the student's text, has the teachers answer it once, and trains the student in stages.

    Args:
        config: The student and its training.
        stages: The recipe.
        teachers: As in `label_for_stages`.
        examples: Training rows; the labels are theirs.
        development: Rows to score; they are kept out of the student's text.
        output: Folder for the student (as `distill_in_stages`).
        text: What is trained on beside the training rows; `None` for `config.substitution` in one copy of them.
        general: Rows for the stages that name `"general"`.
        replacer: As in `build_student_text`.
        answers_folder: Where the teachers' answers are kept; students that are trained on the same text can
            share it. `None` for `answers` in `output`.
        domains: One of `datasets.making.domains.DOMAINS`: what distinguishes the domains of rows, where a stage weighs
            rows (`with_row_weights`). Text of none of the training rows' domains belongs to the nearest one.
        workers: As in `label_text`.
        modules: As in `load_teacher`.
        start, grow_from, depth, evaluate_every, callbacks, verbose: As in `distill_in_stages`.

    Returns:
        The student, also saved as `model.keras`.

    Raises:
        DataError: if a file of `text` cannot be read or is empty, a training row belongs to no domain, or all belong
            to one.
        ResumeError: if `output` holds another training.
        ValueError: if a stage names data or a teacher that are not there, or the student is told of names.
    """
    check_no_entities(config, start, grow_from)
    text = text or StudentText(substitution=config.substitution)
    examples = in_domains(examples, domains) if domains is not None else examples
    rows = text_for_stages(examples, development, text, general, replacer)
    if domains is not None:
        names = {row.domain for row in examples}
        rows |= {
            name: in_known_domains(part, domains, names)
            for name, part in rows.items()
            if name != TASK
        }
    folder = pathlib.Path(output)
    answers: Mapping[str, TrainingData] = label_for_stages(
        stages,
        rows,
        teachers,
        answers_folder or folder / "answers",
        config=config,
        domains=examples if domains is not None else (),
        workers=workers,
        modules=modules,
    )
    return distill_in_stages(
        config,
        stages,
        labels=labels_for(config, examples),
        data={TASK: ExampleData(examples, augmentation(config, examples)), **answers},
        development=development,
        output=folder,
        start=start,
        grow_from=grow_from,
        depth=depth,
        evaluate_every=evaluate_every,
        callbacks=callbacks,
        verbose=verbose,
    )
