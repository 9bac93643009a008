"""Programs in C++ on a third runtime, which gives access to TensorFlow Lite's C API."""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import zipfile
from collections.abc import Sequence

import pytest

from pqrnn_tf.projection.definition import project
from pqrnn_tf.runtime import Parser, read_metadata, tflite_op
from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.results import decode_outputs
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.runtime.trees import parse_tree
from tests.conftest import ROOT
from tests.parse_margins import parse_margin
from tests.projection.native_sources import (
    CC,
    STRICT,
    TFLITE_ARCHIVE,
    compiler,
    fetch,
    unpack_headers,
    write_tables,
)
from tests.tflite_export.make_jvm_golden import MODELS, TEXTS
from tests.tflite_export.test_string_frontend import TEXTS as EDGES
from tests.tiny_models import DEV
from tflite_export import convert

RUNTIME = "org.bytedeco:tensorflow-lite:2.18.0-1.5.11:jar:linux-x86_64"
RUNTIME_LIBRARY = "org/bytedeco/tensorflowlite/linux-x86_64/libjnitensorflowlite.so"
SOURCES = pathlib.Path(__file__).with_name("cc")
PRETRAINED = ROOT / "pretrained" / "mtop_en_2mb"

MISSING_HEADERS = {
    "core/async/c/types.h": "",
    "core/c/registration_external.h": (
        "typedef struct TfLiteRegistrationExternal TfLiteRegistrationExternal;"
    ),
}
"""What c_api.h includes and the archive lacks; all that it needs of them is a name."""

pytestmark = pytest.mark.network


@dataclasses.dataclass(frozen=True)
class Runtime:
    """Where the headers and the library of TensorFlow Lite are."""

    headers: pathlib.Path
    library: pathlib.Path

    def compile(
        self, program: pathlib.Path, *sources: pathlib.Path, libraries: Sequence[pathlib.Path] = ()
    ) -> pathlib.Path:
        needed = [*libraries, self.library]
        paths = [f"-Wl,-rpath,{path.parent}" for path in needed]
        tables = write_tables(program.parent / "include")
        includes = [f"-I{ROOT}", f"-I{tables}", f"-isystem{self.headers}"]
        command = [*compiler(), *STRICT, *includes, *sources, *needed, *paths]
        subprocess.run([*command, "-o", program], check=True)
        return program


@pytest.fixture(scope="module")
def runtime(tmp_path_factory) -> Runtime:
    folder = tmp_path_factory.mktemp("runtime")
    for name in ("library", "official"):
        (folder / name).mkdir()
    with zipfile.ZipFile(fetch(RUNTIME, folder / "library")) as content:
        library = pathlib.Path(content.extract(RUNTIME_LIBRARY, folder))
    headers = unpack_headers(fetch(TFLITE_ARCHIVE, folder / "official"), folder)
    for path, text in MISSING_HEADERS.items():
        missing = headers / "tensorflow" / "lite" / path
        missing.parent.mkdir(parents=True, exist_ok=True)
        missing.write_text(text)
    return Runtime(headers, library)


@pytest.fixture(scope="module")
def parse_code_points(runtime, tmp_path_factory):
    """The program for the default front end."""
    sources = SOURCES / "parse_code_points.cc", CC / "projection_core.cc"
    return runtime.compile(tmp_path_factory.mktemp("points") / "parse", *sources)


def run(program, model, labels, texts):
    """Intent and slots of each text: `(intent, [(name, start, end, words), …])`."""
    result = subprocess.run(
        [program, model, labels, str(read_metadata(model).spec.version)],
        input=b"".join(to_bytes(text) + b"\n" for text in texts),
        capture_output=True,
        check=True,
    )
    rows = []
    for line in result.stdout.decode().split("\n")[:-1]:
        intent, *fields = line.split("\t")
        slots = list(zip(*(fields[i::4] for i in range(4)), strict=True))
        rows.append((intent, [(name, int(a), int(b), words) for name, a, b, words in slots]))
    assert len(rows) == len(texts)
    return rows


def of_python(parser, text):
    parsed = parser.parse(text)
    intent = parsed.intent if parsed.intent is not None else parse_tree(parsed.tree).label[3:]
    return intent, [(slot.name, slot.start, slot.end, slot.text) for slot in parsed.slots]


