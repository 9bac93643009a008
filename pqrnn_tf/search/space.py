"""The search space: which students there are, and steps from some to others."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from typing import Any

from pqrnn_tf.encoder.graph import CHOICES, INPUT, JOINS, OPERATIONS, EncoderGraph
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import SHAPE_FEATURES
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.tasks.config import TrainingConfig

GATES = {"f": 2, "fo": 3, "ifo": 4}
_TRIES = 500
_States = list[dict[str, Any]]
_Change = Callable[["Space", "_Draft", random.Random], None]


class SpaceError(ValueError):
    """A space in which no student is found that fits."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Space:
    """Which students a search may try.

    Args:
        labels: Labels of the students; their heads count as parameters.
        max_parameters: Trained parameters at most, heads included.
        units: Sizes of a QRNN's direction and of a dense layer.
        bottleneck_units: Sizes of the bottleneck.
        kernel_widths: Widths of convolutions; a depthwise one has at least 2.
        word_features, ngram_features, ngram_orders: Choices of the projection; without n-gram features the orders are
            empty.
        max_states: States of a graph at most, besides the bottleneck.
        max_edges: Edges of a state at most.
        max_width: Channels of a state at most.
    """

    labels: LabelSet
    max_parameters: int
    units: tuple[int, ...] = tuple(range(16, 161, 8))
    bottleneck_units: tuple[int, ...] = tuple(range(32, 257, 16))
    kernel_widths: tuple[int, ...] = (1, 2, 3, 4)
    word_features: tuple[int, ...] = (256, 512, 768, 1024)
    ngram_features: tuple[int, ...] = (0, 256, 512, 1024, 2048)
    ngram_orders: tuple[tuple[int, ...], ...] = ((3,), (2, 3), (3, 4), (2, 3, 4), (3, 4, 5))
    max_states: int = 6
    max_edges: int = 3
    max_width: int = 384

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that tell one space from another."""
        return {**vars(self), "labels": self.labels.to_dict()}

    def holds(self, genome: Genome) -> bool:
        """Whether a student is within the bounds; its sizes need not be among the choices."""
        return not self.beyond(genome)

    def beyond(self, genome: Genome) -> dict[str, int]:
        """What of a student is beyond which bound, by the bound's name; empty if it is within all of them."""
        graph = genome.graph
        found = {
            "max_states": len(graph.states),
            "max_edges": max(len(state.edges) for state in graph.states),
            "max_width": max(graph.widths.values()),
            "max_parameters": count_parameters(genome, self.labels),
        }
        return {name: value for name, value in found.items() if value > getattr(self, name)}

    def fitted(self, config: TrainingConfig) -> TrainingConfig:
        """A configuration whose student is within the bounds, for a search that is told of none to start from.

        Args:
            config: A configuration of a stack. Its widths and features shrink by equal shares until it fits.

        Returns:
            It; `config` itself where it fits, has a graph, or no share of it fits.
        """
        if config.graph is not None or self.holds(Genome.of(config)):
            return config
        for share in (part / 16 for part in range(15, 0, -1)):
            words = int(config.spec.word_features * share) // 64 * 64
            ngrams = int(config.spec.ngram_features * share)
            ngrams = 1 << ngrams.bit_length() - 1 if ngrams else 0
            smaller = dataclasses.replace(
                config,
                units=max(min(self.units), int(config.units * share) // 8 * 8),
                bottleneck_units=max(
                    min(self.bottleneck_units), int(config.bottleneck_units * share) // 8 * 8
                ),
                spec=dataclasses.replace(
                    config.spec,
                    word_features=max(min(self.word_features), words),
                    ngram_features=ngrams and max(min(filter(None, self.ngram_features)), ngrams),
                ),
            )
            if self.holds(Genome.of(smaller)):
                return smaller
        return config

    def drawn(self, rng: random.Random) -> Genome:
        """A random student.

        Raises:
            SpaceError: if none is found that fits.
        """

        def draw() -> _Draft:
            states: _States = []
            names = [INPUT]
            for _ in range(rng.randint(1, self.max_states)):
                count = rng.randint(1, min(2, self.max_edges))
                sources = [names[-1], *(rng.choice(names) for _ in range(count - 1))]
                name = _new_name(names, rng)
                edges = [self.edge(source, rng) for source in sources]
                states.append({"name": name, "join": rng.choice(JOINS), "edges": edges})
                names.append(name)
            features = rng.choice(self.ngram_features)
            return _Draft(
                word_features=rng.choice(self.word_features),
                ngram_features=features,
                ngram_orders=rng.choice(self.ngram_orders) if features else (),
                bottleneck_units=rng.choice(self.bottleneck_units),
                states=states,
            )

        return self._found(draw, "random student")

    def mutated(self, genome: Genome, rng: random.Random) -> Genome:
        """A student that differs from another one in a step; see `MUTATIONS`.

        Raises:
            SpaceError: if no step leads to one that fits.
        """

        def draw() -> _Draft:
            draft = _Draft.of(genome)
            rng.choice(list(MUTATIONS.values()))(self, draft, rng)
            return draft

        return self._found(draw, "mutation", other_than=(genome,))

    def crossed(self, one: Genome, other: Genome, rng: random.Random) -> Genome:
        """A student with features and states of two: the states of the first, some of them as the second has them.

        A state is taken over where both have one of its name, and all that it reads is there.

        Raises:
            SpaceError: if no crossing fits.
        """
        theirs = {state["name"]: state for state in _Draft.of(other).states}

        def draw() -> _Draft:
            draft, second = _Draft.of(one), _Draft.of(other)
            if rng.random() < 0.5:
                draft.bottleneck_units = second.bottleneck_units
            if rng.random() < 0.5:
                draft.word_features = second.word_features
            if rng.random() < 0.5:
                draft.ngram_features = second.ngram_features
                draft.ngram_orders = second.ngram_orders
            known = {INPUT}
            for place, state in enumerate(draft.states):
                name = state["name"]
                if name in theirs and rng.random() < 0.5:
                    taken = theirs[name]
                    if all(edge["from"] in known for edge in taken["edges"]):
                        draft.states[place] = {**taken, "edges": [dict(e) for e in taken["edges"]]}
                known.add(name)
            return draft

        return self._found(draw, "crossover")

    def edge(self, source: str, rng: random.Random) -> dict[str, Any]:
        """A random edge that reads a state, as JSON has it."""
        operation = rng.choice(list(OPERATIONS))
        edge: dict[str, Any] = {"from": source, "op": operation}
        for name in OPERATIONS[operation]:
            edge[name] = rng.choice(self.choices(operation, name))
        return edge

    def choices(self, operation: str, name: str) -> tuple[Any, ...]:
        """The values that a field of an edge may have."""
        if name in CHOICES:
            return CHOICES[name]
        if name == "units":
            return self.units
        widths = self.kernel_widths
        return tuple(w for w in widths if w > 1) or widths if operation == "depthwise" else widths

    def _found(
        self, draw: Callable[[], _Draft], what: str, other_than: tuple[Genome, ...] = ()
    ) -> Genome:
        for _ in range(_TRIES):
            genome = draw().repaired()
            if self.holds(genome) and genome not in other_than:
                return genome
        raise SpaceError(
            f"`max_parameters` must leave room for a {what}. Received: {self.max_parameters}, and none of {_TRIES} "
            "tries fits. Give more, or smaller sizes to begin with."
        )


@dataclasses.dataclass
class _Draft:
    """A student that is being changed; its graph need not be valid."""

    word_features: int
    ngram_features: int
    ngram_orders: tuple[int, ...]
    bottleneck_units: int
    states: _States

    @classmethod
    def of(cls, genome: Genome) -> _Draft:
        graph = genome.graph.to_dict()
        return cls(
            word_features=genome.word_features,
            ngram_features=genome.ngram_features,
            ngram_orders=genome.ngram_orders,
            bottleneck_units=graph["bottleneck_units"],
            states=graph["states"],
        )

    def repaired(self) -> Genome:
        """The student, made valid: what nothing reads is left out, a sum of several widths is a concatenation."""
        read = {self.states[-1]["name"]}
        kept: _States = []
        for state in reversed(self.states):
            if state["name"] in read:
                edges: list[dict[str, Any]] = []
                for edge in state["edges"]:
                    if edge not in edges:
                        edges.append(edge)
                kept.append({**state, "edges": edges})
                read |= {edge["from"] for edge in edges}
        states = kept[::-1]
        widths = {INPUT: self.bottleneck_units}
        for state in states:
            own = [
                edge.get("units", widths[edge["from"]]) * (1 + (edge.get("direction") == "both"))
                for edge in state["edges"]
            ]
            if len(set(own)) > 1:
                state["join"] = "concatenate"
            widths[state["name"]] = sum(own) if state["join"] == "concatenate" else own[0]
        graph = {"bottleneck_units": self.bottleneck_units, "states": states}
        return Genome(
            word_features=self.word_features,
            ngram_features=self.ngram_features,
            ngram_orders=self.ngram_orders,
            graph=EncoderGraph.from_dict(graph),
        )

    def names(self) -> list[str]:
        """Names of all states in order, that of the bottleneck first."""
        return [INPUT, *(state["name"] for state in self.states)]


def _new_name(names: list[str], rng: random.Random) -> str:
    """A name that no state has: names last, so that weights are found again by them."""
    while (name := f"s{rng.getrandbits(24):06x}") in names:
        pass
    return name


def _change_edge(space: Space, draft: _Draft, rng: random.Random) -> None:
    edges = [edge for state in draft.states for edge in state["edges"] if len(edge) > 2]
    if edges:
        edge = rng.choice(edges)
        name = rng.choice(OPERATIONS[edge["op"]])
        edge[name] = _other(space.choices(edge["op"], name), edge[name], rng)


def _change_operation(space: Space, draft: _Draft, rng: random.Random) -> None:
    state = rng.choice(draft.states)
    place = rng.randrange(len(state["edges"]))
    state["edges"][place] = space.edge(state["edges"][place]["from"], rng)


def _insert_state(space: Space, draft: _Draft, rng: random.Random) -> None:
    number = rng.randrange(len(draft.states))
    edge = rng.choice(draft.states[number]["edges"])
    name = _new_name(draft.names(), rng)
    state = {"name": name, "join": JOINS[0], "edges": [space.edge(edge["from"], rng)]}
    edge["from"] = name
    draft.states.insert(number, state)


def _append_state(space: Space, draft: _Draft, rng: random.Random) -> None:
    last = draft.states[-1]["name"]
    edges = [space.edge(last, rng), {"from": last, "op": "identity"}]
    name = _new_name(draft.names(), rng)
    draft.states.append({"name": name, "join": rng.choice(JOINS), "edges": edges})


def _remove_state(space: Space, draft: _Draft, rng: random.Random) -> None:
    if len(draft.states) > 1:
        state = draft.states.pop(rng.randrange(len(draft.states)))
        for other in draft.states:
            for edge in other["edges"]:
                if edge["from"] == state["name"]:
                    edge["from"] = state["edges"][0]["from"]


def _add_edge(space: Space, draft: _Draft, rng: random.Random) -> None:
    number = rng.randrange(len(draft.states))
    draft.states[number]["edges"].append(space.edge(rng.choice(draft.names()[: number + 1]), rng))


def _remove_edge(space: Space, draft: _Draft, rng: random.Random) -> None:
    states = [state for state in draft.states if len(state["edges"]) > 1]
    if states:
        edges = rng.choice(states)["edges"]
        edges.pop(rng.randrange(len(edges)))


def _move_edge(space: Space, draft: _Draft, rng: random.Random) -> None:
    number = rng.randrange(len(draft.states))
    rng.choice(draft.states[number]["edges"])["from"] = rng.choice(draft.names()[: number + 1])


def _change_join(space: Space, draft: _Draft, rng: random.Random) -> None:
    state = rng.choice(draft.states)
    state["join"] = _other(JOINS, state["join"], rng)


def _change_bottleneck(space: Space, draft: _Draft, rng: random.Random) -> None:
    draft.bottleneck_units = _other(space.bottleneck_units, draft.bottleneck_units, rng)


def _change_words(space: Space, draft: _Draft, rng: random.Random) -> None:
    draft.word_features = _other(space.word_features, draft.word_features, rng)


def _change_ngrams(space: Space, draft: _Draft, rng: random.Random) -> None:
    draft.ngram_features = _other(space.ngram_features, draft.ngram_features, rng)
    if not draft.ngram_features:
        draft.ngram_orders = ()
    elif not draft.ngram_orders:
        draft.ngram_orders = rng.choice(space.ngram_orders)


def _change_orders(space: Space, draft: _Draft, rng: random.Random) -> None:
    if draft.ngram_features:
        draft.ngram_orders = _other(space.ngram_orders, draft.ngram_orders, rng)


MUTATIONS: Mapping[str, _Change] = {
    "change a value of an edge": _change_edge,
    "change an operation": _change_operation,
    "insert a state into an edge": _insert_state,
    "append a state": _append_state,
    "remove a state": _remove_state,
    "add an edge": _add_edge,
    "remove an edge": _remove_edge,
    "read another state": _move_edge,
    "change a join": _change_join,
    "change the bottleneck": _change_bottleneck,
    "change the features of words": _change_words,
    "change the features of n-grams": _change_ngrams,
    "change the orders of n-grams": _change_orders,
}
"""The steps, each as likely as any other; one that is not possible changes nothing, and another is drawn."""


def _other(choices: tuple[Any, ...], value: Any, rng: random.Random) -> Any:
    """One of some choices that is another one, if there is one."""
    return rng.choice([choice for choice in choices if choice != value] or [value])


def count_parameters(genome: Genome, labels: LabelSet) -> int:
    """Trained parameters of a student with batch normalisation and heads that see the pooled state.

    Args:
        genome: The student.
        labels: Its labels.
    """
    graph = genome.graph
    # As the default has it, features of the shape of words count too.
    features = genome.word_features + genome.ngram_features + len(SHAPE_FEATURES)
    count = (features + 2) * graph.bottleneck_units
    for state in graph.states:
        for edge in state.edges:
            given = graph.widths[edge.source]
            units, width = edge.units or 0, edge.kernel_width or 0
            if edge.operation == "qrnn":
                columns = GATES[edge.pooling or ""] * units
                count += (1 + (edge.direction == "both")) * (width * given + 2) * columns
            elif edge.operation == "dense":
                count += (given + 2) * units
            elif edge.operation == "depthwise":
                count += (width + 2) * given
            elif edge.operation == "layer_norm":
                count += 2 * given
    heads = len(labels.intents) + 2 * len(labels.tags) + 2 * len(labels.nested)
    biases = len(labels.intents) + len(labels.tags) + len(labels.nested)
    return count + heads * graph.width + biases + graph.width
