"""README's examples are run as they stand, one after the other, as a newcomer would."""

from __future__ import annotations

import contextlib
import io
import json
import pathlib
import re
import shlex
import sys

import pytest

from pqrnn_tf.commands.main import main

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [content for name, content in BLOCKS if name == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the phrases that README shows."""
    path = tmp_path_factory.mktemp("newcomer")
    (phrases,) = blocks("yaml")
    (path / "phrases.yaml").write_text(phrases, encoding="utf-8")
    return path


def python(example: str) -> str:
    """What an example prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(example, "README.md", "exec"), {})
    return out.getvalue()


def shell(line: str) -> str:
    """What a line prints that calls `pqrnn`, with or without `echo TEXT |` before it."""
    words = shlex.split(line, comments=True)
    given = ""
    if "|" in words:
        given = " ".join(words[1 : words.index("|")]) + "\n"
        words = words[words.index("|") + 1 :]
    assert words[0] == "pqrnn"
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, write_through=True))
        status = main(words[1:])
        told = out.getvalue().decode()  # before the wrapper closes it
    assert status == 0, line
    return told


def test_the_first_screen_installs_parses_and_trains():
    first = [name for name, _ in BLOCKS][:7]
    assert first == ["bash", "python", "text", "yaml", "bash", "python", "bash"]
    assert blocks("bash")[0].startswith("pip install '.[train]'")
    assert [line.split()[:2] for line in blocks("bash")[2].splitlines()] == [
        ["make", "demo"],
        ["make", "test"],
    ]


def test_a_text_is_parsed_as_shown():
    (shown,) = blocks("text")
    assert python(blocks("python")[0]) == shown


def test_own_phrases_are_inspected_trained_on_and_parsed(folder, monkeypatch, one_signature):
    monkeypatch.chdir(folder)
    inspect, train, parse = blocks("bash")[1].splitlines()
    assert "set_alarm" in shell(inspect)
    shell(train)
    for name in ("model.keras", "model.tflite", "card.md"):
        assert (folder / "mine" / name).is_file()
    parsed = json.loads(shell(parse))
    assert parsed["text"] == "wake me at eight"
    assert parsed["intent"] == "set_alarm"


@pytest.mark.large  # the same training again
def test_own_phrases_are_trained_on_with_keras(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert python(blocks("python")[1]).splitlines()[-1] == "set_alarm"
    assert (folder / "mine.keras").is_file()
    assert (folder / "mine.tflite").stat().st_size > 10_000
