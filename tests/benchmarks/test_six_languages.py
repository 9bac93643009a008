"""The comparison in six languages and its page."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from benchmarks import six_languages_page
from benchmarks.confusion_counts import KINDS
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

STAMP = {
    "machine": {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.0},
    "versions": {"python": "3"},
    "commit": "c0ffee",
    "time": "now",
}


def system(title: str, exact: dict[str, float], **more: object) -> dict[str, object]:
    return {
        "title": title,
        "parameters": 2_000_000,
        "steps": 14_000,
        "seconds": 600.0,
        "languages": {name: {"flat_exact_match": value} for name, value in exact.items()},
        "mean": {
            "flat_exact_match": sum(exact.values()) / len(exact),
            "intent_accuracy": 90.0,
            "slot_f1": 80.0,
        },
        **more,
    }


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Renders with some systems; plots go to the folder of the test."""
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path)

    def render(teacher=None, models=None, errors=None, **systems: dict[str, object]) -> str:
        content = {
            "stamp": STAMP,
            "asked": {
                "training": {"rows": 74_665},
                "development": {"rows": 20},
                "batch_size": 64,
            },
            "systems": systems,
            **({} if teacher is None else {"teacher": teacher}),
            **({} if errors is None else {"errors": errors}),
        }
        (tmp_path / "six_languages.json").write_text(json.dumps(content), encoding="utf-8")
        return six_languages_page.render(tmp_path, models=models or {})

    return render


def test_page_says_what_the_results_say(results, tmp_path) -> None:
    page = results(
        pqrnn=system("pQRNN", {"en": 80.0, "th": 70.5}, bytes=1_980_000, seconds=None),
        bilstm=system("BiLSTM", {"en": 76.0, "th": 68.5}),
        transformer=system("Transformer", {"en": 81.0, "th": 70.5}),
    )
    assert "| pQRNN | 80.00 | 70.50 | **75.25** |" in page
    assert "| BiLSTM | 76.00 | 68.50 | **72.25** |" in page
    assert "pQRNN is 3.00 points of mean exact match ahead of the BiLSTM." in page
    assert "pQRNN is 0.50 points of mean exact match behind the Transformer." in page
    assert "Thai is farthest from English: 9.50 points." in page
    assert "1.98 MB, 8 bits" in page and "8.00 MB, floats" in page
    assert "10 development rows a language" in page and "74,665 rows a pass" in page
    assert (tmp_path / "six_languages.png").stat().st_size > 1000


def test_page_says_where_the_model_errs(results) -> None:
    def of_language(exact: float, boundaries: int) -> dict[str, Any]:
        part = {"rows": 7, "flat_exact_match": exact, "intent_accuracy": 97.0}
        kinds = {**dict.fromkeys(KINDS, 0), "boundary": boundaries}
        return {"everywhere": part, "elsewhere": {**part, "rows": 3}, "kinds": kinds}

    languages = {"en": of_language(86.0, 12), "th": of_language(74.0, 34)}
    page = results(errors={"model": "mtop_6_2mb", "languages": languages})
    assert "| 7 | flat exact match | 86.00 | 74.00 | 80.00 |" in page
    assert "| 3 | intent accuracy | 97.00 | 97.00 | 97.00 |" in page
    assert "| right name, too few or too many words | 12 | 34 |" in page
    assert (
        "Thai has 22 more of them than English; 22 of these are slots with the right name" in page
    )
    assert "Where it errs" not in results()


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


def test_page_with_a_part_of_the_results(results) -> None:
    page = results(bilstm=system("BiLSTM", {"en": 76.0, "th": 68.5}))
    assert "**72.25**" in page and "ahead of" not in page


def test_page_with_a_teacher_and_its_student(results) -> None:
    teacher = {
        "weights": [0.5, 0.25, 0.25],
        "languages": {"en": {"flat_exact_match": 88.0}, "th": {"flat_exact_match": 72.0}},
    }
    student = {
        "bytes": 1_990_000,
        "parts": [
            {"language": language, "tflite": {"flat_exact_match": value}}
            for language, value in (("th", 70.4), ("en", 86.4))
        ],
    }
    pqrnn = system("pQRNN", {"en": 80.0, "th": 70.5})
    page = results(teacher=teacher, models={"mtop_6_2mb": student}, pqrnn=pqrnn)
    assert "| teacher: the systems together | 88.00 | 72.00 | **80.00** |" in page
    assert "| `mtop_6_2mb`, which learned from it | 86.40 | 70.40 | **78.40** |" in page
    assert "| pQRNN, from labels alone | 80.00 | 70.50 | **75.25** |" in page
    assert "with weights of 0.50, 0.25, 0.25" in page
    assert "1,990,000 bytes, keeps 98.0 % of its teacher's exact match" in page
    assert "With a teacher" not in results(teacher=teacher, pqrnn=pqrnn)
    assert "With a teacher" not in results(models={"mtop_6_2mb": student}, pqrnn=pqrnn)


def test_the_committed_page_is_what_is_rendered(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path)
    page = six_languages_page.PAGE.read_text(encoding="utf-8")
    assert six_languages_page.render() == page


def test_page_without_results(tmp_path) -> None:
    page = six_languages_page.render(tmp_path)
    assert "## The baselines" in page and "|" not in page


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
