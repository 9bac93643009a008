"""The TensorFlow Lite op: equal to the definition in both runtimes, and unharmed by bad models."""

from __future__ import annotations

import os
import pathlib
import subprocess
from collections.abc import Callable
from typing import Any

import implementations
import numpy as np
import one_op_models
import pytest
from native_sources import (
    CC,
    ROOT,
    SANITIZED,
    STRICT,
    TESTS,
    TFLITE_ARCHIVE,
    compiler,
    fetch,
    unpack_headers,
    write_tables,
)
from test_op import SPECS, TEXTS, random_texts
from test_projection_golden import check

from pqrnn_tf.runtime import tflite_op
from pqrnn_tf.runtime.tflite_op import TfliteOpError, op_registerer

SPEC = SPECS[1]
GOOD = one_op_models.attributes(SPEC)


def interpreter_class(runtime: str) -> Callable[..., Any]:
    if runtime == "tensorflow":
        from tensorflow.lite.python.interpreter import InterpreterWithCustomOps
    else:
        from ai_edge_litert.interpreter import InterpreterWithCustomOps
    return InterpreterWithCustomOps


@pytest.fixture(params=["tensorflow", "ai_edge_litert"])
def runtime(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return interpreter_class(request.param)


@pytest.fixture
def litert() -> Callable[..., Any]:
    return interpreter_class("ai_edge_litert")


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_golden_cases_in_both_runtimes(runtime):
    check(lambda texts, spec: one_op_models.run(runtime, op_registerer(), texts, spec))


@pytest.mark.parametrize("spec", SPECS)
def test_equals_the_definition(litert, spec):
    texts = TEXTS + random_texts(50, seed=5)
    outputs = one_op_models.run(litert, op_registerer(), texts, spec)
    implementations.assert_same(texts, spec, outputs, implementations.by_definition(texts, spec))


def test_a_batch_of_texts(litert):
    interpreter = litert(custom_op_registerers=[op_registerer()], model_content=model(GOOD))
    interpreter.resize_tensor_input(0, [len(TEXTS)])
    interpreter.allocate_tensors()
    interpreter.set_tensor(0, np.array(TEXTS, object))
    interpreter.invoke()
    outputs = tuple(interpreter.get_tensor(i) for i in range(1, 5))
    implementations.assert_same(TEXTS, SPEC, outputs, implementations.by_definition(TEXTS, SPEC))


def test_a_megabyte(litert):
    million = 1 << 20
    texts = [b"a " * (million // 2), b" " * million, b"\xff" * million]
    _, lengths, _, truncated = one_op_models.run(litert, op_registerer(), texts, SPEC)
    assert lengths.tolist() == [5, 0, 5]
    assert truncated.tolist() == [True, False, True]


def model(values: dict[str, Any], **more: Any) -> bytes:
    return one_op_models.model(one_op_models.options(values), **more)


def refusal(interpreter: Callable[..., Any], content: bytes, capfd: Any) -> str:
    """What the runtime says of a model that it must refuse."""
    with pytest.raises((RuntimeError, ValueError)) as raised:
        made = interpreter(custom_op_registerers=[op_registerer()], model_content=content)
        made.allocate_tensors()
        made.invoke()
    return str(raised.value) + capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 3}, "`version` must be from 1 to 2"),
        ({"segmentation": "letters"}, "`segmentation` must be 'unicode', 'spaces' or 'words'"),
        ({"word_features": 0}, "`word_features` must be from 1 to 8192. Received: 0"),
        ({"ngram_orders": [4, 3]}, "`ngram_orders` must rise"),
        ({"ngram_orders": [2**40]}, "`ngram_orders` must rise"),
        ({"max_tokens": 1 << 40}, "`max_tokens` must be from 1 to 4096"),
        ({"max_tokens": "5"}, "the option `max_tokens` is missing or of another type"),
        ({"lowercase": 1}, "the option `lowercase` is missing or of another type"),
        ({"ngram_orders": "3"}, "the option `ngram_orders` is missing or of another type"),
        ({"pad_to_max_tokens": False}, "`pad_to_max_tokens` must be true"),
        ({"extra": 1}, "options that this version does not know"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_options_are_named(litert, capfd, change, message):
    assert message in refusal(litert, model({**GOOD, **change}), capfd)


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"ngram_orders"}))
def test_each_option_is_needed(litert, capfd, name):
    values = {key: value for key, value in GOOD.items() if key != name}
    assert f"the option `{name}` is missing" in refusal(litert, model(values), capfd)


