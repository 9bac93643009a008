"""Every step in the space leads to a student that is valid and within the bounds."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest

from pqrnn_tf.encoder.graph import INPUT, OPERATIONS, EncoderGraph
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.search.space import MUTATIONS, Space, SpaceError, _Draft, count_parameters
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.training import build_model

LABELS = LabelSet(
    ("a", "b"), ("O", "B-X", "I-X"), nested=("O", "B-P/Q"), slots_of_nested=((), ("X",))
)
SPACE = Space(labels=LABELS, max_parameters=300_000)
BASE = TrainingConfig(units=24, bottleneck_units=48, layers=2, kernel_width=2)
START = Genome.of(BASE)


def check(genome: Genome) -> None:
    """All that must hold of a student of the space."""
    graph = genome.graph
    assert (
        EncoderGraph.from_dict(graph.to_dict()) == graph
    )  # which checks order, widths and that all is read
    assert Genome.from_dict(genome.to_dict()) == genome
    assert count_parameters(genome, LABELS) <= SPACE.max_parameters
    assert 1 <= len(graph.states) <= SPACE.max_states
    assert max(graph.widths.values()) <= SPACE.max_width
    for state in graph.states:
        assert 1 <= len(state.edges) <= SPACE.max_edges
        assert len(set(state.edges)) == len(state.edges)
        for edge in state.edges:
            assert edge.units is None or edge.units in SPACE.units
            assert edge.kernel_width is None or edge.kernel_width in SPACE.kernel_widths
    # The projection takes it too.
    assert genome.configured(BASE).spec.features > 0


def test_students_stay_valid_under_mutation_and_crossover():
    rng = random.Random(3)
    students, mutated, crossed = [START, *(SPACE.drawn(rng) for _ in range(20))], 0, 0
    for _ in range(400):
        one, other = rng.choice(students), rng.choice(students)
        child = SPACE.mutated(one, rng)
        assert child != one
        both = SPACE.crossed(child, other, rng)
        mutated += child.graph != one.graph
        crossed += both not in (child, other)
        students += [child, both]
        check(child)
        check(both)
    assert mutated > 250 and crossed > 50
    used = {
        edge.operation for own in students for state in own.graph.states for edge in state.edges
    }
    assert used == set(OPERATIONS)


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_does_something(name):
    rng = random.Random(1)
    other = SPACE.drawn(rng)
    changed = 0
    for genome in (START, other) * 10:
        draft = _Draft.of(genome)
        MUTATIONS[name](SPACE, draft, rng)
        changed += draft.repaired() != genome
    assert changed


def test_the_same_seed_draws_the_same():
    drawn = [[SPACE.drawn(random.Random(5)), SPACE.mutated(START, random.Random(6))] for _ in "ab"]
    assert drawn[0] == drawn[1]


def test_crossover_takes_states_by_their_names():
    start = Genome.of(dataclasses.replace(BASE, residual=False))
    wide = dataclasses.replace(
        start, graph=EncoderGraph.from_dict(_with_units(start.graph.to_dict(), 32))
    )
    rng = random.Random(0)
    children = [SPACE.crossed(start, wide, rng) for _ in range(40)]
    sizes = {
        tuple(edge.units for state in own.graph.states for edge in state.edges if edge.units)
        for own in children
    }
    # Two layers, each of one parent or of the other.
    assert {(24, 24), (32, 24), (24, 32), (32, 32)} <= sizes


def _with_units(graph, units):
    for state in graph["states"]:
        for edge in state["edges"]:
            if "units" in edge:
                edge["units"] = units
    return graph


def test_parameters_are_those_of_the_model():
    two_ways = {"op": "qrnn", "units": 16, "kernel_width": 3, "direction": "both", "pooling": "ifo"}
    one_way = {"op": "qrnn", "units": 8, "kernel_width": 1, "direction": "backward", "pooling": "f"}
    first = [two_ways, one_way, {"op": "dense", "units": 24}]
    second = [{"op": "depthwise", "kernel_width": 4}, {"op": "layer_norm"}, {"op": "identity"}]
    states = [
        {"name": "a", "join": "concatenate", "edges": [{"from": INPUT, **edge} for edge in first]},
        {"name": "b", "join": "sum", "edges": [{"from": "a", **edge} for edge in second]},
    ]
    graph = {"bottleneck_units": 32, "states": states}
    genome = dataclasses.replace(START, graph=EncoderGraph.from_dict(graph))
    model = build_model(genome.configured(BASE), LABELS)
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert trained == count_parameters(genome, LABELS)


@pytest.mark.parametrize("most", [300_000, 870_000, 1_870_000])
def test_the_default_student_was_too_large_for_every_bound(most):
    space = dataclasses.replace(SPACE, max_parameters=most)
    default = TrainingConfig()
    assert not space.holds(Genome.of(default))
    start = space.fitted(default)
    assert space.holds(Genome.of(start))
    assert count_parameters(Genome.of(start), LABELS) > 0.6 * most
    assert dataclasses.replace(
        start,
        units=default.units,
        bottleneck_units=default.bottleneck_units,
        spec=default.spec,
    ) == default  # fmt: skip
    assert space.fitted(start) is start
    assert dataclasses.replace(SPACE, max_parameters=1000).fitted(default) is default


def test_a_bound_without_room_is_named():
    with pytest.raises(SpaceError, match="`max_parameters` must leave room for a random student"):
        dataclasses.replace(SPACE, max_parameters=100).drawn(random.Random(1))
    with pytest.raises(SpaceError, match="room for a mutation"):
        dataclasses.replace(SPACE, max_parameters=100).mutated(START, random.Random(1))
