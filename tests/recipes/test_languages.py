"""The recipe for any set of languages: its commands, its card, and scripts that are written without spaces."""

from __future__ import annotations

import importlib
import json
import pathlib
import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.commands.arguments import CommandParser, UsageError
from pqrnn_tf.datasets import load_mixture
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.tasks.config import read_config
from recipes import languages

ATIS = "id\tutterance\tslot_labels\tintent\n"
ROWS = {
    "EN": ("flights to new york", "O O B-toloc.city_name I-toloc.city_name", "atis_flight"),
    "ZH": ("去 北京 的 航班", "O B-toloc.city_name O O", "atis_flight"),
}


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "nine"
    folder.mkdir()
    for code, row in ROWS.items():
        for split in ("train", "dev", "test"):
            lines = "".join(f"{n}\t" + "\t".join(row) + "\n" for n in range(3))
            (folder / f"{split}_{code}.tsv").write_text(ATIS + lines, encoding="utf-8")
    return folder


@pytest.fixture
def call(corpus, tmp_path, monkeypatch):
    """Runs the recipe; the commands are noted and leave what they would, and do not run."""
    ran = []

    def pretend(command, **_):
        words = command[1:]
        ran.append(words)
        output = pathlib.Path(words[words.index("--output") + 1])
        name = words[1].removeprefix("pqrnn_tf.")
        if name == "evaluate":
            better = 10.0 if "taught" in output.name else 0.0
            of = {
                code: {"rows": 3, **{score: value + better for score, value in scores.items()}}
                for code, scores in SCORES.items()
            }
            mean = {"flat_exact_match": 70.0 + better}
            output.write_text(json.dumps({"languages": of, "mean": mean}))
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / "model.tflite").write_bytes(output.name.encode())
            (output / "scores.json").write_text(json.dumps({"languages": SCORES}))
            (output / "card.md").write_text("done")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(languages.subprocess, "run", pretend)

    def run(*flags):
        ran.clear()
        argv = ["languages", str(corpus), "--output", str(tmp_path / "out"), *map(str, flags)]
        monkeypatch.setattr(sys, "argv", argv)
        return languages.main(), list(ran)

    return run


SCORES = {
    "en": {"rows": 3, "intent_accuracy": 90.0, "slot_f1": 80.0, "flat_exact_match": 70.0},
    "zh": {"rows": 3, "intent_accuracy": 80.0, "slot_f1": 70.0, "flat_exact_match": 70.0},
}


def test_students_and_a_bert_teach_another_student(call, tmp_path):
    code, ran = call("--teacher", "https://hub/bert", "--students", 2, "--steps", 10)
    assert code == 0
    out = tmp_path / "out"
    made = [pathlib.Path(words[words.index("--output") + 1]).name for words in ran]
    assert made[:4] == ["bert", "labels_1", "labels_2", "taught"]
    assert made[4:] == [
        f"{name}_{split}.json"
        for split in ("dev", "unspaced", "test", "unspaced_test")
        for name in ("labels_1", "labels_2", "taught")
    ]
    taught = ran[3]
    teachers = [taught[n + 1] for n, word in enumerate(taught) if word == "--fine_tuned"]
    assert teachers == [str(out / name) for name in ("bert/teacher", "labels_1", "labels_2")]
    assert (out / "model.tflite").read_bytes() == b"taught"
    record = json.loads((out / "scores.json").read_text())
    assert record["best"] == "taught" and record["mean"]["taught"]["dev"]["flat_exact_match"] == 80
    card = (out / "card.md").read_text(encoding="utf-8")
    for part in ("| Chinese | taught by the BERT and them |", "*the BERT*", "## Test rows"):
        assert part in card


def test_every_command_has_the_flags_that_it_is_called_with(call):
    _, ran = call("--teacher", "https://hub/bert", "--students", 2, "--frozen_layers", 3)
    for words in ran:
        module = words[1].replace("pqrnn_tf.", "pqrnn_tf.commands.")
        parser = CommandParser(module, "")
        importlib.import_module(module).configure(parser)
        parser.parse(words[2:])


