"""The recipes are those of the published models, and their commands can be run as they stand."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import shlex
import subprocess

import pytest

from pqrnn_tf.commands.arguments import CommandParser
from pqrnn_tf.runtime.metadata import read_metadata
from recipes.publish_encoder import encoder_card
from recipes.recipe import load_recipe, recipe_names
from tflite_export.model_card import render_card, shows_reliability
from tflite_export.reliability import PLOT

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PUBLISHED = ROOT / "pretrained"
LOOP = re.compile(r"\$\(for .*? do echo (.*?); done\)")
MODULE = re.compile(r"python -m ([\w.]+)")
FILE = re.compile(r"(?<![\w/])((?:pretrained|recipes)/[\w./]+)")


class _Begun(Exception):
    """A command has checked its flags and begins to work."""


def begin() -> None:
    """Stands in the place of the work."""
    raise _Begun


def test_every_published_model_has_a_recipe():
    assert recipe_names() == sorted(path.parent.name for path in PUBLISHED.glob("*/model.tflite"))


def test_an_unknown_recipe_is_named_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"one of \[.*'snips'\]. Received: 'snip'"):
        load_recipe("snip")


@pytest.mark.parametrize("name", recipe_names())
def test_card_and_scores_tell_the_recipe(name):
    recipe, folder = load_recipe(name), PUBLISHED / name
    record = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert record["commands"] == list(recipe.commands)
    assert record["published_by"] == recipe.publish
    assert record["other_data"] == list(recipe.other_data)
    assert record["selection"] == recipe.selection
    if record.get("kind") == "encoder":
        card = encoder_card(name, record)
    else:
        metadata = read_metadata(folder / "model.tflite")
        card = render_card(name, record, metadata)
        assert (folder / PLOT).is_file() == shows_reliability(record, metadata)
    assert card == (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_is_a_script_whose_modules_files_and_flags_exist(name, monkeypatch):
    script = load_recipe(name).script
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)
    for file in FILE.findall(script):
        assert (ROOT / file).exists(), file
    for line in script.splitlines():
        (name,) = MODULE.findall(line)
        words = shlex.split(LOOP.sub(r"\1", line))[3:]
        if name == "pqrnn_tf":  # the command comes next
            name = f"pqrnn_tf.{words.pop(0)}"
        command = name.replace("pqrnn_tf.", "pqrnn_tf.commands.")
        parser = CommandParser(name, "")
        module = importlib.import_module(command)
        module.configure(parser)
        arguments = parser.parse(words)
        if hasattr(
            module, "log_to_stderr"
        ):  # stands where the flags are checked and the work begins
            monkeypatch.setattr(module, "log_to_stderr", begin)
            with pytest.raises(_Begun):
                module.run(arguments)
