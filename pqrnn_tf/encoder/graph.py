"""An encoder as a directed acyclic graph: nodes are states, edges are operations on states; plain values for JSON.

    {"bottleneck_units": 128,
     "states": [
       {"name": "a", "join": "sum", "edges": [
         {"from": "input", "op": "qrnn", "units": 64, "kernel_width": 2, "direction": "both", "pooling": "fo"},
         {"from": "input", "op": "identity"}]},
       {"name": "b", "join": "concatenate", "edges": [
         {"from": "a", "op": "depthwise", "kernel_width": 3},
         {"from": "input", "op": "layer_norm"}]}]}

`input` is the output of the bottleneck; the last state is what the encoder gives. Needs the standard library only.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

INPUT = "input"
"""Name of the output of the bottleneck."""

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "qrnn": ("units", "kernel_width", "direction", "pooling"),
    "dense": ("units",),
    "depthwise": ("kernel_width",),
    "layer_norm": (),
    "identity": (),
}
"""The operations and what each of them must be told."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "direction": ("forward", "backward", "both"),
    "pooling": ("f", "fo", "ifo"),
}
"""The values of what is a word; what is none is a whole number of at least 1."""

JOINS = ("sum", "concatenate")
"""How the results of the edges of a state become one: a sum is a residual."""

