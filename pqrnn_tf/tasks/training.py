"""Training of the joint model on rows."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.encoder.building import encoder_of
from pqrnn_tf.files import claimed_folder, write_json
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.entity_vectors import fingerprint_of
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.bag_solution import solve_bag_head, weigh_bag_head
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.entity_sampling import told_of_names
from pqrnn_tf.tasks.growth import DEPTHS, start_grown
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.intent_solution import (
    assign_intent_head,
    bag_rank,
    bag_suits,
    has_vectors,
    needs_no_steps,
    solve_intent_head,
    usual_weight,
)
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.optimizers import build_optimizer
from pqrnn_tf.tasks.parsing import inference, score_model
from pqrnn_tf.tasks.starting import config_of_start, digest_of_weights, start_model
from pqrnn_tf.tasks.training_data import ExampleData, TrainingData, augmentation
from pqrnn_tf.tasks.vector_tuning import tune_vectors


def build_model(config: TrainingConfig, labels: LabelSet) -> IntentSlotModel:
    """A new model, its weights drawn by the configuration's seed."""
    keras.utils.set_random_seed(config.seed)
    encoder = encoder_of(config, name="encoder")
    model = IntentSlotModel(
        labels=labels,
        spec=config.spec,
        encoder=encoder,
        dropout=config.head_dropout,
        entity_features=entity_features(config),
    )
    model.build_from_config(model.get_build_config())
    return model


def entity_features(config: TrainingConfig) -> EntityFeatures | None:
    """What a model is told of names that only the device knows, `None` for nothing."""
    if not config.entity_types:
        return None
    return EntityFeatures.of_slots(config.entity_types, related=config.entity_relations)


def training_rows(
    config: TrainingConfig, examples: Sequence[Example], names: Entities | None = None
) -> ExampleData:
    """Rows as a configuration has them augmented, and told of names where the model has an input for these.

    Args:
        config: How they are augmented, and which slots hold names.
        examples: The rows.
        names: Entities whose names stand in these slots too; `None` for none.

    Raises:
        ValueError: if there are names and the configuration has no `entity_types`, or no entity has one of the types.
    """
    augment = augmentation(config, examples)
    features = entity_features(config)
    if features is None:
        if names is not None:
            raise ValueError(
                "`entity_types` must say which slots hold names where names are given. Received: none, with "
                f'{len(names)} names. Set it, such as entity_types={{"CONTACT": "contact"}}.'
            )
        return ExampleData(examples, augment)
    augment, told = told_of_names(
        features, examples, augment, seed=config.seed, names=() if names is None else names
    )
    return ExampleData(examples, augment, entities=told)


def train(
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    grow_from: IntentSlotModel | None = None,
    depth: str = DEPTHS[0],
    evaluate_every: int = 5,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
    start: str | os.PathLike[str] | None = None,
    with_passes: bool = False,
    names: Entities | None = None,
) -> IntentSlotModel:
    """Trains a joint model; a killed training resumes to the same result.

    Args:
        config: How to train; what it says of projection and encoder is not read with `start`.
        examples: Training rows; rows without slots teach their intent only.
        development: Rows to score during training, which also choose the weight of the encoder beside a bag head;
            never trained on. May be empty, unless the configuration has `patience`.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and `checkpoint/`.
        grow_from: A smaller model whose weights the training starts from, see `grow`; its heads too where it has the
            same labels.
        depth: How new layers begin, see `grow`.
        evaluate_every: Rounds between scores, see `fit_resumable`.
        callbacks, verbose: As in `keras.Model.fit`; callbacks find the scores as `engine.run` says.
        start: A preset, or a folder of one, whose trained encoder gets new heads; `None` for drawn weights. Over the
            vectors of a sentence encoder the intent head is solved in closed form; on rows of intents only the vectors
            are fitted to them before, and that is all, else the whole model is trained from there.
        with_passes: Whether the whole model is trained for the configuration's epochs on rows of intents only, too, in
            place of fitting the vectors, as `IntentSlotModel.fit` does where it is told how: the fields `STEP_FIELDS`
            are not read else.
        names: A list whose names stand in the slots of `config.entity_types` too, beside those of the rows and made-up
            ones; `None` for none.

    Returns:
        The model with its averaged weights, also saved as `model.keras`.

    Raises:
        ResumeError: if `output` holds a training with another configuration or other data.
        ValueError: if there are no examples.
    """
    labels, folder = labels_for(config, examples), pathlib.Path(output)
    solved = tuned = False
    identity: dict[str, Any] = {}
    if start is None:
        model = build_model(config, labels)
        if grow_from is not None:
            identity = {"grown_from": start_grown(model, grow_from, config, depth=depth)}
    else:
        model = start_model(start, labels, config)
        config = config_of_start(config, model)
        identity = {"start": digest_of_weights(model)}
        solved = needs_no_steps(model, examples)
        tuned = solved and not with_passes
    data = training_rows(config, examples, names)
    if names is not None:
        identity |= {"names": fingerprint_of(names)}
    claimed: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if tuned:  # else `fit_resumable` claims the folder
        identity |= {"config": config.to_dict(), "labels": labels.to_dict()}
        identity |= {"data": data.fingerprint}
        claimed = claimed_folder(folder, identity, begun=(folder / "model.keras").is_file)
    weight = usual_weight(examples, solved=solved, configured=config.encoder_weight)
    with_bag_head = config.bag_head and bag_suits(model)
    with claimed:
        if tuned:
            tune_vectors(model, examples, config)
        if start is not None and has_vectors(model):
            assign_intent_head(model, solve_intent_head(model, examples))
        if with_bag_head:
            solution = solve_bag_head(
                examples, model.labels, config.spec, seed=config.seed, rank=bag_rank(model)
            )
            model.set_bag_head(solution, encoder_weight=weight)
        if tuned:
            write_json(folder / "labels.json", labels.to_dict())
            save_model(model, folder)
    if not tuned:
        fit_resumable(
            model,
            model,
            config,
            data,
            development,
            folder,
            evaluate_every=evaluate_every,
            callbacks=callbacks,
            verbose=verbose,
            identity=identity,
        )
    if with_bag_head and development:
        weigh_bag_head(model, development, usual=weight)
        save_model(model, folder)
    return model


