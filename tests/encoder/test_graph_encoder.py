"""Encoders that are graphs: the stack is one of them, masks hold, configurations travel, bad graphs are named."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np
import pytest
from layer_checks import run_layer_test

from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
from pqrnn_tf.encoder import (
    DepthwiseConvolution,
    Edge,
    EncoderGraph,
    GraphEncoder,
    PQRNNEncoder,
    encoder_of,
)
from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.tasks.config import TrainingConfig

LENGTHS = [6, 1, 4]
MASK = np.arange(6) < np.array(LENGTHS)[:, None]
PLAIN: dict[str, Any] = {"dropout": 0.0, "feature_dropout": 0.0}
STACK: dict[str, Any] = {
    "bottleneck_units": 8,
    "units": 4,
    "layers": 3,
    "kernel_width": 2,
    "pooling": "fo",
    "residual": True,
}
QRNN: dict[str, Any] = {
    "from": "input",
    "op": "qrnn",
    "units": 4,
    "kernel_width": 2,
    "direction": "both",
    "pooling": "ifo",
}
GRAPH = {
    "bottleneck_units": 8,
    "states": [
        {"name": "a", "join": "sum", "edges": [QRNN, {"from": "input", "op": "layer_norm"}]},
        {
            "name": "b",
            "join": "concatenate",
            "edges": [
                {"from": "a", "op": "depthwise", "kernel_width": 3},
                {"from": "input", "op": "dense", "units": 6},
                {**QRNN, "from": "a", "direction": "backward", "units": 3, "pooling": "f"},
            ],
        },
        {"name": "c", "join": "sum", "edges": [{"from": "b", "op": "identity"}]},
    ],
}


def ternary(time: int = 6) -> np.ndarray:
    return np.random.default_rng(3).integers(-1, 2, size=(3, time, 16)).astype("int8")


def sequence(outputs: dict[str, Any]) -> Any:
    return outputs["sequence"]


def changed(state: int, **values: Any) -> dict[str, Any]:
    """The graph with other values in a state, or in the first edge of it."""
    graph = json.loads(json.dumps(GRAPH))
    of_state = {name: values.pop(name) for name in ("name", "join", "edges") if name in values}
    graph["states"][state] |= of_state
    if values:
        graph["states"][state]["edges"][0] |= values
    return graph


def test_the_graph_of_a_stack_computes_what_the_stack_does() -> None:
    stack = PQRNNEncoder(**STACK, **PLAIN)
    graph = GraphEncoder(EncoderGraph.of_stack(**STACK), **PLAIN)
    for encoder in (stack, graph):
        encoder.build((None, None, 16))
    rng = np.random.default_rng(1)
    for weight in stack.weights:
        weight.assign(rng.uniform(0.2, 1.2, weight.shape))
    graph.set_weights(stack.get_weights())
    ours, theirs = graph(ternary(), mask=MASK), stack(ternary(), mask=MASK)
    assert len(ours["hidden"]) == len(theirs["hidden"]) == 4
    for one, other in zip(ours["hidden"], theirs["hidden"], strict=True):
        np.testing.assert_array_equal(one, other)
    assert [part[0].name for part in graph.parts] == [
        "bottleneck",
        *(f"layer{n}_0" for n in (1, 2, 3)),
    ]
    assert [part[0].name for part in stack.parts] == [
        "bottleneck",
        *(f"qrnn_{n}" for n in (1, 2, 3)),
    ]


def test_a_padded_batch_equals_single_examples() -> None:
    encoder = GraphEncoder(GRAPH, **PLAIN)
    encoder(ternary(), mask=MASK, training=True)  # statistics that are not those of the start
    for layer in encoder.layers_with_weights().values():
        for weight in layer.weights:
            if weight.name in ("beta", "bias"):
                weight.assign(np.full(weight.shape, 0.3))
    together = encoder(ternary(), mask=MASK)
    assert not any(np.array(h)[~MASK].any() for h in together["hidden"])
    for n, length in enumerate(LENGTHS):
        single = sequence(encoder(ternary()[n : n + 1, :length]))[0]
        np.testing.assert_allclose(together["sequence"][n, :length], single, atol=1e-5)


def test_zoneout_gets_the_number_of_qrnns_before() -> None:
    encoder = GraphEncoder(GRAPH, zoneout=0.5)
    layers = encoder.layers_with_kernels()
    assert (layers["a_0/forward"].layer_index, layers["b_2"].layer_index) == (1, 2)
    assert sorted(layers) == ["a_0/backward", "a_0/forward", "b_0", "b_1", "b_2", "bottleneck"]
    assert sorted(encoder.layers_with_weights()) == sorted([*layers, "a_1"])


def test_depthwise_convolution_by_hand() -> None:
    layer = DepthwiseConvolution(3, normalization=None)
    layer.build((None, None, 1))
    layer.kernel.assign([[1.0], [10.0], [100.0]])
    layer.bias.assign([0.5])
    mask = np.array([[True, True, False]])
    given = np.array([[[1.0], [2.0], [7.0]]], "float32")
    # Steps before, at and after; the masked step counts as 0 and gives 0.
    np.testing.assert_array_equal(layer(given, mask=mask)[0, :, 0], [210.5, 21.5, 0.0])
    np.testing.assert_array_equal(layer(given)[0, :, 0], [210.5, 721.5, 72.5])


def test_layer_contract_of_the_graph(tmp_path: pathlib.Path) -> None:
    run_layer_test(
        GraphEncoder,
        {"graph": GRAPH, **PLAIN, "zoneout": 0.5, "seed": 7},
        inputs=ternary().astype("float32"),
        output_shape=(3, 6, 8 + 6 + 3),
        # Kernel, scale and offset of the bottleneck, two halves, a convolution, a dense layer and a QRNN, and the two
        # of the layer norm; moving averages of the former, and seeds of three QRNNs.
        trainable_weights=6 * 3 + 2,
        non_trainable_weights=6 * 2 + 3,
        folder=tmp_path,
        select=sequence,
    )


def test_layer_contract_of_the_convolution(tmp_path: pathlib.Path) -> None:
    run_layer_test(
        DepthwiseConvolution,
        {"kernel_width": 2},
        inputs=np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32"),
        output_shape=(3, 6, 4),
        trainable_weights=3,
        non_trainable_weights=2,
        folder=tmp_path,
    )


def test_a_configuration_has_a_graph_or_sizes() -> None:
    config = TrainingConfig.from_dict({"graph": GRAPH, "dropout": 0.3})
    assert config.graph == EncoderGraph.from_dict(GRAPH)
    assert (
        config.to_dict()["graph"] == GRAPH and TrainingConfig.from_dict(config.to_dict()) == config
    )
    assert config.parts == 4
    encoder = encoder_of(config, name="encoder")
    assert isinstance(encoder, GraphEncoder) and encoder.dropout == 0.3
    assert "graph" not in TrainingConfig().to_dict()
    with pytest.raises(ValueError, match=r"without sizes of a stack. Received: \['units'\]"):
        EncoderConfig(graph=GRAPH, units=16)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`graph` must be a graph"):
        EncoderConfig(graph=3)  # type: ignore[arg-type]
    few = TrainingConfig.for_rows(100, graph=GRAPH)
    assert few.layers == TrainingConfig.layers and few.epochs == TrainingConfig.for_rows(100).epochs


def test_as_graph_turns_a_stack_into_its_graph() -> None:
    config = TrainingConfig(**STACK, zoneout=0.1)
    graph = config.as_graph()
    assert graph.graph == EncoderGraph.of_stack(**STACK) and graph.units == TrainingConfig.units
    assert graph.zoneout == 0.1 and graph.as_graph() == graph


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ({"states": []}, "A graph must have"),
        ({**GRAPH, "more": 1}, "A graph must have"),
        ({**GRAPH, "bottleneck_units": 0}, "`bottleneck_units` must be a whole number"),
        ({**GRAPH, "states": []}, "`states` must hold at least one state"),
        (changed(1, name="a"), "`states` must have different names"),
        (changed(0, name="input"), "`name` of a state must have small letters"),
        (changed(0, join="mean"), "`join` must be one of"),
        (changed(0, edges=[]), "`edges` must hold at least one edge"),
        (changed(0, op="lstm"), "`op` must be one of"),
        (changed(0, units=5), r"A sum must have results of the same width. Received: \[10, 8\]"),
        (changed(0, **{"from": "b"}), "`from` must name an earlier state"),
        (changed(0, pooling=None), "`pooling` must be one of"),
        (changed(1, units=3), "`units` has no use in an edge of 'depthwise'"),
        (changed(1, depth=3), "An edge must have"),
        (changed(2, edges=[{"from": "a", "op": "identity"}]), r"Received: \['b'\], which none reads"),
    ],
)  # fmt: skip
def test_a_bad_graph_is_named(graph: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EncoderGraph.from_dict(graph)


def test_an_edge_keeps_the_width_that_it_is_given_or_has_its_own() -> None:
    assert Edge(source="input", operation="identity").width(7) == 7
    assert Edge(source="input", operation="dense", units=3).width(7) == 3
    assert Edge.from_dict(QRNN).width(7) == 8


def test_a_kind_of_configuration_with_other_sizes_has_graphs_too():
    """The sizes of a pretraining differ from those of an encoder: its graphs were refused beside sizes nobody gave."""
    graph = PretrainingConfig(units=24, bottleneck_units=48).as_graph()
    assert PretrainingConfig.from_dict(graph.to_dict()) == graph
    assert PretrainingConfig(graph=graph.graph).graph == graph.graph