def test_the_bert_has_the_layers_and_the_rate_that_are_asked_for(call, tmp_path):
    finetune = call("--teacher", "https://hub/bert", "--teacher_layers", 8)[1][0]
    assert finetune[finetune.index("--layers") + 1] == "8"
    assert "--learning_rate" not in finetune
    shutil.rmtree(tmp_path / "out")
    finetune = call("--teacher", "https://hub/bert", "--teacher_rate", 1e-4)[1][0]
    assert finetune[finetune.index("--learning_rate") + 1] == "0.0001"
    assert "--layers" not in finetune


def test_rows_are_held_out_once_for_all_commands(call, corpus, tmp_path):
    rows = str(tmp_path / "out" / "rows" / "dev.jsonl")
    train, *others = call()[1]
    assert "--development" not in train and rows in others[0]
    for path in corpus.glob("dev_*"):
        path.unlink()
    shutil.rmtree(tmp_path / "out")
    train = call()[1][0]
    assert train[train.index("--development") + 1] == rows


def test_scores_of_all_languages_are_printed(call, capsys):
    call("--students", 2)
    out, err = capsys.readouterr()
    for line in ("| Chinese | from labels, seed 2 |", "| **mean** | taught by them |"):
        assert out.count(line) == 4, line  # development and test rows, both with and without spaces
    assert json.loads(out.splitlines()[-1])["best"] == "taught"
    assert "[1 of 15] labels_1: python -m pqrnn_tf.train" in err
    call("--students", 2)
    assert "[15 of 15] taught_unspaced_test: there already" in capsys.readouterr().err


def test_students_are_trained_on_both_forms_and_the_bert_reads_rows_as_they_are(call):
    """A piece of a BERT may stand over the edge of a slot where there are no spaces."""
    assert read_config(languages.CONFIG, []).unspaced == 0.5
    finetune, train, distill, *_ = call("--teacher", "https://hub/bert")[1]
    assert "unspaced=0" in finetune
    assert "unspaced=0" not in [*train, *distill]


def test_labels_alone_need_no_distillation_and_scores_are_kept(call, tmp_path):
    assert [words[1] for words in call()[1]] == ["pqrnn_tf.train", *["pqrnn_tf.evaluate"] * 4]
    assert "from labels" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_rows_of_scripts_without_spaces_are_scored_in_both_forms(call, tmp_path):
    *_, words = call()[1]
    more = tmp_path / "out" / "rows" / "unspaced" / "test.jsonl"
    assert str(more) in words
    rows = [json.loads(line) for line in more.read_text(encoding="utf-8").splitlines()]
    assert [row["text"] for row in rows] == ["去北京的航班"] * 3
    assert rows[0]["slots"] == [{"name": "toloc.city_name", "start": 1, "end": 3}]
    assert {row["locale"] for row in rows} == {"zh"}


def test_a_second_call_does_nothing_anew_and_another_one_is_refused(call, capsys):
    call()
    assert call() == (0, [])
    assert call("--steps", 5) == (1, [])
    assert "differs in commands.labels_1" in capsys.readouterr().err


def test_other_rows_are_refused_and_leave_those_of_the_run_as_they_are(
    call, corpus, tmp_path, capsys
):
    call()
    rows = tmp_path / "out" / "rows" / "dev.jsonl"
    before = rows.read_bytes()
    for file, split in (("dev_EN.tsv", "dev"), ("train_EN.tsv", "train"), ("test_EN.tsv", "test")):
        kept = (corpus / file).read_text(encoding="utf-8")
        (corpus / file).write_text(kept + "9\tdenver\tO\tatis_city\n", encoding="utf-8")
        for flags in ((), ("--print",)):
            assert call(*flags) == (1, [])
            assert f"rows.{split} (" in capsys.readouterr().err
            assert rows.read_bytes() == before
        (corpus / file).write_text(kept, encoding="utf-8")
    assert call() == (0, [])


