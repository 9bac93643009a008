"""Rows of several corpora, languages and template files."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, Example, load_languages, load_mixture
from pqrnn_tf.datasets.making.mixture import Mixture
from pqrnn_tf.tasks.label_collection import collect_labels


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def folders(tmp_path: pathlib.Path) -> pathlib.Path:
    """An English corpus with trees, a flat one in German and French, and a parallel development set."""
    trees = {
        "call Ann": "[IN:CALL [SL:CONTACT Ann ] ]",
        "hang up": "[IN:END_CALL ]",
        "Stop it !": "[IN:STOP ]",
    }
    for split in ("train", "dev"):
        lines = [json.dumps({"question": q, "logical_form": t}) for q, t in trees.items()]
        write(tmp_path / f"tree_en/{split}.jsonl", "\n".join(lines) + "\n")
    for language, call in (("de", "ruf"), ("fr", "appelle")):
        rows = [f"{n}\tCALL\t{call} {name}\tO B-CONTACT" for n, name in enumerate(("Ann", "Bob"))]
        write(tmp_path / f"flat/{language}_train.tsv", "\n".join(rows) + "\n")
    entry = {
        "question": {"en": "stop it", "de": "Ruf Bob !"},
        "mr": {"slot_intent": {"en": "[IN:STOP ]", "de": "[IN:CALL [SL:CONTACT Bob ] ]"}},
    }
    write(tmp_path / "parallel/dev.json", json.dumps([entry]))
    write(tmp_path / "templates/de.tsv", "END_CALL\tleg bei {CONTACT} (auf|jetzt auf)\n")
    write(tmp_path / "templates/fr.tsv", "STOP\tarrête (ça|tout)\n")
    return tmp_path


def test_rows_of_all_corpora_and_templates_together(folders: pathlib.Path) -> None:
    mixture = load_mixture(
        [folders / "tree_en", f"{folders}/flat:de,fr"],
        development=[f"{folders}/parallel:en,de"],
        templates=[folders / "templates"],
        template_rows=2,
    )
    training = {(row.locale, row.text) for row in mixture.training}
    assert {
        ("en", "call Ann"),
        ("en", "hang up"),
        ("de", "ruf Ann"),
        ("fr", "appelle Ann"),
        ("fr", "appelle Bob"),
        ("fr", "arrête ça"),
        ("fr", "arrête tout"),
    } <= training
    # `Stop it !` and `ruf Bob` are development texts; with the row of Bob its value went too.
    assert {text for language, text in training if language == "de"} == {
        "ruf Ann",
        "leg bei Ann auf",
        "leg bei Ann jetzt auf",
    }
    assert len(training) == len(mixture.training) == 9
    assert (mixture.from_templates, mixture.left_out) == (4, 2)
    assert [(row.locale, row.text) for row in mixture.development] == [
        ("en", "stop it"),
        ("de", "Ruf Bob !"),
    ]


def test_without_development_folders_the_splits_stay_as_published(folders: pathlib.Path) -> None:
    mixture = load_mixture([folders / "tree_en"])
    assert (len(mixture.training), len(mixture.development), mixture.left_out) == (3, 3, 0)


def test_rows_of_a_similar_corpus_add_no_label_and_no_development_text(
    folders: pathlib.Path,
) -> None:
    trees = {
        "Call Bob": "[IN:CALL [SL:CONTACT Bob ] ]",
        "call ann !": "[IN:CALL [SL:CONTACT ann ] ]",  # the text of a development row
        "call Eve": "[IN:CALL [SL:PERSON Eve ] ]",  # a new slot
        "hang up on Bob": "[IN:END_CALL [SL:CONTACT Bob ] ]",  # new with this intent
        "hang up now": "[IN:END_CALL ]",
        "wait": "[IN:WAIT ]",  # a new intent
        "call Bob dear Hope": "[IN:CALL [SL:CONTACT Bob Hope ] ]",  # a slot that has no gap elsewhere
    }
    lines = [json.dumps({"question": q, "logical_form": t}) for q, t in trees.items()]
    write(folders / "similar/train.jsonl", "\n".join(lines) + "\n")
    mixture = load_mixture([folders / "tree_en"], similar=[folders / "similar"], repeat=2)
    texts = [row.text for row in mixture.training]
    assert texts == 2 * ["call Ann", "hang up", "Stop it !"] + ["Call Bob", "hang up now"]
    assert (mixture.similar, mixture.left_out, len(mixture.development)) == (2, 0, 3)
    alone = load_mixture([folders / "tree_en"])
    labels = collect_labels(alone.training)
    assert collect_labels(mixture.training) == labels
    assert "2 of them of corpora with similar labels" in str(mixture)


def test_rows_are_repeated_at_least_once(folders: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="`repeat` must be at least 1. Received: 0."):
        load_mixture([folders / "tree_en"], repeat=0)


def test_languages_of_a_folder(folders: pathlib.Path) -> None:
    assert list(load_languages(folders / "flat", "train", languages="all")) == ["de", "fr"]
    assert list(load_languages(f"{folders}/flat:fr", "train", languages="all")) == ["fr"]
    assert list(load_languages(folders / "flat", "train", languages="fr,de,fr")) == ["fr", "de"]
    with pytest.raises(DataError, match="has the languages de, fr. Received: language='th'"):
        load_languages(folders / "flat", "train", languages="th")
    with pytest.raises(ValueError, match="`languages` must be"):
        load_languages(folders / "flat", "train", languages="German")


@pytest.mark.parametrize("language", ["en", "de"])
def test_templates_take_values_of_rows_that_say_no_language(
    tmp_path: pathlib.Path, language: str
) -> None:
    lines = [
        json.dumps(
            {
                "text": f"call {name}",
                "intent": "CALL",
                "slots": [{"name": "WHO", "start": 5, "end": 8}],
            }
        )
        for name in ("Ann", "Bob", "Eve", "Zoe", "Ida")
    ]
    data = write(tmp_path / "rows.jsonl", "\n".join(lines) + "\n")
    templates = write(tmp_path / f"{language}.tsv", "CALL\tplease ring {WHO}\n")
    mixture = load_mixture(data, templates=templates, template_rows=2)
    made = [row for row in mixture.training if row.template]
    assert len(made) == 2 and all(row.text.startswith("please ring ") for row in made)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("de.tsv", "HANG_UP\tleg auf", r"de\.tsv:1: no training row has the intent 'HANG_UP'"),
        ("de.tsv", "STOP\tgeh {(weg):PLACE}", r"de\.tsv:1: no training row has the slot 'PLACE'"),
        ("german.tsv", "STOP\thalt", r"german\.tsv: .* named after its language"),
    ],
)
def test_misspelt_templates_are_named(
    folders: pathlib.Path, name: str, line: str, message: str
) -> None:
    path = write(folders / "other" / name, f"{line}\n")
    with pytest.raises(DataError, match=message):
        load_mixture([folders / "tree_en"], templates=[path])


def test_a_folder_without_templates_is_named(folders: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"must hold files of templates.* holds: dev\.json"):
        load_mixture([folders / "tree_en"], templates=[folders / "parallel"])


def test_a_part_of_the_rows_counted_those_of_templates_of_the_whole():
    rows = [Example(text, "A", ()) for text in "abcdef"]
    part = Mixture(rows, [], from_templates=2, similar=1).part([0, 3, 5])
    assert [row.text for row in part.training] == ["a", "d", "f"]
    assert (part.from_templates, part.similar) == (1, 1)
