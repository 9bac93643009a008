"""The knowledge graph of a list: triples, neighbourhoods, steps, TransE."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.knowledge import KnowledgeGraph
from pqrnn_tf.knowledge.graph import Neighbourhoods
from pqrnn_tf.knowledge.transe import embed_by_transe
from pqrnn_tf.runtime import Entities, EntityError

HOME = Entities.from_rows(
    [
        {"name": "Lamp", "id": "l1", "type": "light"},
        {"name": "Television", "id": "tv"},
        {"name": "Kitchen", "id": "r1"},
        {"name": "Anna", "id": "a"},
        {"name": "Lamp", "id": "l2", "type": "light"},
    ],
    triples=[
        ("l1", "located_in", "r1"),
        ("tv", "located_in", "kitchen"),
        ("r1", "on_floor", "Upstairs"),
        ("a", "sleeps_in", "Kitchen"),
        ("a", "knows", "a"),
        ("l2", "located_in", "Cellar"),
    ],
)
GRAPH = KnowledgeGraph.of(HOME)
IN, FLOOR, SLEEPS = (GRAPH.relations.index(r) for r in ("located_in", "on_floor", "sleeps_in"))


def step(*signs):
    return GRAPH.steps.index(signs)


def test_nodes_and_triples():
    assert GRAPH.entities == 5
    assert GRAPH.nodes[5:] == ("light", "Upstairs", "Cellar")
    assert GRAPH.relations == ("is_a", "knows", "located_in", "on_floor", "sleeps_in")
    named = [(GRAPH.nodes[s], GRAPH.relations[r], GRAPH.nodes[o]) for s, r, o in GRAPH.triples]
    assert named == [
        ("Lamp", "is_a", "light"),
        ("Lamp", "located_in", "Kitchen"),
        ("Television", "located_in", "Kitchen"),
        ("Kitchen", "on_floor", "Upstairs"),
        ("Anna", "sleeps_in", "Kitchen"),
        ("Lamp", "is_a", "light"),
        ("Lamp", "located_in", "Cellar"),
    ]


def test_a_list_without_relations_has_no_graph():
    with pytest.raises(EntityError, match="must have relations. Received: none in a list of 1"):
        KnowledgeGraph.of(Entities.from_rows([{"name": "Lamp", "type": "light"}]))


def test_steps_lead_where_they_say():
    assert GRAPH.reached(0, step(IN)) == {2}
    assert GRAPH.reached(2, step(~IN)) == {0, 1}
    assert GRAPH.reached(0, step(IN, FLOOR)) == {6}
    assert GRAPH.reached(0, step(IN, ~IN)) == {1}
    assert GRAPH.reached(0, step(IN, ~SLEEPS)) == {3}
    assert GRAPH.near(0) == {1, 2, 3, 6}
    assert GRAPH.name_of_step((IN, ~SLEEPS)) == ("located_in", "-sleeps_in")
    assert GRAPH.step_matrix[step(IN, ~SLEEPS)].tolist() == [0, 0, 1, 0, -1]


def test_no_step_of_two_goes_over_a_type():
    assert all(len(one) == 1 or not any(map(GRAPH.is_a, one)) for one in GRAPH.steps)


def test_a_neighbourhood_is_a_sequence_with_relations_and_triple_positions():
    around = Neighbourhoods.of(GRAPH, 6)
    lamp = around.nodes[0].tolist()
    assert lamp[0] == 1 and around.relations[0, 0] == 0
    rows = []
    for triple, places in zip(around.triples[0], around.places[0], strict=True):
        if triple < 0:
            assert places.tolist() == [-1, -1, -1]
            continue
        subject, relation, other = GRAPH.triples[triple].tolist()
        assert (lamp[places[0]], lamp[places[2]]) == (subject + 1, other + 1)
        assert around.relations[0, places[1]] == relation + 1
        rows.append((int(triple), int(around.signs[0, places[1]])))
    # Its own triples, then those of the kitchen: the television's leads there, the floor's away.
    assert rows[:2] == [(0, 1), (1, 1)]
    assert sorted(rows[2:]) == [(2, -1), (3, 1), (4, -1)]


def test_a_neighbourhood_is_as_large_as_asked_for_at_most():
    around = Neighbourhoods.of(GRAPH, 2)
    assert around.nodes.shape == (8, 5)
    assert (around.triples[2] >= 0).sum() == 2


def test_transe_puts_objects_where_subject_and_relation_lead():
    nodes, relations = embed_by_transe(GRAPH.triples, 8, 5, width=16, seed=1)
    assert np.linalg.norm(nodes, axis=1) == pytest.approx(1, abs=1e-5)
    again = embed_by_transe(GRAPH.triples, 8, 5, width=16, seed=1)[0]
    assert np.array_equal(nodes, again)
    ranks = []
    for subject, relation, other in GRAPH.triples:
        distances = np.linalg.norm(nodes[subject] + relations[relation] - nodes, axis=1)
        ranks.append(int((distances < distances[other]).sum()))
    assert np.mean(ranks) < 1.5


@pytest.mark.parametrize(
    ("triples", "message"),
    [(np.zeros((0, 3)), "at least one"), ([[0, 0, 8]], "numbers of 8 nodes and 5 relations")],
)
def test_transe_of_wrong_triples(triples, message):
    with pytest.raises(ValueError, match=message):
        embed_by_transe(triples, 8, 5, width=4, seed=1)