def test_rows_of_templates_count_in_the_passes_that_the_steps_make(call, tmp_path):
    templates = tmp_path / "en.tsv"
    templates.write_text("atis_flight\tplease flights to {toloc.city_name}\n", encoding="utf-8")
    train = call("--steps", 1000, "--templates", templates)[1][0]
    assert f"epochs={round(1000 * 64 / (6 + 3000))}" in train


def test_rows_of_small_languages_are_repeated_for_all_who_learn(call, corpus, tmp_path):
    line = "\t".join(ROWS["EN"])
    more = "".join(f"{n}\tmore {line.replace('O O', 'O O O', 1)}\n" for n in range(24))
    (corpus / "train_EN.tsv").write_text(ATIS + more, encoding="utf-8")
    few = (corpus / "train_ZH.tsv").read_text(encoding="utf-8").replace("北京", "上海")
    (corpus / "train_ZH.tsv").write_text(few, encoding="utf-8")
    trained = call("--teacher", "https://hub/bert", "--steps", 1000)[1]
    again = tmp_path / "out" / "rows" / "repeated.jsonl"
    # 24 rows against 3: as many times as 8 to the power of 0.7, once they stand in the data.
    rows = again.read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3 * 3 and all('"zh"' in row for row in rows)
    for command in trained:
        learns = command[1] != "pqrnn_tf.evaluate"
        assert (str(again) in command) == learns
        if learns:  # as more data they were left out, as copies of the rows of another file
            read = {
                name: [b for a, b in pairwise(command) if a == f"--{name}"]
                for name in ("data", "similar")
            }
            mixture = load_mixture(read["data"], similar=read["similar"])
            assert len(mixture.training) == 24 + 3 + 9
    assert f"epochs={round(1000 * 64 / (24 + 3 + 9))}" in trained[1]
    assert call("--language_exponent", 1, "--output", tmp_path / "as_they_are")[0] == 0
    assert not (tmp_path / "as_they_are" / "rows" / "repeated.jsonl").exists()


def test_that_no_language_is_known_is_said(call, corpus, capsys):
    assert "The language of no row" not in (call(), capsys.readouterr().err)[1]
    for split in ("train", "dev", "test"):
        (corpus / f"{split}_ZH.tsv").unlink()
        (corpus / f"{split}_EN.tsv").rename(corpus / f"{split}.tsv")
    call("--output", corpus / "out")
    assert "The language of no row is known" in capsys.readouterr().err


def test_data_without_a_row_to_choose_a_student_by_are_refused(call, corpus, capsys):
    for path in corpus.iterdir():
        path.unlink()
    (corpus / "a.csv").write_text("text,intent\nflights,flight\nfares,fare\n")
    assert call() == (1, [])
    assert "no student can be chosen. Name some: --development" in capsys.readouterr().err


def test_the_card_counts_the_rows_that_were_left_out(call, corpus, tmp_path):
    call()
    assert "left out" not in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    with (corpus / "test_EN.tsv").open("a", encoding="utf-8") as file:
        file.write("9\tto denver\tO\tatis_city\n")
    call("--skip_bad_rows", "--output", tmp_path / "skipped")
    card = (tmp_path / "skipped" / "card.md").read_text(encoding="utf-8")
    assert "1 rows of the data cannot be read and are left out." in card


def test_a_command_that_fails_is_named_and_the_next_call_may_be_another(call, monkeypatch, capsys):
    failed = subprocess.CompletedProcess([], 3)
    with monkeypatch.context() as patch:
        patch.setattr(languages.subprocess, "run", lambda *_, **__: failed)
        assert call("--teacher", "misspelt")[0] == 1
        assert "ended with 3" in capsys.readouterr().err
    assert call("--steps", 5)[0] == 0


