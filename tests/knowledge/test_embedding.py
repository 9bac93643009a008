"""The graph encoder and its training."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from pqrnn_tf.knowledge import GraphConfig, GraphEncoder, KnowledgeGraph, embed_entities, training
from pqrnn_tf.knowledge.eight_bits import FILE
from pqrnn_tf.knowledge.graph import Neighbourhoods
from pqrnn_tf.runtime import EntityVectors
from tests.knowledge.test_graph import GRAPH, HOME

SMALL = {"width": 8, "heads": 2, "epochs": 1, "batch_size": 16, "neighbourhood": 4}


@pytest.fixture
def quick(monkeypatch, eager):
    monkeypatch.setattr(training, "LEAST_ROWS", 96)


def encoder(**changes):
    nodes = np.random.default_rng(1).normal(size=(8, 8)).astype(np.float32)
    relations = np.random.default_rng(2).normal(size=(5, 8)).astype(np.float32)
    how = {"layers": 2, "heads": 2, **changes}
    return GraphEncoder(Neighbourhoods.of(GRAPH, 6), nodes, relations, **how), nodes


def drawn(model):
    """The model with weights that are not zero anywhere."""
    rng = np.random.default_rng(3)
    for weight in model.trainable_weights:
        weight.assign(weight + 0.3 * rng.normal(size=weight.shape))
    return model


def change(model, node):
    """Gives a node another vector."""
    table = model.node_vectors.embeddings
    values = keras.ops.convert_to_numpy(table).copy()
    values[node + 1] += np.arange(8)
    table.assign(values)


def test_a_new_encoder_gives_the_vectors_that_it_starts_from():
    model, nodes = encoder()
    found = keras.ops.convert_to_numpy(model(np.arange(8, dtype=np.int32)))
    expected = nodes / np.linalg.norm(nodes, axis=1, keepdims=True)
    assert found == pytest.approx(expected, abs=1e-5)


def test_only_what_shares_a_triple_is_read_in_a_layer():
    ask = np.array([0], np.int32)  # the lamp; the floor is two triples away
    changed = {}
    for layers in (1, 2):
        model = drawn(encoder(layers=layers)[0])
        before = keras.ops.convert_to_numpy(model(ask))
        change(model, GRAPH.nodes.index("Upstairs"))
        changed[layers] = np.abs(keras.ops.convert_to_numpy(model(ask)) - before).max()
    assert changed[1] == 0 and changed[2] > 1e-4


def test_a_hidden_triple_is_not_read():
    model = drawn(encoder(layers=1)[0])
    ask = np.array([0], np.int32)
    before = keras.ops.convert_to_numpy(model(ask, np.array([[1, -1]], np.int32)))
    change(model, GRAPH.nodes.index("Kitchen"))
    after = keras.ops.convert_to_numpy(model(ask, np.array([[1, -1]], np.int32)))
    assert after == pytest.approx(before, abs=1e-6)
    assert np.abs(keras.ops.convert_to_numpy(model(ask)) - before).max() > 1e-4


def test_examples_are_steps_of_the_graph():
    data = training.StepData(GRAPH, GraphConfig(**SMALL))
    (batch,) = next(
        iter(data.batches(None, None, batch_size=32, seed=1, epoch=lambda: 0).as_numpy_iterator())
    )
    assert {len(GRAPH.steps[step]) for step in batch["steps"]} == {1, 2}
    for i, (start, step, end) in enumerate(
        zip(batch["starts"], batch["steps"], batch["ends"], strict=True)
    ):
        assert end in GRAPH.reached(int(start), int(step)) and batch["known"][i, i]
        # `near` has the start itself, and not what only a type leads to.
        assert batch["near"][i].tolist() == [
            int(other) == start or int(other) in GRAPH.near(int(start)) for other in batch["ends"]
        ]
    assert (batch["hidden"] >= 0).any() and (batch["hidden"] < 0).any()


def test_a_training_lowers_the_loss_and_writes_vectors_of_the_list(tmp_path, quick):
    config = GraphConfig(**{**SMALL, "epochs": 5, "batch_size": 48, "learning_rate": 0.02})
    found = embed_entities(HOME, tmp_path, config, verbose=0)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "log.jsonl").open()]
    assert losses[-1] < losses[0]
    read = EntityVectors.read(tmp_path / FILE)
    assert np.array_equal(read.vectors, found.vectors) and read.vectors.shape == (5, 8)
    assert max(np.abs(read.vectors).max(), np.abs(read.step_vectors).max()) == 127
    assert ("located_in", "-sleeps_in") in read.steps
    assert not any("is_a" in "".join(step) for step in read.steps)
    assert HOME.with_vectors(read).vectors is read
    # The same list again: nothing is left to train, and the same comes out.
    again = embed_entities(HOME, tmp_path, config, verbose=0)
    assert np.array_equal(again.vectors, found.vectors)


def test_the_graph_of_the_tests_is_that_of_the_list():
    assert len(GRAPH.nodes) == 8 and len(KnowledgeGraph.of(HOME).triples) == len(GRAPH.triples)
