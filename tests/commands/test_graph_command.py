"""`pqrnn graph`: what it leaves, how its file is used, and calls that are refused."""

from __future__ import annotations

import pytest

from pqrnn_tf.knowledge import training
from pqrnn_tf.runtime import Entities

SMALL = {"width": 8, "heads": 2, "epochs": 1, "batch_size": 16, "neighbourhood": 4}


def test_the_command(call, tmp_path, eager, monkeypatch):
    monkeypatch.setattr(training, "LEAST_ROWS", 32)
    listed, triples = tmp_path / "house.csv", tmp_path / "triples.csv"
    listed.write_text("name,id,type\nLamp,l1,light\nLamp,l2,light\nKitchen,r1,room\n")
    triples.write_text(
        "subject,relation,object\nl1,located_in,Kitchen\nl2,located_in,Cellar\nr1,above,l2\n"
    )
    output = tmp_path / "run"
    settings = [part for name, value in SMALL.items() for part in ("--set", f"{name}={value}")]
    done = call(
        "graph", listed, "--triples", triples, "--output", output, "--verbose", 0, *settings
    )
    told = done.json()
    assert (told["entities"], told["width"]) == (3, 8)
    assert told["bytes"] == (output / "vectors.json").stat().st_size
    found = Entities.from_file(listed, triples=triples, vectors=told["written"])
    assert found.vectors.width == 8


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "give files of names"),
        (["LIST", "--triples", "none.csv"], "none.csv: cannot be read"),
        (["LIST"], "must have relations"),
        (["LIST", "--set", "wide=3"], "unknown names"),
        (["LIST", "--set", "width=10", "--set", "heads=4"], "`heads` must divide `width`"),
    ],
)
def test_calls_that_cannot_be_followed(call, tmp_path, flags, message):
    listed = tmp_path / "list.txt"
    listed.write_text("Lamp\n")
    line = [str(listed) if flag == "LIST" else flag for flag in flags]
    done = call("graph", *line, "--output", tmp_path / "run", "--verbose", 0)
    assert done.code and message in done.err
    assert not (tmp_path / "run").exists()
