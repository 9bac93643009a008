"""`pqrnn search`: what it refuses before anything is written, and the help that says what it does."""

from __future__ import annotations

import json

import pytest

from pqrnn_tf.commands.search import open_teacher
from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.files import ResumeError, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.search.genome import Genome
from tests.tiny_models import tiny_parser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_mtop_folder(
        tmp_path_factory.mktemp("data"), languages=["en"], train=40, dev=10, test=4, seed=1
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ((), "name the data"),
        (("--runner", "DaskRunner", "--workers", 2), "--workers has no use here"),
        (("--strategy", "grid"), "invalid choice: 'grid'"),
        (("--error_kind", "sunburn"), "--error_kind must be one of"),
        (("--", "--option"), "only --runner has options behind --"),
        (("--set", "patience=3"), "--set patience has no use here"),
        (("--set", "substitution=0.3"), "--set substitution has no use here"),
        (("--strategy", "random", "--also", "a.json"), "--also has no use here"),
        (("--population", 2, "--also", "a.json", "--also", "b.json"), "--also must leave room"),
        (("--max_bytes", 100_000), "--max_bytes must be above 130,000 unless --max_parameters"),
    ],
)
def test_wrong_usage_is_one_line(call, folder, tmp_path, line, message):
    data = (folder,) if message != "name the data" else ()
    needed = ("--teacher", "mtop_en_2mb", "--output", tmp_path / "out")
    done = call("search", *data, *needed, *line)
    assert done.code == 2
    assert message in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_start_that_is_too_large_and_a_teacher_that_is_not_there(call, folder, tmp_path):
    output = ("--output", tmp_path / "out", "--population", 2)
    line = ("--teacher", tmp_path / "nowhere", "--max_parameters", 1000)
    done = call("search", folder, *line, *output)
    assert done.code == 1
    assert "`base` must be a student of the space" in done.err or "nowhere" in done.err
    assert not (tmp_path / "out" / "candidates").exists()


def test_a_search_with_another_preset_does_not_keep_the_teacher_of_the_former(tmp_path):
    labels = LabelSet(("alarm",), ("O",))
    presets = [tmp_path / "one", tmp_path / "other"]
    for seed, preset in enumerate(presets):
        tiny_parser(labels, seed=seed).save_to_preset(preset)
    output = tmp_path / "out"
    first = open_teacher(str(presets[0]), output)
    assert open_teacher(str(presets[0]), output).digest == first.digest
    with pytest.raises(ResumeError, match="whose teacher is not '.*other'"):
        open_teacher(str(presets[1]), output)


def test_the_front_is_printed(call, folder, tmp_path, monkeypatch):
    asked = {}

    def search(how, base, teacher, training, development, output, **options):
        asked.update(how=how, base=base, rows=(len(training), len(development)), **options)
        values = {"name": "000-000", "bytes": 1, "latency": 1.0}
        exact = ("flat_exact_match", "errors_exact_match", "attacked_exact_match")
        return [{**values, **dict.fromkeys(exact, 50.0), "more": 1}]

    monkeypatch.setattr("pqrnn_tf.search.evolution.search", search)
    monkeypatch.setattr("pqrnn_tf.commands.search.open_teacher", lambda *_, **__: None)
    write_json(tmp_path / "config.json", {"units": 16, "bottleneck_units": 32})
    line = ["--config", tmp_path / "config.json", "--rows", 30, "--development_rows", 5]
    line += ["--max_bytes", 300_000, "--objective", "flat_exact_match", "--objective", "bytes"]
    line += ["--attack_queries", 7, "--one_signature", "--runner", "SomeRunner", "--", "--more=1"]
    done = call("search", folder, "--teacher", "x", "--output", tmp_path / "out", *line)
    (record,) = map(json.loads, done.out.splitlines())
    assert record["name"] == "000-000" and "more" not in record
    how = asked["how"]
    assert how.space.max_parameters == 170_000 and how.measures.attack.queries == 7
    assert how.objectives == ("flat_exact_match", "bytes") and how.measures.short_texts == ()
    assert asked["rows"] == (30, 5) and asked["base"].units == 16
    assert asked["runner"] == "SomeRunner" and list(asked["pipeline_args"]) == ["--more=1"]


def test_a_search_that_is_told_of_no_student_starts_from_one_that_fits(
    call, folder, tmp_path, monkeypatch
):
    asked = {}

    def search(how, base, *_, **__):
        asked.update(how=how, base=base)
        return []

    monkeypatch.setattr("pqrnn_tf.search.evolution.search", search)
    monkeypatch.setattr("pqrnn_tf.commands.search.open_teacher", lambda *_, **__: None)
    done = call("search", folder, "--teacher", "x", "--output", tmp_path / "out")
    assert done.code == 0 and "so that it fits" in done.err
    assert asked["how"].space.holds(Genome.of(asked["base"]))
    given = ("--set", "units=200", "--set", "learning_rate=0.001")
    done = call("search", folder, "--teacher", "x", "--output", tmp_path / "out", *given)
    assert asked["base"].units == 200 and "so that it fits" not in done.err
