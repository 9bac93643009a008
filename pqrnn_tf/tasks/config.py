"""The one table of defaults: everything that decides the result of a training, beside its data.

Classes and commands alike draw their defaults from the fields of `TrainingConfig`. Needs the standard library only.
"""

from __future__ import annotations

import dataclasses
import json
import numbers
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, overload

from pqrnn_tf.encoder.config import (
    COUNT,
    POSITIVE,
    PROBABILITY,
    RATE,
    SEED,
    SIZES,
    SWITCH,
    WEIGHT,
    EncoderConfig,
    Kind,
    setting,
)
from pqrnn_tf.runtime.spec import ProjectionSpec

MANY_ROWS = 3_000
"""Training rows from which on the encoder and its training are those of the defaults."""
MAX_EPOCHS = 100
"""Passes over a handful of rows: more of them cost time and give nothing."""
MAX_BAG_ROWS = 20_000
"""Training rows up to which a bag head is tried."""
BAG_SPEC = ProjectionSpec(
    word_features=1024, ngram_features=2048, ngram_orders=(3, 4, 5), ngram_hashes=2
)
"""A projection with features enough for a bag head: fewer of them cost it 2 % of the intents."""

STEP_FIELDS = frozenset(
    {
        "average",
        "batch_size",
        "epochs",
        "label_smoothing",
        "learning_rate",
        "patience",
        "warmup",
        "weight_decay",
    }
)
"""Fields that only a training in steps reads: who sets one wants such a training, also where heads in closed form would
do."""

_Config = TypeVar("_Config", bound="TrainingConfig")

LATER_FIELDS = frozenset(
    {
        "bag_head",
        "code_switching",
        "encoder_weight",
        "entity_relations",
        "entity_types",
        "graph",
        "patience",
        "surface",
        "surface_weights",
        "unspaced",
    }
)
"""Fields that the whole configurations which earlier versions wrote may lack."""

_NEWER = ("code_switching", "entity_relations", "unspaced")
"""Fields that a record has only where they are not zero or false."""


class _Weights(Kind):
    """Weights by name, as a mapping."""

    def holds(self, value: Any) -> bool:
        return isinstance(value, Mapping) and all(
            isinstance(name, str) and WEIGHT.holds(weight) for name, weight in value.items()
        )

    def plain(self, value: Any) -> Any:
        return {name: float(weight) for name, weight in value.items()}


class _Names(Kind):
    """Names by name, as a mapping."""

    def holds(self, value: Any) -> bool:
        return isinstance(value, Mapping) and all(
            isinstance(one, str) and one for pair in value.items() for one in pair
        )

    def plain(self, value: Any) -> Any:
        return dict(value)


