"""The comparison in six languages."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from benchmarks.six_languages import (
    asked,
    by_language,
    errors_by_language,
    labelled_everywhere,
    measure_system,
    measure_teacher,
)
from pqrnn_tf.datasets import generate
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.metrics import Answer
from pqrnn_tf.tasks.scoring import FileModel
from recipes.baselines.words import SizeError
from recipes.six_languages import SYSTEMS


def test_errors_are_counted_by_language_intent_and_kind() -> None:
    rows = [*generate(6, language="en", seed=0), *generate(6, language="de", seed=0)]
    known = {rows[0].intent}

    def answers(texts):
        parse = DecodedParse(rows[0].intent, 1.0, (), ("O",))
        return [Answer([(0, 1)], parse, np.zeros(1)) for _ in texts]

    records = errors_by_language(FileModel(collect_labels(rows), answers), rows, known)
    assert set(records) == {"en", "de"}
    for language, record in records.items():
        own = [row for row in rows if row.locale.split("_")[0] == language]
        inside = [row for row in own if row.intent in known]
        assert record["everywhere"]["rows"] == len(inside)
        assert record["elsewhere"]["rows"] == len(own) - len(inside)
        assert record["elsewhere"]["intent_accuracy"] == 0.0
        assert record["kinds"]["intent"] == len(own) - len(inside)
        assert record["kinds"]["missed"] == sum(len(row.slots) for row in own)


def test_intents_of_templates_are_not_labelled_everywhere() -> None:
    row = generate(1, language="en", seed=1)[0]

    def example(intent, language, source):
        return dataclasses.replace(row, intent=intent, locale=language, source=source)

    rows = [
        example("A", "en", "mtop/en.tsv:1"),
        example("B", "en", "mtop/en.tsv:2"),
        example("A", "th_XX", "mtop/th.tsv:1"),
        example("B", "th_XX", "templates/th.tsv:1"),
    ]
    assert labelled_everywhere(rows, ["templates"]) == {"A"}
    assert labelled_everywhere(rows, []) == {"A", "B"}
    assert labelled_everywhere([], []) == set()


CONFIG = TrainingConfig(
    spec=ProjectionSpec(word_features=32, ngram_features=32, max_tokens=24),
    bottleneck_units=16,
    units=16,
    layers=1,
    epochs=1,
    batch_size=16,
)


def test_what_is_compared_depends_on_rows_configuration_and_steps() -> None:
    rows, others = generate(8, language="en", seed=0), generate(8, language="en", seed=1)
    same = asked(CONFIG, rows, others, None)
    assert same == asked(CONFIG, list(rows), list(others), None)
    assert same["training"]["rows"] == 8
    for different in (
        asked(CONFIG, others, others, None),
        asked(CONFIG, rows, rows, None),
        asked(CONFIG, rows, others, 100),
        asked(TrainingConfig(), rows, others, None),
    ):
        assert different != same
    # What only our encoder has is no condition of the comparison.
    for own in (
        {"units": 8, "dropout": 0.01, "zoneout": 0.5, "feature_dropout": 0.3},
        {"spec": dataclasses.replace(CONFIG.spec, word_features=64, ngram_orders=(3,))},
    ):
        assert asked(dataclasses.replace(CONFIG, **own), rows, others, None) == same
    for shared in ({"head_dropout": 0.4}, {"spec": dataclasses.replace(CONFIG.spec, max_tokens=9)}):
        assert asked(dataclasses.replace(CONFIG, **shared), rows, others, None) != same


@pytest.mark.large
@pytest.mark.parametrize("name", SYSTEMS)
def test_each_system_is_trained_and_scored(name: str, tmp_path, monkeypatch) -> None:
    for baseline in ("bilstm", "transformer"):
        monkeypatch.setattr(f"recipes.baselines.{baseline}.PIECES", 200)
    examples = [row for language in ("en", "de") for row in generate(40, language=language)]
    development = [
        row for language in ("en", "de") for row in generate(6, language=language, seed=9)
    ]
    folder = tmp_path / name
    how: dict[str, Any] = {"steps": 6, "verbose": 0, "check_size": True}
    if name != "pqrnn":
        with pytest.raises(SizeError, match="within 5 %"):
            measure_system(name, CONFIG, examples, development, folder, **how)
        assert not folder.exists()
    how["check_size"] = False
    record = measure_system(name, CONFIG, examples, development, folder, **how)
    assert (folder / "model.keras").is_file()
    assert record["steps"] == 6 and record["seconds"] > 0
    assert set(record["languages"]) == {"en", "de"}
    assert all(scores["rows"] == 6 for scores in record["languages"].values())
    assert ("bytes" in record) == (name == "pqrnn")
    again = measure_system(name, CONFIG, examples, development, folder, **how)
    assert again == {**record, "seconds": None}
    if name != "pqrnn":  # floats, so that as a teacher it answers the same
        teacher = measure_teacher(str(folder), CONFIG, development)
        assert teacher["weights"] == [1.0]
        for language, scores in teacher["languages"].items():
            expected = {**record["languages"][language]}
            expected.pop("tree_exact_match")
            assert scores == expected


def test_scores_of_each_language_and_their_mean() -> None:
    class Model:
        def score(self, examples):
            values = {"flat_exact_match": 10.0 * len(examples), "rows": len(examples)}
            return type("Scores", (), {"to_dict": lambda self: values})()

    rows = [*generate(2, language="en", seed=0), *generate(4, language="de", seed=0)]
    scores = by_language(Model(), rows)
    assert {name: value["rows"] for name, value in scores["languages"].items()} == {
        "en": 2,
        "de": 4,
    }
    assert scores["mean"] == {"flat_exact_match": 30.0}
