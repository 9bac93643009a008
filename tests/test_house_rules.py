"""Rules that keep the house in order."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = [
    "pqrnn_tf.values",
    "pqrnn_tf.runtime",
    "pqrnn_tf.projection",
    "pqrnn_tf.quantization",
    "pqrnn_tf.encoder",
    "pqrnn_tf.datasets",
    "pqrnn_tf.tasks",
    "pqrnn_tf.knowledge",
    "pqrnn_tf.teachers",
    "pqrnn_tf.distillation",
    "tflite_export",
    "pqrnn_tf.search",
    "pqrnn_tf.commands",
    "recipes",
    "benchmarks",
]
"""Each imports only itself, what stands before it, and the leaves."""
LEAVES = [
    "pqrnn_tf",
    "pqrnn_tf._keras_classes",
    "pqrnn_tf._lazy",
    "pqrnn_tf.extras",
    "pqrnn_tf.files",
]
"""Files at the root that every room may import; they import nothing of the project but each other."""
EXPORT_DOORS = ("pqrnn_tf.tasks.intent_slots", "pqrnn_tf.tasks.sentence_encoder")
"""The ones that may import a later room: their models' `export` opens `tflite_export`, when it is called."""
COMMANDS = ["train", "finetune", "distill", "label", "evaluate", "predict", "demo"]
DOORS = {f"pqrnn_tf/{name}.py" for name in ["__main__", *COMMANDS]} | {"tflite_export/export.py"}
"""Files that only call a command, so that `python -m` finds it."""
FOLDERS = {
    *(".ci", "benchmarks", "docs", "pqrnn_tf", "pretrained", "recipes", "tests", "tflite_export"),
    "third_party",
}
"""What there is at the root of the repository."""
SOURCES = sorted(
    path for room in ("pqrnn_tf", "tflite_export") for path in (ROOT / room).rglob("*.py")
)
MEASURING = sorted(
    path for room in ("recipes", "benchmarks") for path in (ROOT / room).rglob("*.py")
)


def relative(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: pathlib.Path) -> str:
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path): path for path in [*SOURCES, *MEASURING]}