def fit_resumable(
    trained: keras.Model,
    student: IntentSlotModel,
    config: TrainingConfig,
    data: TrainingData,
    development: Sequence[Example],
    folder: pathlib.Path,
    *,
    evaluate_every: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str,
    steps: int | None = None,
    identity: Mapping[str, Any] | None = None,
) -> engine.Report:
    """Compiles and fits a student with the configuration's losses and optimizer, and saves it.

    Args:
        trained: What `fit` runs on: the student itself, or a distiller around it.
        student: What is scored and saved.
        config: Optimizer, losses, batch size, patience, seed, and epochs where `steps` is not given.
        data: Training data.
        development: Rows to score; may be empty, unless the configuration has `patience`.
        folder: Output folder.
        evaluate_every: Rounds between scores. A round is a pass over the data, or a part of one of at most
            `engine.CHECKPOINT_STEPS` steps.
        callbacks, verbose: As in `train`.
        steps: Optimizer steps in all; `None` for `config.epochs` passes over the data.
        identity: What decides the result beside configuration and data.

    Returns:
        What the training did.

    Raises:
        ResumeError: if `folder` holds another training.
        ValueError: if there are no rows, or none to score although the configuration has `patience`.
    """
    require_tensorflow_backend()
    rounds = engine.Rounds.of(data, config.batch_size, epochs=config.epochs, steps=steps)
    losses = student.losses_of(config.label_smoothing)
    trained.compile(
        optimizer=build_optimizer(config, rounds.total),
        loss=losses,
        loss_weights={name: config.loss_weights[name] for name in losses},
        metrics=None,  # the development rows are parsed and scored
        jit_compile=False,  # XLA would compile anew for each length of a bucket
    )
    engine.build_loss(trained, student.labels)
    # Traced where it is used often enough.
    forward = inference(student) if rounds.count // max(1, evaluate_every) >= 10 else None
    report = engine.run(
        trained,
        student,
        data,
        rounds,
        folder,
        identity={
            "config": config.to_dict(),
            "labels": student.labels.to_dict(),
            "data": data.fingerprint,
            **({} if steps is None else {"steps": steps}),
            # Which weights are kept is decided by these rows and by how often they are scored.
            **(
                {
                    "development": ExampleData(development).fingerprint,
                    "evaluate_every": evaluate_every,
                }
                if config.patience
                else {}
            ),
            **(identity or {}),
        },
        labels=student.labels,
        spec=config.spec,
        batch_size=config.batch_size,
        seed=config.seed,
        score=(
            (lambda: score_model(student, development, forward=forward).to_dict())
            if development
            else None
        ),
        evaluate_every=evaluate_every,
        keep_best=config.patience > 0,
        patience=config.patience,
        callbacks=callbacks,
        verbose=verbose,
    )
    write_json(folder / "labels.json", student.labels.to_dict())
    save_model(student, folder)
    return report


def save_model(model: keras.Model, folder: pathlib.Path) -> None:
    """Writes `model.keras` into a folder; it appears when it is complete."""
    temporary = folder / "model.tmp.keras"
    model.save(temporary)
    os.replace(temporary, folder / "model.keras")
