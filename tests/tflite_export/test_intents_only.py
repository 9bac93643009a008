"""A corpus of intents alone, with rows out of scope, from its file to the scores of the .tflite."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import random
import subprocess
import sys

import pytest

from pqrnn_tf.datasets import load_split
from pqrnn_tf.runtime import Parser
from pqrnn_tf.tasks.out_of_scope import ScopeRows, choose_threshold
from pqrnn_tf.tasks.scoring import open_model, score_file
from pqrnn_tf.tasks.training import train
from tests.tiny_models import TINY
from tflite_export import convert

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

INTENTS = {
    "alarm": ("wake me at {}", "set an alarm for {}", "alarm at {} please"),
    "money": ("send {} dollars to Ann", "pay Bob {} euros", "transfer {} pounds"),
    "weather": ("will it rain at {}", "is it cold around {}", "weather at {}"),
}
WORDS = ("cat", "river", "purple", "jump", "window", "seven", "under", "glass", "apple", "stone")


def make_rows(count: int, rng: random.Random) -> list[list[str]]:
    return [
        [rng.choice(INTENTS[name]).format(rng.randrange(2, 90)), name]
        for name in INTENTS
        for _ in range(count)
    ]


def make_oos(count: int, rng: random.Random) -> list[list[str]]:
    return [[" ".join(rng.sample(WORDS, 5)), "oos"] for _ in range(count)]


@pytest.fixture(scope="module")
def intents(one_signature, tmp_path_factory):
    """Folder of a made-up CLINC150, and of a model trained on it."""
    folder = tmp_path_factory.mktemp("intents")
    rng = random.Random(0)
    lists = {
        "train": make_rows(40, rng),
        "oos_train": make_oos(20, rng),
        "val": make_rows(10, rng),
        "oos_val": make_oos(10, rng),
    }
    (folder / "data").mkdir()
    (folder / "data" / "data_full.json").write_text(json.dumps(lists), encoding="utf-8")
    rows = load_split(folder / "data", "train")
    config = dataclasses.replace(TINY, layers=1, substitution=0.3, distortion=0.03)
    model = train(config, rows, [], folder, verbose=0)
    convert(model, path=folder / "model.tflite", licence="test")
    return folder


def test_the_only_tag_is_outside(intents):
    labels = json.loads((intents / "labels.json").read_text(encoding="utf-8"))
    assert labels["tags"] == ["O"]
    assert labels["intents"] == ["alarm", "money", "oos", "weather"]


@pytest.mark.parametrize("kind", ["keras", "tflite"])
def test_exact_match_is_intent_accuracy(intents, kind):
    scores = score_file(intents / f"model.{kind}", load_split(intents / "data", "dev"))
    assert scores.flat_exact_match == scores.intent_accuracy > 80
    assert set(scores.to_dict()) == {
        "rows",
        "intent_accuracy",
        "flat_exact_match",
        "unaligned_rows",
    }


def test_a_parse_is_an_intent_and_its_probability(intents):
    parsed = Parser(intents / "model.tflite").parse("set an alarm for 30").to_dict()
    assert (parsed["intent"], parsed["slots"]) == ("alarm", [])
    assert 0.5 < parsed["score"] <= 1.0


def evaluate(folder, output, *more):
    line = [sys.executable, "-m", "pqrnn_tf.evaluate", "--model", folder / "model.tflite"]
    line += ["--data", folder / "data", "--output", output, *more]
    result = subprocess.run(list(map(str, line)), cwd=ROOT, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()[-2000:]
    record = json.loads(output.read_text(encoding="utf-8"))
    assert record == json.loads(result.stdout.decode().splitlines()[-1])
    return record


def test_evaluate_scores_scope_and_typing_errors(intents, tmp_path):
    record = evaluate(intents, tmp_path / "scores.json", "--typos", "0.0", "--typos", "0.5")
    scope = record["out_of_scope"]
    assert (scope["in_scope_rows"], scope["out_of_scope_rows"]) == (30, 10)
    assert scope["auroc"] > 90
    none, half = record["typos"]
    assert (none["share"], none["lost"]) == (0.0, 0.0)
    assert half["flat_exact_match"] == pytest.approx(record["flat_exact_match"] - half["lost"])
    assert half["lost"] > 0


def test_the_threshold_of_another_split_is_that_of_development_rows(intents, tmp_path):
    scope = evaluate(intents, tmp_path / "train.json", "--split", "train")["out_of_scope"]
    assert (scope["in_scope_rows"], scope["out_of_scope_rows"]) == (120, 20)
    rows = load_split(intents / "data", "dev")
    model = open_model(intents / "model.tflite")
    logits = [answer.intent_logits for answer in model.answers([row.text for row in rows])]
    threshold = choose_threshold(ScopeRows.of(rows, logits, model.labels))
    assert scope["threshold"] == round(threshold, 6)