def imported_modules(path: pathlib.Path) -> set[str]:
    """The modules that a file imports, anywhere in it; of `from package import module` that module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = inner & set(MODULES)
            names |= modules
            if modules != inner:
                names.add(node.module)
    return names


def room_of(module: str) -> str | None:
    return next((room for room in ROOMS if module == room or module.startswith(room + ".")), None)


def upward_imports(path: pathlib.Path) -> list[str]:
    """The imports of a file that its place does not allow."""
    if relative(path) in DOORS:
        return sorted(imported_modules(path) - {"sys", "pqrnn_tf.commands.main"})
    module, room = module_of(path), room_of(module_of(path))
    wrong = []
    for name in sorted(imported_modules(path)):
        other = room_of(name)
        if module in EXPORT_DOORS and name == "tflite_export":
            continue
        if other is not None:
            door = room is not None and path.name == "__init__.py"
            if room is None or (ROOMS.index(other) > ROOMS.index(room) and not door):
                wrong.append(f"{module} imports {name}")
        elif name.startswith(("pqrnn_tf.", "tflite_export.")) and name not in LEAVES:
            wrong.append(f"{module} imports {name}, a file above the rooms")
    return wrong


def test_there_are_sources():
    assert len(SOURCES) > 30
    assert len(MEASURING) > 10


@pytest.mark.parametrize("path", [*SOURCES, *MEASURING], ids=relative)
def test_a_file_imports_only_rooms_before_its_own(path):
    assert not upward_imports(path)


def test_the_rule_of_rooms_sees_files_at_the_root_and_benchmarks(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    for name, line in (
        ("pqrnn_tf/files.py", "from pqrnn_tf.runtime import load"),
        ("pqrnn_tf/runtime/parser.py", "import pqrnn_tf.tasks.metrics"),
        ("pqrnn_tf/tasks/metrics.py", "from benchmarks.records import stamp"),
        ("pqrnn_tf/datasets/rows.py", "from pqrnn_tf import train"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line + "\n", encoding="utf-8")
        assert upward_imports(path), name


@pytest.mark.parametrize("module", EXPORT_DOORS)
def test_the_door_to_the_export_is_inside_of_the_method_of_that_name(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "export"
        for node in ast.walk(function)
    }
    imports = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tflite_export")
    ]
    assert imports
    assert all(id(node) in inside for node in imports)


def test_keras_is_told_of_every_class_that_is_saved_with_a_model():
    from pqrnn_tf._keras_classes import CLASSES, PACKAGE

    listed = {f"{PACKAGE}.{module}": sorted(names) for module, names in CLASSES.items()}
    found = {}
    for name, path in MODULES.items():
        if not name.startswith(f"{PACKAGE}."):
            continue
        text = path.read_text(encoding="utf-8")
        decorator = "@keras.saving.register_keras_serializable"
        assert text.count(decorator) == text.count(f'{decorator}(package="{PACKAGE}")\nclass ')
        if names := re.findall(rf'{re.escape(decorator)}\(package="\w+"\)\nclass (\w+)', text):
            found[name] = sorted(names)
    assert listed == found


def circle(imports: dict[str, set[str]]) -> list[str]:
    """A circle of modules that import each other, or nothing."""
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for name in sorted(imports.get(module, ())):
            if found := visit(name, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(imports) if (found := visit(module, []))), [])


def test_no_modules_import_each_other_in_a_circle():
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    imports = {
        name: (imported_modules(path) & set(MODULES)) - packages for name, path in MODULES.items()
    }
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert not circle(imports)


def test_no_folders_of_a_room_import_each_other_in_a_circle():
    for room in ROOMS:
        inside: dict[str, set[str]] = {}
        for name, path in MODULES.items():
            if not name.startswith(room + ".") or path.name == "__init__.py":
                continue
            part = name.removeprefix(room + ".").split(".")[0]
            for other in imported_modules(path):
                if other in MODULES and other.startswith(room + "."):
                    target = other.removeprefix(room + ".").split(".")[0]
                    if target != part:
                        inside.setdefault(part, set()).add(target)
        assert not circle(inside), room


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_library_code_has_no_print_no_assert_no_star_import_and_nothing_private(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"assert in line {node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            command = relative(path).startswith("pqrnn_tf/commands/")
            assert node.func.id != "print" or command
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names)
    for name in imported_modules(path):
        private = ("keras.src", "tensorflow.python", "tf_keras.src", "tensorflow.lite.python")
        assert not name.startswith(private), name


@pytest.mark.parametrize("path", [*SOURCES, *MEASURING], ids=relative)
def test_an_entry_of_a_docstring_says_what_the_thing_is(path):
    entries = re.findall(r"^\s+[\w`*, ]+: Of .*", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert not entries


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_names_say_what_lives_there(path):
    assert path.stem not in {"utils", "util", "common", "helpers", "base", "misc"}


@pytest.mark.parametrize("package", ["pqrnn_tf", *ROOMS[:-3]])
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
    ("modules", "absent"),
    [
        (
            (
                "pqrnn_tf.commands.parse",
                "pqrnn_tf.commands.embed",
                "pqrnn_tf.runtime.parser",
                "tflite_export",
            ),
            ("tensorflow", "keras", "absl", "babel", "zoneinfo"),
        ),
        (("pqrnn_tf.commands.distill", "pqrnn_tf.datasets.corpora.mtop"), ("tensorflow",)),
        (
            (
                "pqrnn_tf.distillation.training",
                "pqrnn_tf.teachers.bert.tfhub_bert",
                "pqrnn_tf.teachers.answers.labelling",
            ),
            ("tensorflow_hub", "official", "tensorflow_text", "apache_beam"),
        ),
    ],
)
def test_heavy_imports_are_lazy(modules, absent):
    loaded = f"sorted({{*{absent!r}}} & {{*sys.modules}})"
    code = f"import sys, {', '.join(modules)}; sys.exit({loaded} or 0)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git what belongs to the repository")
def test_no_folder_stands_at_the_root_but_those_of_the_house():
    """What a test wrote into the folder it ran in was committed with the next change."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {path.split("/")[0] for path in listed.stdout.splitlines() if "/" in path}
    assert found == FOLDERS