def is_searched(parser, text):
    """Whether Python's parse is not simply the best intent and the best tags."""
    outputs = parser.logits(text)
    length = int(outputs["length"])
    if not length:
        return False
    labels, intent, slots = parser.labels, outputs["intent"], outputs["slots"]
    _, parse = decode_outputs(outputs, parser.decoder, text=text)
    best = tuple(labels.tags[i] for i in slots[:length].argmax(axis=1))
    return (parse.intent, parse.tags) != (labels.intents[intent.argmax()], best)


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_code_points_give_the_parses_of_python(parse_code_points, model, tmp_path):
    """Emoji, other scripts, cuts and texts without a word, but for what is folded, and near ties."""
    labels = tmp_path / "labels.json"
    labels.write_text(read_metadata(model).labels.to_json(), encoding="utf-8")
    parser = Parser(model)
    texts = [text for text in TEXTS if "\t" not in text] + [row.text for row in DEV]
    found = zip(texts, run(parse_code_points, model, labels, texts), strict=True)
    # The program neither searches nor folds, which its first lines say.
    compared = {
        text: row
        for text, row in found
        if not is_searched(parser, text)
        and fold(text, version=parser.spec.version).text == text
        and parse_margin(parser, text) > MODELS[model].rounding
    }
    assert len(compared) > 0.6 * len(texts)
    assert compared == {text: of_python(parser, text) for text in compared}
    assert sum(len(slots) for _, slots in compared.values()) > len(compared) / 2


def test_code_points_with_a_pretrained_model_and_the_labels_inside_it(parse_code_points, tmp_path):
    model = PRETRAINED / "model.tflite"
    labels = tmp_path / "pqrnn.json"
    with zipfile.ZipFile(model) as archive:
        labels.write_bytes(archive.read("pqrnn.json"))
    texts = [
        "remind me to call mom at 7pm",
        "🙂 wake me up at 7am tomorrow",
        "play some jazz by Miles Davis on Spotify",
    ]
    rows = run(parse_code_points, model, labels, texts)
    assert rows == run(parse_code_points, model, PRETRAINED / "labels.json", texts)
    parser = Parser(model)
    assert rows == [of_python(parser, text) for text in texts]


def test_code_points_refuse_the_labels_of_another_model(parse_code_points):
    command = [parse_code_points, next(iter(MODELS)), PRETRAINED / "labels.json"]
    result = subprocess.run(command, input=b"", capture_output=True, check=False)
    assert result.returncode == 1
    assert b"labels of another model" in result.stderr


def test_code_points_read_bytes_that_are_no_utf8_as_replacements(parse_code_points):
    model, labels = PRETRAINED / "model.tflite", PRETRAINED / "labels.json"
    damaged = b"\xff wake \xed\xa0\x80 me at 7am \xf0\x9f\n"
    repaired = "\ufffd wake \ufffd\ufffd\ufffd me at 7am \ufffd\ufffd\n".encode()
    outputs = [
        subprocess.run(
            [parse_code_points, model, labels], input=text, capture_output=True, check=True
        ).stdout.split(b"\t")[:4]  # without the words of the text
        for text in (damaged, repaired)
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 4


def test_a_string_model_with_the_custom_op(runtime, tiny, tmp_path):
    model = tmp_path / "model.tflite"
    convert(tiny[0], path=model, frontend="string")
    parser = Parser(model)
    source, op = SOURCES / "parse_with_c_api.cc", tflite_op.LIBRARY
    program = runtime.compile(tmp_path / "parse", source, libraries=[op])
    rows = [row.text for row in DEV[:8]]
    for text in [*EDGES, *rows]:
        result = subprocess.run(
            [program, model], input=to_bytes(text), capture_output=True, check=True
        )
        intent, truncated, length, *spans = map(int, result.stdout.split())
        expected = project(to_bytes(text), parser.spec)
        assert (bool(truncated), length) == (expected.truncated, len(expected.spans))
        assert spans == [offset for span in expected.spans for offset in span]
        if text in rows:  # the others mean nothing, so that a rounding may decide
            assert intent == parser.logits(text)["intent"].argmax()
