"""Pretrained models by name."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from pqrnn_tf.runtime import Parser, load, presets, pretrained_models
from pqrnn_tf.runtime.metadata import ModelFileError
from pqrnn_tf.runtime.presets import model_file

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMES = [path.name for path in sorted((ROOT / "pretrained").iterdir()) if path.is_dir()]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A folder of models as an installation has it, with one model."""
    folder = tmp_path / "models" / "small"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "pretrained" / "mtop_en_1mb" / "model.tflite", folder)
    (folder / "scores.json").write_text(json.dumps({"split": "dev"}), encoding="utf-8")
    monkeypatch.setattr(presets, "FOLDERS", (tmp_path / "absent", folder.parent))
    return folder


def test_the_folders_of_the_checkout_are_the_list():
    assert list(pretrained_models()) == NAMES
    assert {"mtop_en_1mb", "mtop_en_2mb"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_description_is_that_of_the_files(name):
    model = pretrained_models()[name]
    assert model.bytes == model.scores["bytes"] == model.path.stat().st_size
    assert "CC" in model.licence
    assert f"# {name}\n" in model.path.with_name("README.md").read_text(encoding="utf-8")


REQUESTS = {
    "home_assistant_de": ("schalte das Licht in der Küche ein", "HassTurnOn"),
    "home_assistant_en": ("turn on the lights in the kitchen", "HassTurnOn"),
    "home_assistant_es": ("enciende las luces de la cocina", "HassTurnOn"),
    "home_assistant_fr": ("allume les lumières de la cuisine", "HassTurnOn"),
    "home_assistant_hi": ("रसोई की लाइट चालू करो", "HassTurnOn"),
    "home_assistant_it": ("accendi le luci in cucina", "HassTurnOn"),
    "home_assistant_nl": ("doe de lampen in de keuken aan", "HassTurnOn"),
    "home_assistant_th": ("เปิดไฟในห้องครัว", "HassTurnOn"),
}
"""What models of other languages and labels are asked."""


@pytest.mark.parametrize("name", NAMES)
def test_a_model_parses_or_gives_vectors(name):
    model = load(name)
    if isinstance(model, Parser):
        text, intent = REQUESTS.get(name, ("play some music", "music"))
        assert intent.lower() in model.parse(text).intent.lower()
    else:
        near, far = model.encode(["put on music", "what is the weather"]) @ model.encode(
            "play music"
        )
        assert near > far + 0.2


def test_models_of_an_installation(installed):
    assert list(pretrained_models()) == ["small"]
    assert pretrained_models()["small"].scores == {"split": "dev"}
    assert load("small").metadata.extra["name"] == "mtop_en_1mb"


def test_a_model_without_scores_has_none(installed):
    (installed / "scores.json").unlink()
    assert pretrained_models()["small"].scores == {}


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_damaged_scores_are_an_error_of_the_model(installed, content):
    (installed / "scores.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"scores\.json must be the scores .* damaged"):
        pretrained_models()


def test_an_unknown_name_lists_the_known(installed):
    with pytest.raises(FileNotFoundError, match=r"one of \['small'\]\. Received: 'mtop_xx'"):
        load("mtop_xx")


def test_an_installation_without_models(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "FOLDERS", (tmp_path / "a", tmp_path / "b"))
    assert pretrained_models() == {}
    with pytest.raises(FileNotFoundError, match=r"one of \[\]"):
        load("small")


def test_a_path_goes_before_a_name(installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert model_file("small") == installed / "model.tflite"
    (tmp_path / "small").write_bytes(b"")
    assert model_file("small") == pathlib.Path("small")


def test_a_folder_of_training_is_a_key_as_its_file_is(installed, tmp_path):
    assert model_file(installed) == model_file(installed / "model.tflite")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"a folder without model\.tflite: export"):
        model_file(tmp_path / "empty")


def test_a_folder_of_data_does_not_hide_a_model_of_its_name(installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert model_file("small") == installed / "model.tflite"


@pytest.mark.parametrize("open_model", [load, Parser])
def test_load_and_parser_take_the_same_keys(installed, open_model):
    for key in ("small", installed, str(installed / "model.tflite")):
        assert open_model(key).parse("play some music").intent == "PLAY_MUSIC"


def test_neither_a_path_nor_a_name(installed):
    with pytest.raises(FileNotFoundError, match=r"one of \['small'\]\. Received: 'large.tflite'"):
        model_file("large.tflite")


def test_the_command_takes_a_name():
    command = [sys.executable, "-m", "pqrnn_tf.predict", "--model", "mtop_en_1mb"]
    done = subprocess.run(command, cwd=ROOT, input=b"play some music\n", capture_output=True)
    assert json.loads(done.stdout)["intent"] == "PLAY_MUSIC"


def test_the_list_needs_no_tensorflow():
    code = "import sys, pqrnn_tf as t; t.pretrained_models(); sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_an_installation_carries_the_models(tmp_path):
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    code = (
        "import pqrnn_tf as t; print(t.load('mtop_en_1mb').parse('play music').intent, t.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.split() == ["PLAY_MUSIC", str(tmp_path / "pqrnn_tf" / "__init__.py")]
