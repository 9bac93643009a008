"""Rules that keep the house in order."""

from __future__ import annotations

import ast
import importlib
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = [
    "pqrnn_tf.projection",
    "pqrnn_tf.encoder",
    "pqrnn_tf.datasets",
    "pqrnn_tf.tasks",
    "pqrnn_tf.teachers",
    "pqrnn_tf.distillation",
    "tflite_export",
]
LEAVES = ["pqrnn_tf.quantization", "pqrnn_tf._lazy", "pqrnn_tf.files"]
COMMAND_PARTS = {"pqrnn_tf/training_flags.py"}
COMMANDS = ["train", "finetune", "distill", "label", "evaluate", "predict", "demo"]
SCRIPTS = {f"pqrnn_tf/{name}.py" for name in COMMANDS} | {"tflite_export/export.py"}
SOURCES = sorted(
    path for room in ("pqrnn_tf", "tflite_export") for path in (ROOT / room).rglob("*.py")
)


def relative(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(path: pathlib.Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def room_of(module: str) -> str | None:
    return next((room for room in ROOMS if module == room or module.startswith(room + ".")), None)


def test_there_are_sources():
    assert len(SOURCES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_room_imports_only_rooms_before_it(path):
    module = relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    room = room_of(module)
    if relative(path) in SCRIPTS | COMMAND_PARTS or room is None:
        return
    for name in imported_modules(path):
        other = room_of(name)
        if other is not None:
            assert ROOMS.index(other) <= ROOMS.index(room), f"{module} imports {name}"
        elif name.startswith("pqrnn_tf."):
            assert any(name == leaf or name.startswith(leaf + ".") for leaf in LEAVES), name


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_library_code_has_no_print_no_assert_no_star_import_and_nothing_private(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"assert in line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print" or relative(path) in SCRIPTS
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names)
    for name in imported_modules(path):
        private = ("keras.src", "tensorflow.python", "tf_keras.src", "tensorflow.lite.python")
        assert not name.startswith(private), name


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_names_say_what_lives_there(path):
    assert path.stem not in {"utils", "util", "common", "helpers", "base", "misc"}


@pytest.mark.parametrize("package", ["pqrnn_tf", *ROOMS, "pqrnn_tf.quantization"])
def test_every_exported_name_exists(package):
    module = importlib.import_module(package)
    assert module.__all__
    for name in module.__all__:
        assert callable(getattr(module, name)) or getattr(module, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    import pqrnn_tf

    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = pqrnn_tf.Nothing


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pqrnn_tf", "tensorflow"),
        ("tflite_export", "tensorflow"),
        ("pqrnn_tf.predict", "tensorflow"),
        ("pqrnn_tf.predict", "keras"),
        ("pqrnn_tf.tasks.training", "tensorflow_hub"),
        ("pqrnn_tf.distillation.training", "official"),
        ("pqrnn_tf.teachers.tfhub_bert", "tensorflow_text"),
        ("pqrnn_tf.teachers.labelling", "apache_beam"),
        ("pqrnn_tf.datasets.mtop", "tensorflow"),
    ],
)
def test_heavy_imports_are_lazy(module, absent):
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("command", [*COMMANDS, "export"])
def test_every_command_has_a_help_for_newcomers(command):
    package = "tflite_export" if command == "export" else "pqrnn_tf"
    result = subprocess.run(
        [sys.executable, "-m", f"{package}.{command}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert f"python -m {package}.{command}" in result.stdout
    assert "--" in result.stdout