_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edge:
    """An operation on a state.

    Args:
        source: Name of the state, `"input"` for the bottleneck's output; `from` in JSON.
        operation: One of `OPERATIONS`; `op` in JSON.
        units: Size of a QRNN's state in one direction, or of a dense layer.
        kernel_width: Steps that a convolution sees.
        direction: `"forward"`, `"backward"` or, side by side, `"both"`.
        pooling: `"f"`, `"fo"` or `"ifo"`, as in `QRNN`.

    Raises:
        ValueError: if a value is out of its range, missing, or of no use for the operation.
    """

    source: str
    operation: str
    units: int | None = None
    kernel_width: int | None = None
    direction: str | None = None
    pooling: str | None = None

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(
                f"`op` must be one of {list(OPERATIONS)}. Received: {self.operation!r}."
            )
        for name in ("units", "kernel_width", "direction", "pooling"):
            value = getattr(self, name)
            if name not in OPERATIONS[self.operation]:
                if value is not None:
                    raise ValueError(
                        f"`{name}` has no use in an edge of {self.operation!r}. Received: {value!r}."
                    )
            elif name in CHOICES:
                if value not in CHOICES[name]:
                    raise ValueError(
                        f"`{name}` must be one of {list(CHOICES[name])} in an edge of {self.operation!r}. "
                        f"Received: {value!r}."
                    )
            else:
                _check_count(name, value)

    def width(self, given: int) -> int:
        """Channels of the result for a state of `given` channels."""
        if self.units is None:
            return given
        return 2 * self.units if self.direction == "both" else self.units

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        own = {name: getattr(self, name) for name in OPERATIONS[self.operation]}
        return {"from": self.source, "op": self.operation, **own}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Edge:
        """The inverse of `to_dict`.

        Raises:
            ValueError: as the class, or if a name is unknown or missing.
        """
        known = {"from": "source", "op": "operation"}
        fields = {field.name for field in dataclasses.fields(cls)} - set(known.values())
        _check_names("An edge", values, required=known, optional=fields)
        return cls(**{known.get(name, name): value for name, value in values.items()})


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
    """A node of the graph: operations on earlier states, and how their results become one.

    Args:
        name: Its own name, of small letters and digits.
        edges: The operations, at least one.
        join: `"sum"`, for which all results must be equally wide, or `"concatenate"`.

    Raises:
        ValueError: if a value is not valid.
    """

    name: str
    edges: tuple[Edge, ...]
    join: str = JOINS[0]

    def __post_init__(self) -> None:
        if (
            not isinstance(self.name, str)
            or not self.name
            or self.name == INPUT
            or not set(self.name) <= _NAME_LETTERS
        ):
            raise ValueError(
                f"`name` of a state must have small letters and digits only, and not be {INPUT!r}. Received: "
                f"{self.name!r}."
            )
        if not self.edges:
            raise ValueError(
                f"`edges` must hold at least one edge. Received: none in state {self.name!r}."
            )
        if self.join not in JOINS:
            raise ValueError(
                f"`join` must be one of {list(JOINS)}. Received: {self.join!r} in state {self.name!r}."
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "join": self.join,
            "edges": [edge.to_dict() for edge in self.edges],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> State:
        """The inverse of `to_dict`; without `join` it is a sum.

        Raises:
            ValueError: as the class, or if a name is unknown or missing.
        """
        _check_names("A state", values, required=("name", "edges"), optional=("join",))
        edges = values["edges"]
        if not isinstance(edges, Sequence) or isinstance(edges, str):
            raise ValueError(f"`edges` must be a list of edges. Received: {edges!r:.60}.")
        return cls(**{**values, "edges": tuple(Edge.from_dict(edge) for edge in edges)})


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncoderGraph:
    """What a `GraphEncoder` computes.

    Args:
        bottleneck_units: Size of the bottleneck, the state `"input"`.
        states: The states in an order in which each reads earlier ones only; the last one is the output.

    Raises:
        ValueError: if two states have one name, an edge reads a state that is not before it, a sum has results of
            several widths, or nothing reads a state that is not the last.
    """

    bottleneck_units: int
    states: tuple[State, ...]

    def __post_init__(self) -> None:
        _check_count("bottleneck_units", self.bottleneck_units)
        if not self.states:
            raise ValueError("`states` must hold at least one state. Received: none.")
        _ = self.widths
        read = {edge.source for state in self.states for edge in state.edges}
        if unread := [state.name for state in self.states[:-1] if state.name not in read]:
            raise ValueError(
                f"Every state but the last must be read by another. Received: {unread}, which none reads."
            )

    @functools.cached_property
    def widths(self) -> dict[str, int]:
        """Channels of each state by name, that of the bottleneck first."""
        widths = {INPUT: self.bottleneck_units}
        for state in self.states:
            if state.name in widths:
                raise ValueError(
                    f"`states` must have different names. Received: {state.name!r} twice."
                )
            for edge in state.edges:
                if edge.source not in widths:
                    raise ValueError(
                        f"`from` must name an earlier state, one of {list(widths)}. Received: {edge.source!r} in "
                        f"state {state.name!r}."
                    )
            own = [edge.width(widths[edge.source]) for edge in state.edges]
            if state.join == "sum" and len(set(own)) > 1:
                raise ValueError(
                    f"A sum must have results of the same width. Received: {own} in state {state.name!r}. Take "
                    '"concatenate", or other units.'
                )
            widths[state.name] = sum(own) if state.join == "concatenate" else own[0]
        return widths

    @property
    def width(self) -> int:
        """Channels of the output."""
        return self.widths[self.states[-1].name]

    @functools.cached_property
    def depths(self) -> dict[str, int]:
        """For each state the number of QRNNs on the longest way to it, 0 for the bottleneck."""
        depths = {INPUT: 0}
        for state in self.states:
            depths[state.name] = max(
                depths[edge.source] + (edge.operation == "qrnn") for edge in state.edges
            )
        return depths

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "bottleneck_units": self.bottleneck_units,
            "states": [state.to_dict() for state in self.states],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EncoderGraph:
        """The inverse of `to_dict`.

        Raises:
            ValueError: as the class, or if a name is unknown or missing.
        """
        _check_names("A graph", values, required=("bottleneck_units", "states"))
        states = values["states"]
        if not isinstance(states, Sequence) or isinstance(states, str):
            raise ValueError(f"`states` must be a list of states. Received: {states!r:.60}.")
        return cls(
            bottleneck_units=values["bottleneck_units"],
            states=tuple(State.from_dict(state) for state in states),
        )

    @classmethod
    def of_stack(
        cls,
        *,
        bottleneck_units: int,
        units: int,
        layers: int,
        kernel_width: int,
        pooling: str,
        residual: bool,
    ) -> EncoderGraph:
        """The bidirectional stack of a `PQRNNEncoder` with these arguments."""
        states = []
        source, given = INPUT, bottleneck_units
        for number in range(1, layers + 1):
            edges = [
                Edge(
                    source=source,
                    operation="qrnn",
                    units=units,
                    kernel_width=kernel_width,
                    direction="both",
                    pooling=pooling,
                )
            ]
            if residual and given == 2 * units:
                edges.append(Edge(source=source, operation="identity"))
            source, given = f"layer{number}", 2 * units
            states.append(State(name=source, edges=tuple(edges)))
        return cls(bottleneck_units=bottleneck_units, states=tuple(states))


def layer_name(state: str, place: int) -> str:
    """Name of the layer of an edge: that of its state and its place there."""
    return f"{state}_{place}"


def _check_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}.")


def _check_names(
    what: str, values: Any, *, required: Sequence[str] | Mapping[str, str], optional: Any = ()
) -> None:
    if not isinstance(values, Mapping):
        raise ValueError(f"{what} must be a mapping. Received: {values!r:.60}.")
    missing = sorted(set(required) - set(values))
    unknown = sorted(set(values) - set(required) - set(optional))
    if missing or unknown:
        raise ValueError(
            f"{what} must have {sorted(required)} and may have {sorted(optional)}. Received: {sorted(values)}."
        )