@pytest.mark.parametrize("blob", [b"", b"\x00", b"{}", b"\xff" * 40, b"\x00\x24\x01", b"5\x04\x01"])
def test_options_that_are_no_map_are_refused(litert, capfd, blob):
    assert "must be a FlexBuffers map" in refusal(litert, one_op_models.model(blob), capfd)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_type": one_op_models.INT32}, "the input must be strings of shape (batch,)"),
        ({"input_shape": (1, 1)}, "the input must be strings of shape (batch,)"),
        ({"input_shape": ()}, "the input must be strings of shape (batch,)"),
        ({"output_types": (one_op_models.FLOAT, 2, 2, 6)}, "output 0 must be of type 9"),
        (
            {"output_types": one_op_models.OUTPUT_TYPES[:3]},
            "1 input and 4 outputs. Received: 1 and 3",
        ),
        ({"constant": b"\x01\x00"}, "the input must hold 1 strings"),
        ({"constant": b"\x01\0\0\0\x0c\0\0\0\xff\0\0\0ab"}, "the input must hold 1 strings"),
        ({"constant": b"\xff\xff\xff\x7f" + b"\0" * 8}, "the input must hold 1 strings"),
    ],
    ids=["type", "matrix", "scalar", "float output", "outputs", "short", "beyond the end", "count"],
)
def test_wrong_tensors_are_named(litert, capfd, changes, message):
    assert message in refusal(litert, model(GOOD, **changes), capfd)


def test_a_text_that_was_never_given_is_an_error(litert, capfd):
    assert "the input must hold 1 strings" in refusal(litert, model(GOOD), capfd)


def test_without_the_op_the_runtime_names_it(litert):
    with pytest.raises(RuntimeError, match=tflite_op.OP_NAME):
        litert(model_content=model(GOOD)).allocate_tensors()


def test_adding_the_op_twice_is_adding_it_once(litert):
    interpreter = litert(
        custom_op_registerers=[op_registerer(), op_registerer()], model_content=model(GOOD)
    )
    interpreter.allocate_tensors()


def test_runtimes_without_the_op_are_left_alone(litert):
    """What was added to one interpreter is not in the next."""
    litert(custom_op_registerers=[op_registerer()], model_content=model(GOOD)).allocate_tensors()
    with pytest.raises(RuntimeError, match=tflite_op.OP_NAME):
        litert(model_content=model(GOOD)).allocate_tensors()


def test_a_missing_library_is_named(tmp_path):
    with pytest.raises(TfliteOpError, match=r"not built: .*nothing.so .*build_ext --inplace"):
        op_registerer(tmp_path / "nothing.so")


def test_a_broken_library_is_named(tmp_path):
    (tmp_path / "op.so").write_bytes(b"\x7fELF")
    with pytest.raises(TfliteOpError, match="cannot be loaded"):
        op_registerer(tmp_path / "op.so")


def test_no_resolver_is_an_error():
    with pytest.raises(
        TfliteOpError, match="cannot be added to this runtime: there is no resolver"
    ):
        op_registerer()(0)


@pytest.mark.large
def test_op_under_sanitizers(tmp_path):
    """Damaged options and strings, and objects that are no resolvers, in a runtime of our own."""
    names = ("projection_core", "flexbuffer_map", "projection_tflite_op", "tflite_resolver")
    binary = tmp_path / "projection_tflite_op_test"
    includes = [f"-I{ROOT}", f"-I{write_tables(tmp_path)}"]
    sources = [TESTS / "projection_tflite_op_test.cc", *(CC / f"{name}.cc" for name in names)]
    subprocess.run([*compiler(), *SANITIZED, *includes, *sources, "-o", binary], check=True)
    (tmp_path / "options").write_bytes(one_op_models.options(GOOD))
    command = [binary, tmp_path / "options"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "all passed" in result.stdout


def check_layout(headers: pathlib.Path) -> None:
    """Compiles the assertions that our declarations agree with the official headers."""
    source = TESTS / "tflite_layout_test.cc"
    flags = [*STRICT, "-fsyntax-only", f"-I{ROOT}", f"-isystem{headers}"]
    subprocess.run([*compiler(), *flags, source], check=True)


def test_layout_is_that_of_the_official_headers(tmp_path):
    if "TFLITE_HEADERS" in os.environ:
        check_layout(pathlib.Path(os.environ["TFLITE_HEADERS"]))
        return
    group, artifact, version, kind = TFLITE_ARCHIVE.split(":")
    folder = pathlib.Path.home() / ".m2" / "repository" / group.replace(".", "/") / artifact
    archive = folder / version / f"{artifact}-{version}.{kind}"
    if not archive.is_file():
        pytest.skip(
            f"no official headers: `mvn dependency:get -Dartifact={TFLITE_ARCHIVE}` fetches them, "
            "or TFLITE_HEADERS names the folder that holds tensorflow/lite"
        )
    check_layout(unpack_headers(archive, tmp_path))


@pytest.mark.network
def test_layout_is_that_of_the_headers_of_maven_central(tmp_path):
    check_layout(unpack_headers(fetch(TFLITE_ARCHIVE, tmp_path), tmp_path))
