"""A published folder holds what its run and its data say."""

from __future__ import annotations

import json
import pathlib
import shutil

import pytest

import recipes.publish
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_mixture
from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.runtime import load, presets
from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.tasks.scoring import score_file
from pqrnn_tf.tasks.surface import writings
from pqrnn_tf.tasks.training_data import ExampleData
from recipes.published_model import PublishError, publish, read_extra
from recipes.recipe import Recipe

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora") / "mtop"
    return write_mtop_folder(folder, languages=["en", "de"], train=24, dev=16, test=4, seed=7)


@pytest.fixture(scope="module")
def run(one_signature, tiny, data, tmp_path_factory):
    """The run of the tiny model, as if it had been trained on the English rows of `data`."""
    folder = tmp_path_factory.mktemp("run")
    shutil.copy(tiny[1] / "model.keras", folder)
    notes = json.loads((tiny[1] / "training.json").read_text(encoding="utf-8"))
    notes["data"] = ExampleData(load_mixture([data], languages="en").training).fingerprint
    (folder / "training.json").write_text(json.dumps(notes), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def english(run, data, tmp_path_factory):
    """A model published with English rows, and its record."""
    folder = tmp_path_factory.mktemp("published") / "tiny"
    return folder, publish([str(data)], folder, run=run)


def read(path: pathlib.Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_record_is_that_of_the_file(english, data):
    folder, record = english
    assert read(folder / "scores.json") == record
    assert record["bytes"] == (folder / "model.tflite").stat().st_size
    scores = score_file(
        folder / "model.tflite", load_mixture([data], languages="en").development
    ).to_dict()
    assert scores["rows"] == 16
    assert scores.items() <= record["tflite"].items()
    assert record["parts"] == [{"corpus": "MTOP", "language": "en", "data": "mtop"}]
    ways = record["tflite"]["surface"]
    assert [way["form"] for way in ways] == [way.form for way in writings()]
    for way in ways:
        lost = scores["flat_exact_match"] - way["flat_exact_match"]
        assert way["lost"] == pytest.approx(lost, abs=0.011)
    assert record["parity"]["same_spans"] == 1.0


def test_the_folder_has_what_the_run_had(english, run, tiny):
    folder, _ = english
    assert read(folder / "config.json") == read(run / "training.json")["config"]
    assert read(folder / "labels.json") == tiny[0].labels.to_dict()


def test_the_card_names_the_commands(english):
    card = (english[0] / "README.md").read_text(encoding="utf-8")
    block = card.split("```bash\n")[1].split("\n```")[0].splitlines()
    assert block == [
        "python -m pqrnn_tf.train --data mtop --config pretrained/tiny/config.json --output runs/tiny",
        "python -m recipes.publish --run runs/tiny --data mtop --output pretrained/tiny",
    ]
    assert "English utterances in the label set of MTOP" in card
    assert "## Written in other ways" in card


def test_a_published_model_is_found_by_name(english, monkeypatch):
    monkeypatch.setattr(presets, "FOLDERS", (english[0].parent,))
    metadata = load("tiny").metadata
    assert metadata.licence == presets.pretrained_models()["tiny"].licence
    assert metadata.licence.startswith("Model trained on MTOP, whose texts and labels are CC BY-SA")
    assert metadata.extra["name"] == "tiny"


def test_several_languages_have_a_table(english, data, tmp_path):
    folder = shutil.copytree(english[0], tmp_path / "tiny")
    record = publish([f"{data}:en,de"], folder, surface=False)
    first, second = record["parts"]
    assert (first["data"], second["data"]) == ("mtop", "mtop:de")
    assert first["tflite"]["rows"] + second["tflite"]["rows"] == record["tflite"]["rows"] == 32
    assert first["tflite"]["flat_exact_match"] == english[1]["tflite"]["flat_exact_match"]
    card = (folder / "README.md").read_text(encoding="utf-8")
    (german,) = [line for line in card.splitlines() if line.startswith("| German | 16 |")]
    assert f"| {second['tflite']['intent_accuracy']:.2f} |" in german
    mean = (first["tflite"]["slot_f1"] + second["tflite"]["slot_f1"]) / 2
    assert f"| **{mean:.2f}** |" in card


def test_without_a_run_the_rest_is_kept(english, data, tmp_path):
    folder = shutil.copytree(english[0], tmp_path / "tiny")
    before = (folder / "model.tflite").read_bytes()
    record = publish([str(data)], folder)
    assert (folder / "model.tflite").read_bytes() == before
    assert record["tflite"] == english[1]["tflite"]
    for name in ("keras", "parity", "commands", "selection", "published_by"):
        assert record[name] == english[1][name]


def test_other_ways_of_writing_are_kept_where_they_are_not_measured_again(english, data, tmp_path):
    folder = shutil.copytree(english[0], tmp_path / "tiny")
    old = read(folder / "scores.json")
    old["tflite"]["calibration_error"] = 99.0  # as if it had been measured in another way
    (folder / "scores.json").write_text(json.dumps(old), encoding="utf-8")
    record = publish([str(data)], folder, surface=False)
    assert record["tflite"]["surface"] == english[1]["tflite"]["surface"]
    assert record["tflite"].get("calibration_error") != 99.0
    assert record["keras"] == english[1]["keras"]


def test_the_card_says_what_the_recipe_says(english, data, tmp_path):
    folder = shutil.copytree(english[0], tmp_path / "tiny")
    recipe = Recipe(
        commands=("first --step", "second --step"),
        publish="third",
        other_data=("transfer text: T (CC0)",),
        selection="nothing was chosen",
    )
    publish([str(data)], folder, recipe=recipe, surface=False)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 4.0; transfer text: T (CC0) |" in card
    assert "```bash\nfirst --step\nsecond --step\nthird\n```" in card
    assert "Development rows were not trained on; nothing was chosen." in card


def test_floats_of_another_time_are_left_out(english, data, tmp_path):
    folder = shutil.copytree(english[0], tmp_path / "tiny")
    old = read(folder / "scores.json")
    old["tflite"]["flat_exact_match"] -= 1.0  # as if it had been counted in another way
    (folder / "scores.json").write_text(json.dumps(old), encoding="utf-8")
    record = publish([str(data)], folder, surface=False)
    assert "keras" not in record
    assert "surface" not in record["tflite"]
    assert record["tflite"]["flat_exact_match"] == english[1]["tflite"]["flat_exact_match"]
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "8 bits, on the stock runtime" in card
    assert "floats, in Keras" not in card


def test_a_description_may_say_more_and_weights_may_be_left_out(run, data, tmp_path):
    folder = tmp_path / "tiny"
    publish([str(data)], folder, run=run, surface=False, extra={"house": [1]}, weights=False)
    assert read_metadata(folder / "model.tflite").extra["house"] == [1]
    assert not list(folder.glob("weights*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", r"extra\.json:1: must be JSON"), ("[1]", "must be a JSON object")],
)
def test_what_a_description_says_more_is_an_object(tmp_path, content, message):
    path = tmp_path / "extra.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_extra(path)
    path.write_text('{"a": 1}', encoding="utf-8")
    assert read_extra(path) == {"a": 1}


def test_a_run_on_other_rows_needs_its_recipe(run, data, tmp_path):
    with pytest.raises(PublishError, match="--recipe"):
        publish([f"{data}:de"], tmp_path / "tiny", run=run)
    assert not (tmp_path / "tiny").exists()


def test_a_distillation_needs_its_recipe(run, data, tmp_path):
    folder = shutil.copytree(run, tmp_path / "run")
    (folder / "training.json").write_text(
        json.dumps({**read(folder / "training.json"), "stages": []}), encoding="utf-8"
    )
    with pytest.raises(PublishError, match="--recipe"):
        publish([str(data)], tmp_path / "tiny", run=folder)


def test_a_folder_without_a_model_is_named(data, tmp_path, capsys):
    flags = ["--data", str(data), "--output", str(tmp_path / "x")]
    assert run_command("publish", "", recipes.publish.configure, recipes.publish.run, flags) == 1
    told = capsys.readouterr().err
    assert told.startswith("publish: `output` must hold a published model")


@pytest.mark.large
def test_a_model_with_activations_of_8_bits(run, data, tmp_path):
    record = publish([str(data)], tmp_path / "tiny", run=run, quantization="int8", surface=False)
    assert read_metadata(tmp_path / "tiny" / "model.tflite").quantization == "int8"
    assert "--data mtop --quantization int8 --output" in record["published_by"]
    card = (tmp_path / "tiny" / "README.md").read_text(encoding="utf-8")
    assert "activations beyond their calibrated ranges are cut" in card