def _few_rows(rows: int, batch_size: int) -> dict[str, Any]:
    """What fewer than `MANY_ROWS` are trained with; measured, and bounded by the time that one waits for."""
    steps = round(150 + 750 * min(1.0, rows / 1000) + 0.4 * max(0, rows - 1500))
    return {
        "bottleneck_units": 128,
        "layers": 2,
        "feature_dropout": 0.0,
        "batch_size": batch_size,
        "epochs": min(MAX_EPOCHS, -(-steps // -(-rows // batch_size))),
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingConfig(EncoderConfig):
    """Everything that decides the result of a training, beside its data.

    Args:
        spec: Projection.
        bottleneck_units, units, layers, kernel_width, pooling, zoneout, dropout, feature_dropout,
            residual, normalization: Arguments of `PQRNNEncoder`.
        graph: What the encoder computes, in the place of its sizes, see `EncoderConfig`.
        head_dropout: Dropout before the heads.
        epochs: Passes over the training examples.
        batch_size: Examples a step.
        learning_rate: Peak of the warm-up and cosine-decay schedule.
        weight_decay: Decay of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101).
        warmup: Share of all steps in which the learning rate rises.
        label_smoothing: Smoothing of all losses.
        slot_weight: Weight of the slot loss; the intent loss has weight 1.
        nested_weight: Weight of the loss of what is nested in slots; 0 for a model of plain slots.
        average: Momentum of the exponential moving average of the weights; 0 for none. Short trainings have
            a smaller one (`build_optimizer`).
        bag_head: Whether a linear head over the bag of features stands beside the encoder, see `BagHead`; it helps
            on few rows.
        encoder_weight: Weight of the encoder's intent logits beside that head, where development rows do not tell
            another one to be better; 0 for one by the rows that an intent has (`weight_by_rows`).
        substitution: Probability that a slot's value is swapped for another one of the same slot.
        code_switching: Probability that a slot's value is swapped for one that the slot has in another language of the
            data; 0 for none.
        surface: Probability that a row is written in another form in a pass: other punctuation, casing, politeness,
            emoji and the rest of `SURFACE_FORMS`.
        distortion: Probability that a word gets an error in a pass, of the kinds in `ERRORS`.
        surface_weights: Weights of forms and of kinds of errors, by name, in the place of those of these two tables.
        unspaced: Probability that a row is written in a pass without the spaces that only corpora have between the
            words of scripts written without spaces, such as Chinese; 0 for none.
        entity_types: Types of entities by the slots that hold their names, such as `{"CONTACT": "contact"}`: the model
            has a second input then, for names that only the device knows (docs/entities.md). Empty for none.
        entity_relations: Whether that input also says which of the names have to do with something that the text names
            elsewhere, by the relations of lists.
        patience: Development scores without a better one after which the training stops; the weights of the
            best score are kept then. 0 trains to the end and keeps the last weights.
        seed: Seed of initial weights, order, dropout and augmentation.

    Raises:
        ValueError: if a value is of another type or out of its range.
    """

    spec: ProjectionSpec = ProjectionSpec()
    head_dropout: float = setting(0.2, RATE)
    epochs: int = setting(30, COUNT)
    batch_size: int = setting(64, COUNT)
    learning_rate: float = setting(2e-3, POSITIVE)
    weight_decay: float = setting(0.02, WEIGHT)
    warmup: float = setting(0.05, RATE)
    label_smoothing: float = setting(0.1, RATE)
    slot_weight: float = setting(3.0, WEIGHT)
    nested_weight: float = setting(1.0, WEIGHT)
    average: float = setting(0.999, RATE)
    bag_head: bool = setting(False, SWITCH)
    encoder_weight: float = setting(0.0, WEIGHT)
    substitution: float = setting(0.3, PROBABILITY)
    code_switching: float = setting(0.0, PROBABILITY)
    surface: float = setting(0.5, PROBABILITY)
    distortion: float = setting(0.05, PROBABILITY)
    surface_weights: Mapping[str, float] = dataclasses.field(
        default_factory=dict,
        hash=False,
        metadata={"kind": _Weights("numbers of at least 0 by the names of forms or errors")},
    )
    unspaced: float = setting(0.0, PROBABILITY)
    entity_types: Mapping[str, str] = dataclasses.field(
        default_factory=dict,
        hash=False,
        metadata={"kind": _Names("names of types by the names of slots")},
    )
    entity_relations: bool = setting(False, SWITCH)
    patience: int = setting(0, Kind("a whole number of at least 0", numbers.Integral, low=0))
    seed: int = setting(1, SEED)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.spec, ProjectionSpec):
            raise ValueError(
                "`spec` must be a ProjectionSpec; `from_dict` takes its fields as a dictionary. "
                f"Received: {self.spec!r}."
            )
        if self.unspaced and self.spec.segmentation != "unicode":
            raise ValueError(
                "`unspaced` must be 0 where the words of scripts written without spaces are the tokens, with "
                f"`spec.segmentation` {self.spec.segmentation!r}. Received: unspaced={self.unspaced!r}. Set it to 0, "
                "or the segmentation to 'unicode'."
            )
        if self.entity_relations and not self.entity_types:
            raise ValueError(
                "`entity_relations` must be false where `entity_types` is empty, as the model has no input for names "
                f"then. Received: entity_relations={self.entity_relations!r}. Say which slots hold names, such as "
                'entity_types={"CONTACT": "contact"}.'
            )
        if self.surface_weights:
            from pqrnn_tf.datasets.making.augmentation import check_weights

            check_weights(self.surface_weights)

    @classmethod
    def for_rows(cls, rows: int, **values: Any) -> TrainingConfig:
        """The configuration that suits a number of training rows: the one place that decides it.

        A bag head stands beside the encoder, with the projection that it needs, up to `MAX_BAG_ROWS`. Below
        `MANY_ROWS` a smaller encoder is trained without dropout of features, in smaller batches and for more epochs
        the fewer rows there are.

        Args:
            rows: Training rows.
            **values: Fields that the caller has chosen; they stay as they are. Of a mapping as `spec`, its fields.

        Raises:
            ValueError: if `rows` is not positive, or a value is unknown or not valid.

        Example:
        ```python
        TrainingConfig.for_rows(350, learning_rate=1e-3).epochs
        ```
        """
        if not COUNT.holds(rows):
            raise ValueError(f"`rows` must be {COUNT.says}. Received: {rows!r}.")
        suited: dict[str, Any] = {}
        if rows <= MAX_BAG_ROWS:
            suited = {"bag_head": True, "spec": BAG_SPEC}
        if rows < MANY_ROWS:
            chosen = values.get("batch_size")
            batch_size = 16 if rows < 200 else 32
            suited |= _few_rows(rows, int(chosen) if COUNT.holds(chosen) else batch_size)  # type: ignore[arg-type]
        if values.get("graph") is not None:
            suited = {name: value for name, value in suited.items() if name not in SIZES}
        if isinstance(values.get("spec"), Mapping):
            spec = suited.get("spec", ProjectionSpec())
            values["spec"] = {**spec.to_dict(), **values["spec"]}
        return cls.from_dict({**suited, **values})

    @property
    def loss_weights(self) -> dict[str, float]:
        """Weights of the losses, by the outputs of a model."""
        return {"intent": 1.0, "slots": self.slot_weight, "nested": self.nested_weight}

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            **{k: value for k, value in vars(self).items() if k not in ("graph", *_NEWER)},
            # Left out where there is none, so that the records of older trainings stay true.
            **({} if self.graph is None else {"graph": self.graph.to_dict()}),
            **{name: value for name in _NEWER if (value := getattr(self, name))},
            "spec": self.spec.to_dict(),
            "surface_weights": dict(self.surface_weights),
            "entity_types": dict(self.entity_types),
        }

    @classmethod
    def from_dict(cls: type[_Config], values: Mapping[str, Any]) -> _Config:
        """The inverse of `to_dict`; `spec` may also be a `ProjectionSpec`.

        A whole configuration without `surface` is of a version that knew no other forms: it has 0 there.

        Raises:
            ValueError: if a name is unknown, or a value is of another type or out of its range.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, Mapping):
            raise ValueError(
                f"`values` must be fields of {cls.__name__} by name. Received: {values!r}."
            )
        if unknown := sorted(set(values) - known):
            raise ValueError(f"`values` has unknown names: {unknown}. Known: {sorted(known)}.")
        values = dict(values)
        if "surface" not in values and known <= LATER_FIELDS.union(values):
            values["surface"] = 0.0
        if isinstance(values.get("spec"), Mapping):
            values["spec"] = ProjectionSpec.from_dict(dict(values["spec"]))
        return cls(**values)


@overload
def read_config(
    path: str | os.PathLike[str] | None, assignments: Sequence[str]
) -> TrainingConfig: ...


@overload
def read_config(
    path: str | os.PathLike[str] | None, assignments: Sequence[str], kind: type[_Config]
) -> _Config: ...


def read_config(
    path: str | os.PathLike[str] | None,
    assignments: Sequence[str],
    kind: type[TrainingConfig] = TrainingConfig,
) -> TrainingConfig:
    """A configuration from a JSON file and `name=value` texts, both optional.

    A value is JSON where it can be read as JSON, else text; `spec.name=value` sets a field of the
    projection specification.

    Raises:
        ValueError: if a name is unknown, a value is not valid, a text is not `name=value`, or the file
            does not hold a JSON object.
        FileNotFoundError: if there is no such file.
    """
    values = read_settings(path, assignments)
    if isinstance(values.get("spec"), Mapping):
        values["spec"] = {**ProjectionSpec().to_dict(), **values["spec"]}
    return kind.from_dict(values)


def read_settings(
    path: str | os.PathLike[str] | None, assignments: Sequence[str]
) -> dict[str, Any]:
    """What `read_config` reads: only the fields that are given, for `TrainingConfig.for_rows`.

    Raises:
        ValueError, FileNotFoundError: as `read_config`, but names and values are not looked at.
    """
    values: dict[str, Any] = {} if path is None else _read_object(pathlib.Path(path))
    spec = values.pop("spec", {})
    if not isinstance(spec, dict):
        raise ValueError(f"`spec` must be an object with fields. Received: {spec!r}.")
    spec = dict(spec)
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ValueError(f"`assignments` must be name=value. Received: {assignment!r}.")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        section, dot, field = name.partition(".")
        if dot and section == "spec":
            spec[field] = value
        else:
            values[name] = value
    if spec:
        values["spec"] = spec
    return values


def _read_object(path: pathlib.Path) -> dict[str, Any]:
    """The JSON object in a file."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: must be JSON ({error.msg}).") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: must be UTF-8 ({error}).") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"{path}: must be a JSON object with fields of TrainingConfig. Received: {values!r:.60}."
        )
    return values
