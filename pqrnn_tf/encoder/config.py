"""Sizes and regularisation of an encoder: the part of the one table of defaults that this room needs."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping
from typing import Any, TypeVar

from pqrnn_tf.encoder.graph import EncoderGraph

_Config = TypeVar("_Config", bound="EncoderConfig")

SIZES = ("bottleneck_units", "units", "layers", "kernel_width", "pooling", "residual")
"""Fields that describe a stack; a graph says all that itself."""


class Kind:
    """What a value of a configuration may be.

    Args:
        says: What is expected, for the error: "a whole number of at least 1".
        types: Types of the value; numbers of NumPy count as numbers.
        low, high: Smallest and largest number; `None` for no limit.
        open_low, open_high: Whether the limit itself is left out.
        choices: The values that are allowed; `None` for any.
    """

    def __init__(
        self,
        says: str,
        types: type | tuple[type, ...] = object,
        *,
        low: float | None = None,
        high: float | None = None,
        open_low: bool = False,
        open_high: bool = False,
        choices: tuple[Any, ...] | None = None,
    ) -> None:
        self.says = says
        self._types = types
        self._low, self._high = low, high
        self._open_low, self._open_high = open_low, open_high
        self._choices = choices

    def holds(self, value: Any) -> bool:
        """Whether a value is one of this kind."""
        if self._choices is not None:
            return isinstance(value, (str, bool, type(None))) and value in self._choices
        number: Any = value
        if isinstance(value, bool) or not isinstance(value, self._types):
            return False
        if not isinstance(value, numbers.Integral) and not math.isfinite(number):
            return False
        if self._low is not None and (
            number <= self._low if self._open_low else number < self._low
        ):
            return False
        return self._high is None or (
            number < self._high if self._open_high else number <= self._high
        )

    def plain(self, value: Any) -> Any:
        """A value of this kind as JSON has it."""
        if self._choices is not None:
            return value
        return int(value) if self._types is numbers.Integral else float(value)


COUNT = Kind("a whole number of at least 1", numbers.Integral, low=1)
SEED = Kind("a whole number from 0 to 2³² − 1", numbers.Integral, low=0, high=2**32 - 1)
RATE = Kind("a number of at least 0 and below 1", numbers.Real, low=0, high=1, open_high=True)
PROBABILITY = Kind("a number from 0 to 1", numbers.Real, low=0, high=1)
POSITIVE = Kind("a number above 0", numbers.Real, low=0, open_low=True)
WEIGHT = Kind("a number of at least 0", numbers.Real, low=0)
SWITCH = Kind("true or false", choices=(True, False))


def one_of(*choices: Any) -> Kind:
    """One of some texts, or `None`."""
    return Kind(f"one of {list(choices)}", choices=choices)


def setting(default: Any, kind: Kind) -> Any:
    """A field of a configuration, with its default and what its values may be."""
    return dataclasses.field(default=default, metadata={"kind": kind})


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """Arguments of `PQRNNEncoder` or, with a graph, of `GraphEncoder`, which take their own defaults from here.

    Args:
        bottleneck_units, units, layers, kernel_width, pooling, zoneout, dropout, feature_dropout,
            residual, normalization: See `PQRNNEncoder`.
        graph: An `EncoderGraph`, or its plain values, in the place of a stack; the sizes of the stack (`SIZES`) then
            keep their defaults.

    Raises:
        ValueError: if a value is of another type or out of its range, or a graph stands beside sizes.
    """

    bottleneck_units: int = setting(256, COUNT)
    units: int = setting(128, COUNT)
    layers: int = setting(3, COUNT)
    kernel_width: int = setting(3, COUNT)
    pooling: str = setting("fo", one_of("f", "fo", "ifo"))
    zoneout: float = setting(0.0, RATE)
    dropout: float = setting(0.2, RATE)
    feature_dropout: float = setting(0.1, RATE)
    residual: bool = setting(True, SWITCH)
    normalization: str | None = setting("batch", one_of("batch", "layer", None))
    graph: EncoderGraph | None = None

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            kind: Kind | None = field.metadata.get("kind")
            if kind is None:
                continue
            value = getattr(self, field.name)
            if not kind.holds(value):
                raise ValueError(f"`{field.name}` must be {kind.says}. Received: {value!r}.")
            object.__setattr__(self, field.name, kind.plain(value))
        if isinstance(self.graph, Mapping):
            object.__setattr__(self, "graph", EncoderGraph.from_dict(self.graph))
        if self.graph is None:
            return
        if not isinstance(self.graph, EncoderGraph):
            raise ValueError(
                f"`graph` must be a graph of an encoder. Received: {self.graph!r:.60}."
            )
        if given := [name for name in SIZES if getattr(self, name) != getattr(type(self), name)]:
            raise ValueError(
                f"`graph` must stand without sizes of a stack. Received: {given} beside it. Leave them out."
            )

    @property
    def parts(self) -> int:
        """Parts of the encoder that a training may freeze: the bottleneck, and each layer or state."""
        return 1 + (self.layers if self.graph is None else len(self.graph.states))

    def as_graph(self: _Config, graph: EncoderGraph | None = None) -> _Config:
        """The same configuration with a graph in the place of sizes.

        Args:
            graph: The graph; `None` for the one that it has, or that computes what its stack does.
        """
        if graph is None:
            stack = {name: getattr(self, name) for name in SIZES}
            graph = self.graph or EncoderGraph.of_stack(**stack)
        defaults: dict[str, Any] = {name: getattr(type(self), name) for name in SIZES}
        return dataclasses.replace(self, graph=graph, **defaults)

    def encoder_arguments(self) -> dict[str, Any]:
        """The values as keyword arguments of `PQRNNEncoder`; with a graph, of `GraphEncoder`."""
        left_out = ("graph",) if self.graph is None else SIZES
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(EncoderConfig)
            if field.name not in left_out
        }
