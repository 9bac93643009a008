"""`pqrnn embed`: rows in the order of the lines, files that are whole or absent, and what is no encoder."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pqrnn_tf.commands import embed
from pqrnn_tf.runtime import Encoder
from tests.conftest import ROOT
from tests.tflite_export.make_encoder_golden import MODEL
from tests.tflite_export.make_jvm_golden import RESOURCES

LINES = ["wake me at 7", "", "play some jazz", " \t", "Zoë 🙂", "what is the weather like"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(MODEL)


def test_a_row_for_each_line_in_order(call, encoder, tmp_path):
    output = tmp_path / "new" / "vectors.npy"
    done = call("embed", "--model", MODEL, "--output", output, stdin="\n".join(LINES).encode())
    assert (done.code, done.out, done.err) == (0, "", "")
    vectors = np.load(output)
    assert vectors.dtype == np.float32 and vectors.shape == (len(LINES), encoder.width)
    np.testing.assert_array_equal(vectors, encoder.encode(LINES))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 0, 1, 1], atol=1e-5)
    assert [path.name for path in output.parent.iterdir()] == ["vectors.npy"]


def test_line_ends_byte_order_mark_and_bytes_that_are_not_utf_8(call, encoder, tmp_path):
    output = tmp_path / "vectors.npy"
    stdin = b"\xef\xbb\xbfwake me\r\n\r\nplay \xff\xfe\n"
    assert call("embed", "--model", MODEL, "--output", output, stdin=stdin).code == 0
    expected = encoder.encode(["wake me", "", "play \ufffd\ufffd"])
    np.testing.assert_array_equal(np.load(output), expected)


def test_no_line_gives_no_row(call, encoder, tmp_path):
    output = tmp_path / "vectors.npy"
    assert call("embed", "--model", MODEL, "--output", output).code == 0
    assert np.load(output).shape == (0, encoder.width)


def test_many_lines_in_threads_with_progress(call, encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(embed, "LINES_AT_ONCE", 100)
    lines = [f"wake me at {i}" for i in range(330)]
    output = tmp_path / "vectors.npy"
    done = call(
        "embed",
        "--model",
        MODEL,
        "--output",
        output,
        "--threads",
        2,
        stdin="\n".join(lines).encode(),
    )
    assert done.code == 0 and "embedding: 330 of 330 lines" in done.err
    np.testing.assert_array_equal(np.load(output), encoder.encode(lines))


def test_lines_that_are_cut_are_counted(call, tmp_path):
    stdin = b"wake me\n" + b"wake me at 7 " * 30 + b"\n"
    done = call("embed", "--model", MODEL, "--output", tmp_path / "v.npy", stdin=stdin)
    assert done.err == "pqrnn embed: 1 lines were longer than the model takes and were cut\n"


def test_after_an_error_the_file_is_as_it_was(call, tmp_path, monkeypatch):
    output = tmp_path / "vectors.npy"
    output.write_bytes(b"old")

    def broken(*_, **__):
        raise RuntimeError("the runtime broke")

    monkeypatch.setattr(Encoder, "vectors_and_cuts", broken)
    monkeypatch.setattr(Encoder, "encode", lambda *_: None)
    done = call("embed", "--model", MODEL, "--output", output, stdin=b"wake me\n")
    assert (done.code, done.err) == (1, "pqrnn embed: the runtime broke\n")
    assert output.read_bytes() == b"old" and list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--model", MODEL], 2, "--output"),
        (["--output", "v.npy"], 2, "--model"),
        (["--model", MODEL, "--output", "v.npy", "--threads", "0"], 2, "at least 1"),
        (["--model", MODEL, "--output", "."], 1, "embed: .: Is a directory"),
        (["--model", "nothing", "--output", "v.npy"], 1, "`model` must be a .tflite file"),
        (["--model", "nothing.keras", "--output", "v.npy"], 1, "nothing.keras"),
        (["--model", RESOURCES / "tiny.tflite", "--output", "v.npy"], 1, "must be an encoder"),
        (["--model", "mtop_en_1mb", "--output", "v.npy"], 1, "must be an encoder"),
    ],
)
def test_what_is_wrong_is_one_line(call, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    done = call("embed", *arguments, stdin=b"wake me\n")
    assert done.code == code and message in done.err and done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["parse", "predict"])
def test_an_encoder_does_not_parse_and_the_error_says_what_does(call, command):
    done = call(command, "--model", MODEL, stdin=b"wake me\n")
    assert done.code == 1 and "`pqrnn embed`" in done.err and "IntentPrototypes" in done.err


def test_a_folder_of_training_is_a_model_too(call, encoder, tmp_path):
    (tmp_path / "model.tflite").write_bytes(MODEL.read_bytes())
    output = tmp_path / "vectors.npy"
    done = call("embed", "--model", tmp_path, "--output", output, stdin="\n".join(LINES).encode())
    assert done.code == 0
    np.testing.assert_array_equal(np.load(output), encoder.encode(LINES))


@pytest.mark.large
def test_a_keras_file_gives_the_same_vectors(call, encoder, tmp_path):
    from tests.tiny_models import tiny_encoder

    tiny_encoder().save(tmp_path / "model.keras")
    lines = [*LINES, "wake me at 7 " * 30]
    arguments = ["--model", tmp_path / "model.keras", "--output", tmp_path / "vectors.npy"]
    done = call("embed", *arguments, stdin="\n".join(lines).encode())
    assert done.code == 0 and "1 lines were longer" in done.err
    np.testing.assert_allclose(np.load(tmp_path / "vectors.npy"), encoder.encode(lines), atol=1e-4)


def test_a_keras_file_of_a_parser_is_refused(call, tiny, tmp_path):
    done = call("embed", "--model", tiny[1] / "model.keras", "--output", tmp_path / "v.npy")
    assert done.code == 1 and "must hold a SentenceEncoder. It holds a IntentSlotModel" in done.err


def test_a_tflite_needs_no_tensorflow(tmp_path):
    code = (
        "import sys; from pqrnn_tf.commands.main import main; "
        f"main(['embed', '--model', {str(MODEL)!r}, '--output', {str(tmp_path / 'v.npy')!r}]); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, input=b"wake me\n", check=True)
    assert np.load(tmp_path / "v.npy").shape[0] == 1
