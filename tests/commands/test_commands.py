"""The commands as a user runs them, good input and bad."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time

import pytest

from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.runtime.labels import LabelSet
from tests.tiny_models import DEV

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

SMALL = [
    "epochs=2", "units=16", "bottleneck_units=16", "layers=1", "batch_size=32",
    "spec.word_features=32", "spec.ngram_features=32", "spec.max_tokens=24",
]  # fmt: skip


def run(command: str, *arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    package = "tflite_export" if command == "export" else "pqrnn_tf"
    line = [sys.executable, "-m", f"{package}.{command}", *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, input=stdin, capture_output=True)


def predict(model: pathlib.Path, stdin: bytes, *more: object) -> list[dict]:
    result = run("predict", "--model", model, *more, stdin=stdin)
    assert result.returncode == 0, result.stderr.decode()
    return [json.loads(line) for line in result.stdout.decode("utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_mtop_folder(
        tmp_path_factory.mktemp("data"), languages=["en"], train=64, dev=16, test=4, seed=1
    )


def test_predict_keeps_order_and_contract(tiny):
    texts = [row.text for row in DEV[:10]]
    parses = predict(tiny[2], "\n".join(texts).encode())
    assert [parse["text"] for parse in parses] == texts
    for parse in parses:
        assert set(parse) == {"text", "intent", "score", "slots", "tree"}
        assert parse["tree"].startswith(f"[IN:{parse['intent']} ")
        for slot in parse["slots"]:
            assert set(slot) == {"name", "start", "end", "text"}
            assert parse["text"][slot["start"] : slot["end"]] == slot["text"]


def test_predict_of_an_empty_line_and_of_windows_line_ends(tiny):
    parses = predict(tiny[2], b"\r\nstop it\r\n")
    assert parses[0] == {"text": "", "intent": "", "score": 0.0, "slots": [], "tree": ""}
    assert parses[1]["text"] == "stop it"


def test_predict_of_bytes_that_are_not_utf_8(tiny):
    (parse,) = predict(tiny[2], b"wake \xff\xfe me")
    assert parse["text"] == "wake \ufffd\ufffd me"


def test_predict_of_a_megabyte_line(tiny):
    line = b"wake me at seven " * 62_000
    result = run("predict", "--model", tiny[2], stdin=line + b"\nstop\n")
    first, second = map(json.loads, result.stdout.decode().splitlines())
    assert first["truncated"] is True
    assert len(first["text"]) == len(line)
    assert "truncated" not in second
    assert b"1 lines were longer" in result.stderr


def test_predict_starts_without_tensorflow_and_quickly(tiny):
    code = (
        "import sys, runpy; sys.argv[1:] = ['--model', sys.argv[1]]\n"
        "try: runpy.run_module('pqrnn_tf.predict', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "sys.exit('tensorflow' in sys.modules)"
    )
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        line = [sys.executable, "-c", code, str(tiny[2])]
        subprocess.run(line, cwd=ROOT, input=b"stop\n", capture_output=True, check=True)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1.0


def test_predict_with_the_labels_of_another_model(tiny, tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(LabelSet(("A",), ("O",)).to_json(), encoding="utf-8")
    result = run("predict", "--model", tiny[2], "--labels", path, stdin=b"stop\n")
    assert result.returncode == 1
    assert b"labels of another model" in result.stderr
    assert not result.stdout


def test_predict_with_a_truncated_model(tiny, tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(tiny[2].read_bytes()[:-1000])
    result = run("predict", "--model", path, stdin=b"stop\n")
    assert result.returncode == 1
    assert b"truncated" in result.stderr


def test_train_export_evaluate_predict(folder, tmp_path):
    """The whole way for a user with a folder of MTOP files and no teacher."""
    settings = [part for value in SMALL for part in ("--set", value)]
    trained = run(
        "train", "--data", folder, "--output", tmp_path / "run", "--verbose", 0, *settings
    )
    assert trained.returncode == 0, trained.stderr.decode()[-2000:]
    scores = json.loads(trained.stdout.decode().splitlines()[-1])
    assert scores["rows"] == 16
    model = tmp_path / "run" / "model.tflite"
    keras_file = tmp_path / "run" / "model.keras"
    exported = run("export", "--model", keras_file, "--output", model, "--licence", "CC0")
    assert exported.returncode == 0, exported.stderr.decode()[-2000:]
    assert str(model.stat().st_size) in exported.stdout.decode()
    evaluated = run(
        "evaluate", "--model", model, "--data", folder, "--output", tmp_path / "scores.json"
    )
    assert evaluated.returncode == 0, evaluated.stderr.decode()[-2000:]
    record = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert record == json.loads(evaluated.stdout.decode().splitlines()[-1])
    assert (record["rows"], record["bytes"]) == (16, model.stat().st_size)
    assert len(predict(model, b"stop\nwake me\n")) == 2


def test_evaluate_in_several_languages(tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en", "de"], train=1, dev=8, test=1, seed=1)
    result = run("evaluate", "--model", tiny[2], "--data", data, "--language", "all")
    assert result.returncode == 0, result.stderr.decode()[-2000:]
    record = json.loads(result.stdout.decode())
    rows = record["languages"]
    assert set(rows) == {"en", "de"} and {row["rows"] for row in rows.values()} == {8}
    exact = [row["flat_exact_match"] for row in rows.values()]
    assert record["mean"]["flat_exact_match"] == pytest.approx(sum(exact) / 2, abs=0.01)
    alone = json.loads(run("evaluate", "--model", tiny[2], "--data", f"{data}:de").stdout)
    assert (alone["language"], alone["flat_exact_match"]) == ("de", rows["de"]["flat_exact_match"])


def test_distill(folder, tmp_path):
    """A BERT in TF-Hub's format, fine-tuned and distilled by one command."""
    from pqrnn_tf.datasets.making.grammar import vocabulary
    from pqrnn_tf.teachers import build_bert

    sizes = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 32}
    build_bert(tmp_path / "bert", vocabulary(["en"]), **sizes)
    settings = [part for value in SMALL for part in ("--set", value)]
    settings += ["--teacher", tmp_path / "bert", "--teacher_epochs", 1, "--verbose", 0]
    result = run("distill", "--data", folder, "--output", tmp_path / "run", *settings)
    assert result.returncode == 0, result.stderr.decode()[-2000:]
    scores = json.loads(result.stdout.decode().splitlines()[-1])
    assert scores["teacher"]["rows"] == scores["student"]["rows"] == 16
    assert (tmp_path / "run" / "model.keras").is_file()
    assert (tmp_path / "run" / "teacher" / "encoder" / "saved_model.pb").is_file()


