"""Candidates: weights of parents, the file's parity with its model, and one that is trained and measured whole."""

from __future__ import annotations

import dataclasses
import json
import pickle
import random
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from pqrnn_tf.encoder.graph import EncoderGraph
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.search.candidates import (
    CandidateWorker,
    Measures,
    Plan,
    inherit_weights,
    renamed_edges,
)
from pqrnn_tf.search.evolution import Search, search
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.search.space import Space
from pqrnn_tf.tasks.attack import Attack
from pqrnn_tf.tasks.config import TrainingConfig, read_config
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.parsing import answer_texts
from pqrnn_tf.tasks.quantized import calibrate
from pqrnn_tf.tasks.training import build_model
from tests.tiny_models import DEV, TINY, TRAIN
from tflite_export import convert

LABELS = LabelSet(("a", "b"), ("O", "B-X", "I-X"))
BASE = dataclasses.replace(TINY, units=8, bottleneck_units=16, layers=2, nested_weight=0.0)


def model_of(genome: Genome, seed: int):
    return build_model(dataclasses.replace(genome.configured(BASE), seed=seed), LABELS)


def weights_of(model) -> dict[str, np.ndarray]:
    return {name: np.array(variable) for name, variable in model._named_weights().items()}


def test_weights_are_inherited_where_shapes_agree():
    start = Genome.of(BASE)
    graph = start.graph.to_dict()
    graph["states"][1]["edges"][0]["units"] = 12  # and no residual of another width
    graph["states"][1]["edges"] = graph["states"][1]["edges"][:1]
    other = Genome.from_dict({**start.to_dict(), "graph": graph, "word_features": 96})
    parent, child = model_of(start, 1), model_of(other, 2)
    before, drawn = weights_of(parent), weights_of(child)
    share = inherit_weights(child, [(before, parent.spec)])
    after = weights_of(child)
    spec = parent.spec
    same = [name for name in after if name in before and before[name].shape == after[name].shape]
    assert "layer1_0/forward/kernel" in same and "layer2_0/forward/kernel" not in same
    for name in after:
        if name in same:
            np.testing.assert_array_equal(after[name], before[name])
        elif name != "bottleneck/kernel":
            np.testing.assert_array_equal(after[name], drawn[name])
    # Features of words are the same ones as far as there are, those of n-grams are hashed anew, shapes stay.
    kernel, theirs = after["bottleneck/kernel"], before["bottleneck/kernel"]
    np.testing.assert_array_equal(kernel[:64], theirs[:64])
    np.testing.assert_array_equal(kernel[64:160], drawn["bottleneck/kernel"][64:160])
    np.testing.assert_array_equal(kernel[160:], theirs[128:])
    assert spec.features == len(theirs) and 0 < share < 1
    # A second parent gives what the first has not.
    twin = model_of(other, 3)
    inherit_weights(child, [(before, spec), (weights_of(twin), twin.spec)])
    both = weights_of(child)
    np.testing.assert_array_equal(
        both["layer2_0/forward/kernel"], weights_of(twin)["layer2_0/forward/kernel"]
    )
    np.testing.assert_array_equal(
        both["layer1_0/forward/kernel"], before["layer1_0/forward/kernel"]
    )


def test_all_weights_of_the_same_student_are_inherited():
    genome = Genome.of(BASE)
    parent, child = model_of(genome, 1), model_of(genome, 2)
    assert inherit_weights(child, [(weights_of(parent), parent.spec)]) == 1.0
    for name, own in weights_of(child).items():
        np.testing.assert_array_equal(own, weights_of(parent)[name])


def every_operation() -> Genome:
    """A random student in which each operation stands, joined in both ways."""
    space = Space(labels=LABELS, max_parameters=60_000, units=(8, 12), bottleneck_units=(16,))
    for seed in range(10_000):
        genome = space.drawn(random.Random(seed))
        states = genome.graph.states
        used = {edge.operation for state in states for edge in state.edges}
        joins = {state.join for state in states if len(state.edges) > 1}
        if len(used) == 5 and len(joins) == 2:
            return genome
    raise AssertionError("no such student")