def test_settings_reach_all_commands_and_none_refuses_them(call, tmp_path):
    """A command refuses a field of --set that it does not read, so that they are in a file."""
    flags = ("--set", "units=8", "--set", "seed=5", "--set", "batch_size=2", "--steps", 30)
    finetune, first, second, distill, *_ = call(
        "--teacher", "https://hub/bert", "--students", 2, *flags
    )[1]

    def settings(words):
        return [words[n + 1] for n, word in enumerate(words) if word == "--set"]

    assert settings(finetune) == ["unspaced=0"]
    assert settings(first) == ["epochs=10"]  # 30 steps of 2 of 6 rows
    assert settings(second) == ["epochs=10", "seed=6"]
    assert settings(distill) == []
    for words in (finetune, first, second, distill):
        config = read_config(words[words.index("--config") + 1], [])
        assert (config.units, config.seed, config.batch_size) == (8, 5, 2)
        assert (config.unspaced, config.spec.max_tokens) == (0.5, 48)
    assert (
        call("--teacher", "https://hub/bert", "--students", 2, *flags, "--set", "units=9")[0] == 1
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--set", "epochs=3"], "--set epochs has no use here: --steps says how long"),
        (["--teacher_epochs", 2], "it belongs to --teacher"),
        (["--bfloat16"], "it belongs to --teacher"),
        (["--transfer", "logs.txt"], "one student of labels teaches none"),
        (["--students", 2, "--set", "bag_head=true"], "has no such head"),
        (["--set", "spec.segmentation=words"], "`unspaced` must be 0"),
        (["--set", "unit=9"], "unknown names: ['unit']"),
    ],
)
def test_what_has_no_use_is_refused_before_anything_runs(call, tmp_path, capsys, flags, message):
    code, ran = call(*flags)
    assert code and not ran
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_flags_of_a_file_stand_in_front(tmp_path):
    file = tmp_path / "nine.json"
    settings = {"data": ["a", "b"], "students": 2, "bfloat16": True, "skip_bad_rows": False}
    file.write_text(json.dumps(settings))
    argv = languages.with_settings(["--settings", str(file), "--students", "3"])
    parser = CommandParser("languages", "")
    languages.configure(parser)
    arguments = parser.parse([*argv, "--output", "o"])
    assert (arguments.data, arguments.students, arguments.bfloat16) == (["a", "b"], 3, True)
    assert languages.with_settings(["x"]) == ["x"]


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_file_that_holds_no_flags_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(UsageError, match="--settings must"):
        languages.with_settings([f"--settings={tmp_path / 'x.json'}"])


SPACED = (
    "从 北京 到 纽约 的 DL 83 航班 多少 钱 ？",
    "明日 の 朝 、 ニュー ヨーク 行き の 便 を 見せ て ください",
    "ดู เที่ยวบิน ไป กรุงเทพ ตอน 7 โมง",
)


@pytest.mark.parametrize("text", SPACED)
def test_scripts_without_spaces_have_the_same_tokens_with_and_without(text):
    """All that differs is the feature that says whether white space stands in front."""
    spec = read_config(languages.CONFIG, []).spec
    bare = text.replace(" ", "")
    features, lengths, spans, _ = (x.numpy() for x in project_strings(tf.constant([text]), spec))
    others, count, places, _ = (x.numpy() for x in project_strings(tf.constant([bare]), spec))
    np.testing.assert_array_equal(lengths, count)
    differing = np.nonzero(features[0, : lengths[0]] != others[0, : lengths[0]])[1]
    assert len(set(differing.tolist())) == 1
    for (start, end), (first, last) in zip(
        spans[0, : lengths[0]], places[0, : lengths[0]], strict=True
    ):
        assert text[start:end].replace(" ", "") == bare[first:last]


def test_tokens_that_nearly_every_row_has_at_most():
    from pqrnn_tf.datasets.rows import unlabelled

    rows = [unlabelled(text) for text in ("a", "b " * 70, *["c"] * 100)]
    assert languages.tokens_of(rows, share=0.9) == 48
    assert languages.tokens_of(rows, share=1.0) == 80