@pytest.mark.parametrize("command", ["train", "distill"])
def test_a_missing_data_folder_is_named(command, tmp_path):
    result = run(command, "--data", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert result.returncode == 1
    assert f"{command}: ".encode() in result.stderr
    assert b"nowhere" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_row_with_unbalanced_brackets_is_named(folder, tmp_path):
    broken = tmp_path / "broken"
    (broken / "en").mkdir(parents=True)
    for name in ("train.txt", "eval.txt"):
        lines = (folder / "en" / name).read_text(encoding="utf-8").splitlines()
        if name == "train.txt":
            fields = lines[2].split("\t")
            fields[6] = fields[6].rsplit("]", 1)[0]
            lines[2] = "\t".join(fields)
        (broken / "en" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run("train", "--data", broken, "--output", tmp_path / "out")
    assert result.returncode == 1
    assert b"train.txt:3" in result.stderr


def test_evaluate_of_a_missing_model(folder, tmp_path):
    result = run("evaluate", "--model", tmp_path / "none.keras", "--data", folder)
    assert result.returncode == 1
    assert b"none.keras" in result.stderr


def test_export_of_a_missing_model(tmp_path):
    result = run("export", "--model", tmp_path / "no.keras", "--output", tmp_path / "x.tflite")
    assert result.returncode == 1
    assert b"no.keras" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_unexpected_arguments_are_refused(tiny):
    result = run("predict", "--model", tiny[2], "wake me")
    assert result.returncode != 0
    assert b"unexpected arguments" in result.stderr + result.stdout
