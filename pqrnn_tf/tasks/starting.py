"""Trainings that start from a preset, and whether they should."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
from collections.abc import Collection, Sequence
from typing import Any

import keras
import numpy as np

from pqrnn_tf.datasets.formats.found import language_of
from pqrnn_tf.datasets.held_out import hold_out
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.tasks.bag_solution import (
    EVIDENCE,
    evidence_for_encoder,
    logits_beside,
    solve_bag_head,
)
from pqrnn_tf.tasks.config import MANY_ROWS, TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.intent_solution import (
    SOLVED_WEIGHT,
    assign_intent_head,
    bag_rank,
    has_vectors,
    solve_intent_head,
)
from pqrnn_tf.tasks.label_collection import labels_for

_LOG = logging.getLogger(__name__)

ENCODER = "encoder_en_2mb"
"""The preset that is tried first where the caller does not say."""
LANGUAGE = "en"
"""Its language."""
MULTILINGUAL = "encoder_multi_2mb"
"""The preset that is tried where rows name another language, or where the first one does not help."""
FEWEST_HELD_OUT = 100
"""Development rows from which on they tell by themselves whether the preset helps. Both starts name most intents of a
few easy ones, which then tell nothing: so half of the training rows are held out beside them."""

ENCODER_FIELDS = frozenset(
    {"spec", "head_dropout", *(field.name for field in dataclasses.fields(EncoderConfig))}
)
"""Fields of a configuration that a training from a preset does not read: its projection and layers are there."""
_OWN_FIELDS = ENCODER_FIELDS | {"epochs", "entity_types", "entity_relations", "bag_head"}
"""Fields of a caller who has decided what a preset would."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """Whether a training starts from a preset.

    Attributes:
        preset: The preset, or `None` for weights that are drawn.
        reason: Why, as a sentence; one for each preset that was tried.
    """

    preset: str | None
    reason: str


def _installed(preset: str) -> bool:
    try:
        model_file(preset)
    except FileNotFoundError:
        return False
    return True


def encoders_for(rows: Sequence[Example]) -> tuple[str, ...]:
    """The presets that are tried on rows, in order: the English one first unless rows name another language."""
    other = any(language_of(row.locale) not in ("", LANGUAGE) for row in rows)
    return (MULTILINGUAL,) if other else (ENCODER, MULTILINGUAL)


def choose_start(
    rows: Sequence[Example],
    development: Sequence[Example],
    *,
    preset: str | os.PathLike[str] | None = None,
    settings: Collection[str] = (),
) -> Choice:
    """Decides whether few rows are trained from the preset: where held-out rows say that its vectors help.

    Two things must be true of the held-out rows. They are likelier, by more than `EVIDENCE` nats, with the vectors
    beside the bag of features than without. And the vectors by themselves name at least as many intents as the bag
    does, less one standard error: a preset of another language fails here, and the next one is tried. Many rows, of
    `MANY_ROWS` on, and rows of a caller who has chosen sizes or the number of epochs, are trained from drawn weights.

    Where fewer rows can be held out than half as many as there are intents, as with one row an intent, the first preset
    is taken without a comparison: the fewer rows an intent has, the more the vectors help (docs/encoders.md).

    Args:
        rows: Training rows.
        development: Held-out rows; where there are fewer than `FEWEST_HELD_OUT`, half of the training rows are held out
            for this too.
        preset: The sentence encoder; `None` for those of `encoders_for` that are installed.
        settings: Names of the fields of `TrainingConfig` that the caller has chosen.
    """
    if taken := sorted(_OWN_FIELDS & set(settings)):
        return Choice(None, f"The configuration decides what the preset would: {', '.join(taken)}.")
    if len(rows) >= MANY_ROWS:
        return Choice(None, f"There are {MANY_ROWS:,} training rows or more.")
    wanted = encoders_for(rows) if preset is None else (os.fspath(preset),)
    presets = [name for name in wanted if preset is not None or _installed(name)]
    if not presets:
        return Choice(None, f"What suits the rows is not installed: {', '.join(wanted)}.")
    intents = {row.intent for row in rows}
    if len(intents) < 2:
        return Choice(None, "The rows have one intent only.")
    known, held = _held_out(rows, development, len(intents))
    if not held:
        return Choice(presets[0], _untested(presets[0], rows, len(intents)))
    reasons: dict[str, None] = {}  # each once, in order
    for name in presets:
        choice = _judged(name, known, held)
        reasons[choice.reason] = None
        if choice.preset is not None:
            break
    return Choice(choice.preset, " ".join(reasons))


def _held_out(
    rows: Sequence[Example], development: Sequence[Example], intents: int
) -> tuple[Sequence[Example], Sequence[Example]]:
    """The rows, and those that are held out of them: none where fewer than half as many can be as there are intents."""
    if len(development) >= max(FEWEST_HELD_OUT, intents / 2):
        return rows, development
    known, held = hold_out(rows, share=0.5)
    held += development
    return (known, held) if 2 * len(held) >= intents else (rows, ())


def _untested(preset: str, rows: Sequence[Example], intents: int) -> str:
    """Why a preset is taken without held-out rows."""
    told = (
        f"With {len(rows)} rows of {intents} intents too few can be held out for a comparison; with few rows an intent "
        f"{preset} is the better start."
    )
    if preset == ENCODER and any(not row.locale for row in rows):
        told += f" It knows English: rows of another language start better from {MULTILINGUAL} (--start)."
    return told


def _judged(found: str, known: Sequence[Example], development: Sequence[Example]) -> Choice:
    """What held-out rows say of one preset."""
    model = IntentSlotModel.from_preset(found, labels=labels_for(TrainingConfig(), known))
    if not has_vectors(model):
        return Choice(found, "It is no sentence encoder, so that nothing can be compared.")
    model.build_from_config({})
    solution = solve_intent_head(model, known)
    if solution is None:
        return Choice(None, "The rows have one intent only.")
    place_of = {name: place for place, name in enumerate(model.labels.intents)}
    intents = np.array([place_of.get(row.intent, -1) for row in development])
    texts = [row.text for row in development]
    assign_intent_head(model, solution)
    model.set_bag_head(solve_bag_head(known, model.labels, model.spec, rank=bag_rank(model)))
    by_vectors, by_bag = logits_beside(model, texts)
    nats = evidence_for_encoder(by_vectors, by_bag, intents, weight=SOLVED_WEIGHT)
    right = [int((logits.argmax(1) == intents).sum()) for logits in (by_vectors, by_bag)]
    error = float(np.sqrt(max(1, right[1] * (len(intents) - right[1])) / len(intents)))
    told = (
        f"of {len(intents)} held-out rows its vectors name {right[0]} intents, the words {right[1]}; "
        f"both together are e^{nats:.1f} times as likely as the words by themselves"
    )
    if nats > EVIDENCE and right[0] >= right[1] - error:
        return Choice(found, f"{found} helps: {told}.")
    return Choice(None, f"{found} does not help enough: {told}.")


def start_model(
    preset: str | os.PathLike[str], labels: LabelSet, config: TrainingConfig
) -> IntentSlotModel:
    """A model with the trained encoder of a preset and new heads, drawn by the configuration's seed.

    Raises:
        FileNotFoundError, PresetError: as `IntentSlotModel.from_preset`.
        ValueError: if the configuration wants an input for entities.
    """
    if config.entity_types:
        raise ValueError(
            "`entity_types` must be empty where a training starts from a preset. Received: "
            f"{config.entity_types!r}. Train from drawn weights."
        )
    keras.utils.set_random_seed(config.seed)
    model = IntentSlotModel.from_preset(preset, labels=labels)
    model.build_from_config({})
    return model


def config_of_start(config: TrainingConfig, model: IntentSlotModel) -> TrainingConfig:
    """A configuration that says of projection and encoder what a model has already."""
    arguments = model.encoder.get_config()
    fields = dataclasses.fields(EncoderConfig)  # a stack has no graph, a graph no sizes
    own: dict[str, Any] = {field.name: arguments.get(field.name, field.default) for field in fields}
    return dataclasses.replace(config, spec=model.spec, **own)


def digest_of_weights(model: keras.Model) -> str:
    """A short digest of all weights, by which a resumed training knows what it started from."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:16]