def test_the_file_of_a_random_graph_says_what_the_model_says(tmp_path):
    model = model_of(dataclasses.replace(every_operation(), word_features=64, ngram_features=64), 1)
    rng = np.random.default_rng(1)
    for name, variable in model._named_weights().items():
        if name.endswith(("moving_mean", "beta")):
            variable.assign(rng.normal(scale=0.2, size=variable.shape))
        elif name.endswith(("moving_variance", "gamma")):
            variable.assign(rng.uniform(0.5, 2.0, variable.shape))
    path = tmp_path / "model.tflite"
    convert(model, path=path, quantization="none", short_texts=())
    parser = Parser(path)
    texts = ["set an alarm for 7am tomorrow", "stop", "", "please play some jazz 🙂 now"]
    answers = answer_texts(model, texts)
    for text, answer in zip(texts, answers, strict=True):
        logits = parser.logits(text)
        # Single precision: sums of some hundred products, in another order, through some ten layers.
        np.testing.assert_allclose(logits["intent"], answer.intent_logits, atol=2e-4)
        assert [tuple(span) for span in logits["spans"][: logits["length"]]] == list(answer.spans)
    ranges = calibrate(
        model, texts
    )  # of the inputs and outputs of matrix products, for files of integers
    assert {name.split("/")[0] for name in ranges} > {"bottleneck", "heads"}
    model.save_to_preset(tmp_path / "preset")
    again = type(model).from_preset(tmp_path / "preset")
    np.testing.assert_array_equal(
        answer_texts(again, texts)[0].intent_logits, answers[0].intent_logits
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert loaded.encoder.graph == model.encoder.graph


def test_what_a_worker_gets_can_be_sent_to_it():
    plan = Plan("000-000", "start", (), Genome.of(BASE))
    measures = Measures(steps=1, max_bytes=1)
    worker = CandidateWorker("folder", "answers", BASE, LABELS, measures, one_thread=True)
    own_plan, own = pickle.loads(pickle.dumps((plan, worker)))
    assert own_plan == plan and (own.base, own.measures) == (BASE, measures)


@pytest.mark.large
def test_a_whole_search_on_real_students(tiny, tmp_path):
    labels = labels_for(BASE, TRAIN)
    how = Search(
        space=Space(labels=labels, max_parameters=40_000, units=(8, 12), bottleneck_units=(16, 32)),
        measures=Measures(
            steps=20,
            max_bytes=200_000,
            error_kinds=("keyboard", "homophone"),
            attack=Attack(queries=10),
            attack_rows=10,
            latency_rows=5,
            latency_rounds=1,
            short_texts=(),
        ),
        population=2,
        generations=2,
    )
    front = search(how, BASE, tiny[1], TRAIN, DEV[:40], tmp_path / "search")
    assert front
    for record in front:
        folder = tmp_path / "search" / "candidates" / record["name"]
        size = (folder / "model.tflite").stat().st_size
        assert size == record["bytes"] <= 200_000
        config = read_config(folder / "config.json", [])
        assert isinstance(config, TrainingConfig) and config.graph is not None
        assert Genome.of(config).to_dict() == record["genome"]
        assert record["robustness"] == pytest.approx(
            (record["errors_exact_match"] + record["attacked_exact_match"]) / 2, abs=0.01
        )
        assert 0.1 < record["latency"] < 10 and not (folder / "training").exists()
    log = (tmp_path / "search" / "log.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in log]
    assert len(records) == 4
    assert all((record["inherited"] > 0) is bool(record["parents"]) for record in records)


def edge(units, source="input"):
    return {"from": source, "op": "dense", "units": units}


def test_an_edge_keeps_its_weights_when_one_before_it_goes():
    """Layers are named by places: the edge behind a removed one got the removed one's weights."""

    def graph_of(*edges):
        states = [{"name": "a", "join": "concatenate", "edges": list(edges)}]
        return EncoderGraph.from_dict({"bottleneck_units": 16, "states": states})

    layer_norm = {"from": "input", "op": "layer_norm"}
    before = graph_of(edge(8), layer_norm, edge(12))
    arrays = {f"a_{place}/kernel": np.array(place) for place in range(3)} | {"bottleneck/kernel": 9}

    def names(*edges):
        renamed = renamed_edges(arrays, before, graph_of(*edges))
        return {name: int(values) for name, values in renamed.items()}

    rest = {"bottleneck/kernel": 9}
    assert names(layer_norm, edge(12)) == {"a_0/kernel": 1, "a_1/kernel": 2, **rest}
    assert names(edge(8), edge(12)) == {"a_0/kernel": 0, "a_1/kernel": 2, **rest}
    # One that has changed takes its own place, if no other has gone from there.
    assert names(edge(9), layer_norm, edge(12)) == {f"a_{i}/kernel": i for i in range(3)} | rest
    assert names(edge(12), edge(8)) == {"a_0/kernel": 2, "a_1/kernel": 0, **rest}
    assert names(edge(12), edge(10)) == {"a_0/kernel": 2, "a_1/kernel": 1, **rest}


def test_a_candidate_that_is_dealt_out_again_is_not_trained_again(tmp_path):
    """It was, over the result that was there; without `setup` here, a training would fail."""
    folder = tmp_path / "candidates" / "000-000"
    write_json(folder / "result.json", {"name": "000-000"})
    measures = Measures(steps=1, max_bytes=1)
    worker = CandidateWorker(str(tmp_path), "answers", BASE, LABELS, measures, one_thread=False)
    assert worker.process(Plan("000-000", "start", (), Genome.of(BASE))) == "000-000"
    assert [path.name for path in folder.iterdir()] == ["result.json"]


@pytest.mark.parametrize("inherit", [True, False])
def test_weights_are_drawn_where_none_are_to_be_inherited(tmp_path, monkeypatch, inherit):
    found = {}
    parent = model_of(Genome.of(BASE), seed=7)
    parent.save_to_preset(tmp_path / "candidates" / "000-000")

    def run_stage(student, stage, teacher, data, *, before, **options):
        kernel = student._named_weights()["bottleneck/kernel"]
        found["inherited"] = np.array_equal(kernel, parent._named_weights()["bottleneck/kernel"])
        found["before"] = before
        raise InterruptedError

    monkeypatch.setattr("pqrnn_tf.search.candidates.run_stage", run_stage)
    measures = Measures(steps=1, max_bytes=1, inherit=inherit)
    worker = CandidateWorker(str(tmp_path), "answers", BASE, LABELS, measures, one_thread=False)
    worker._data = SimpleNamespace(labels=LABELS)
    with pytest.raises(InterruptedError):
        worker.process(Plan("001-000", "mutated", ("000-000",), Genome.of(BASE)))
    assert found == {"inherited": inherit, "before": "000-000" if inherit else ""}


def test_a_configuration_with_patience_is_searched_without(tmp_path, monkeypatch):
    """Each candidate failed for want of development rows, behind the teacher's answers and in a claimed folder."""
    found = {}

    def run_stage(student, stage, teacher, data, *, config, **options):
        found["patience"] = config.patience
        raise InterruptedError

    monkeypatch.setattr("pqrnn_tf.search.candidates.run_stage", run_stage)
    base = dataclasses.replace(BASE, patience=3)
    measures = Measures(steps=1, max_bytes=1)
    worker = CandidateWorker(str(tmp_path), "answers", base, LABELS, measures, one_thread=False)
    worker._data = SimpleNamespace(labels=LABELS)
    with pytest.raises(InterruptedError):
        worker.process(Plan("000-000", "start", (), Genome.of(base)))
    assert found == {"patience": 0}
    assert read_config(tmp_path / "candidates" / "000-000" / "config.json", []).patience == 3
