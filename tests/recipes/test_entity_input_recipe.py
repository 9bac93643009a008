"""The input for names that a finished model gets."""

from __future__ import annotations

import pytest

from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.files import CLAIM, write_json
from pqrnn_tf.runtime.labels import LabelSet
from recipes import entity_input
from tests.tiny_models import ROWS, TINY, tiny_parser

SLOT = next(slot.name for row in ROWS for slot in row.slots or ())
LABELS = LabelSet(("a", "b"), ("O", f"B-{SLOT}", f"I-{SLOT}"))


def call(*words) -> int:
    line = [str(word) for word in words]
    return run_command(
        "entity_input", entity_input.__doc__, entity_input.configure, entity_input.run, line
    )


@pytest.fixture
def run_folder(tmp_path):
    """What `pqrnn train` and `pqrnn distill` leave of a model: no config.json."""
    (tmp_path / "run").mkdir()
    tiny_parser(LABELS).save(tmp_path / "run" / "model.keras")
    write_json(tmp_path / "run" / CLAIM, {"config": TINY.to_dict()})
    return tmp_path / "run"


def test_a_run_folder_gets_the_input(run_folder, tmp_path, monkeypatch):
    """The document names this way for students of `pqrnn distill`; it wanted the folder of a preset."""
    trained = []
    monkeypatch.setattr(
        "pqrnn_tf.tasks.training.fit_resumable", lambda *given, **_: trained.append(given)
    )
    data = write_mtop_folder(tmp_path / "data", languages=["en"], train=32, dev=4, test=4, seed=1)
    line = ["--data", data, "--entity_type", f"{SLOT}=thing", "--verbose", 0, "--output", tmp_path]
    for start, told in ((run_folder, []), (run_folder / "model.keras", ["--entity_relations"])):
        assert call("--start", start, *line, *told) == 0
        model, _, config, rows = trained.pop()[:4]
        assert model.entity_features.slots == tuple(config.entity_types.items())
        assert model.entity_features.related == config.entity_relations == bool(told)
        assert rows.entities.features == model.entity_features
        assert config.entity_types == {SLOT: "thing"} and config.units == TINY.units
        assert rows.rows == 32 and rows.entities is not None


def test_a_model_without_its_configuration_is_named(run_folder, capsys):
    (run_folder / CLAIM).unlink()
    line = ["--data", "x", "--entity_type", "A=thing", "--output", "o"]
    assert call("--start", run_folder, *line) == 2
    assert (
        "--start must be in a folder with config.json or training.json" in capsys.readouterr().err
    )


@pytest.mark.parametrize("given", ["A", "A="])
def test_a_type_that_is_missing_is_named_before_anything_is_read(given, capsys):
    assert call("--start", "x", "--data", "x", "--entity_type", given, "--output", "o") == 2
    assert "--entity_type must be SLOT=TYPE" in capsys.readouterr().err
