"""What an installation brings: two packages for parsing, extras for the rest, the models, a wheel that works."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest

from pqrnn_tf.commands.main import COMMANDS
from pqrnn_tf.extras import MODULES, explain, require
from tests.conftest import ROOT
from tests.test_house_rules import MODULES as FILES

TEXT = ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8")
BASE = ("ai_edge_litert", "numpy")
NEEDS = {
    "parse": (),
    "predict": (),
    "embed": ("train",),  # for .keras files; a .tflite needs what parsing needs
    "models": (),
    "inspect": (),
    "convert": (),
    "train": ("train",),
    "evaluate": ("train",),
    "calibrate": ("train",),
    "export": ("train",),
    "distill": ("train", "teachers"),
    "finetune": ("train", "teachers"),
    "pretrain": ("train", "teachers"),
    "mirror": ("train", "teachers"),
    "label": ("train", "teachers"),
    "search": ("train", "teachers"),
    "graph": ("train",),
    "demo": ("train", "teachers"),
}
"""The extras of each command; what a use of it needs beyond them it asks for with `extras.require`."""


def requirements(table: str, name: str) -> list[str]:
    """The lines of a list of pyproject.toml (the standard library reads TOML from Python 3.11 only)."""
    section = re.search(rf"^\[{re.escape(table)}\]\n(.*?)(?=^\[|\Z)", TEXT, re.M | re.S)
    assert section is not None, table
    value = re.search(rf"^{name} = (\[.*?\])$", section[1], re.M | re.S)
    assert value is not None, name
    return ast.literal_eval(value[1])


def distribution(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


@functools.cache
def third_party(path: pathlib.Path) -> tuple[set[str], set[str], set[str]]:
    """Of a file: modules of others, those that it asks for with `require`, and modules of the project."""
    plain: set[str] = set()
    required: set[str] = set()
    own: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if node in only_types:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "require":
            required.add(node.args[0].value.split(".")[0])
        for name in names:
            top = name.split(".")[0]
            if top in ("pqrnn_tf", "tflite_export"):
                own |= modules_of(name)
            elif top not in sys.stdlib_module_names:
                plain.add(top)
    return plain, required, own


def modules_of(name: str) -> set[str]:
    """The modules that an import of the project loads: packages around it, and where a lazy name comes from."""
    parts = name.split(".")
    found = {".".join(parts[:end]) for end in range(1, len(parts) + 1)} & set(FILES)
    package = max(found, key=len)
    if package != name:
        for module, names in lazy_names(package).items():
            if parts[len(package.split("."))] in names:
                found |= modules_of(f"{package}.{module}")
                found |= modules_of(f"{package}.{module}.{name.rsplit('.', 1)[1]}")
    return found


def lazy_names(package: str) -> dict[str, list[str]]:
    """What a package's `__init__.py` gives to `attach`."""
    path = FILES[package]
    if path.name != "__init__.py":
        return {}
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "attach"
    ]
    return ast.literal_eval(calls[0].args[1]) if calls else {}


def reached(command: str) -> tuple[set[str], set[str]]:
    """Everything that a command may import, inside functions too, through all modules of the project."""
    todo = [f"pqrnn_tf.commands.{command}", "pqrnn_tf.commands.main", "pqrnn_tf.__main__"]
    seen: set[str] = set()
    plain: set[str] = set()
    required: set[str] = set()
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        others, asked, own = third_party(FILES[module])
        plain |= others
        required |= asked
        todo += own
    return plain, required


def test_parsing_needs_two_packages():
    names = [distribution(line) for line in requirements("project", "dependencies")]
    assert names == ["ai-edge-litert", "numpy"]


def test_the_modules_of_each_extra_come_from_its_packages():
    for extra, modules in MODULES.items():
        lines = requirements("project.optional-dependencies", extra)
        brought = {
            file.parts[0].removesuffix(".py")
            for line in lines
            if not line.startswith("pqrnn-tf[")
            for file in importlib.metadata.files(distribution(line)) or ()
        }
        assert set(modules) <= brought, extra


def test_every_command_has_a_place_in_the_table():
    assert set(COMMANDS) <= set(NEEDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_import_of_a_command_is_in_its_extras(command):
    plain, required = reached(command)
    known = {*BASE, *(module for extra in NEEDS[command] for module in MODULES[extra])}
    assert plain <= known
    assert required <= {module for modules in MODULES.values() for module in modules}


def test_the_walk_sees_imports_inside_functions_and_behind_lazy_names():
    assert {"tensorflow", "keras", "flatbuffers"} <= reached("export")[0]
    assert "apache_beam" in reached("label")[1]
    assert not reached("parse")[0] - set(BASE)
    assert "pqrnn_tf.runtime.loading" in modules_of("pqrnn_tf.load")


def test_what_is_missing_is_told_with_its_extra():
    with pytest.raises(
        ImportError, match=r'This needs `yaml\.nowhere`.*pip install "pqrnn-tf\[train\]"'
    ):
        require("yaml.nowhere")
    told = explain(ModuleNotFoundError("No module named 'keras.x'", name="keras.x"))
    assert 'pip install "pqrnn-tf[train]"' in str(told)
    other = ImportError("cannot import name 'x' from 'pqrnn_tf'")
    assert explain(other) is other


PLAIN = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
"""Makes a process of this environment one where no extra is installed."""


def run_plain(code: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    absent = [module for modules in MODULES.values() for module in modules]
    # LiteRT's own dependency.
    absent.remove("flatbuffers")
    return subprocess.run(
        [sys.executable, "-c", f"ABSENT = {absent}\n{PLAIN}\n{code}", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
    )


MAIN = "from pqrnn_tf.commands.main import main\nsys.exit(main())"


def test_a_plain_installation_parses():
    done = run_plain(MAIN, "parse", "--model", "mtop_en_1mb", given="play some jazz\n")
    assert json.loads(done.stdout)["intent"] == "PLAY_MUSIC", done.stderr


def test_a_plain_installation_says_which_extra_trains(tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("text,intent\nwake me,ALARM\n", encoding="utf-8")
    done = run_plain(MAIN, "train", str(rows), "--output", str(tmp_path / "run"))
    assert done.returncode == 1
    assert 'pip install "pqrnn-tf[train]"' in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_plain_installation_says_which_extra_the_model_class_is_in():
    done = run_plain("import pqrnn_tf\npqrnn_tf.IntentSlotModel")
    assert done.stderr.splitlines()[-1].endswith('pip install "pqrnn-tf[train]"')


def run(*command: str | pathlib.Path, folder: pathlib.Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.large
def test_the_wheel_made_of_the_source_archive_parses(tmp_path):
    """Without TensorFlow where it is built and where it is used: `python -m build` isolates the building."""
    files = run("git", "ls-files", "-z", folder=ROOT).split("\0")[:-1]
    for name in files:
        target = tmp_path / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    # No --no-isolation: the environment of this test has TensorFlow.
    run(sys.executable, "-m", "build", "--outdir", tmp_path / "dist", folder=tmp_path / "source")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert re.fullmatch(r"pqrnn_tf-[\d.]+-py3-none-[\w.]+\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    sources = {
        n for n in files if n.startswith(("pqrnn_tf/", "tflite_export/")) and n[-3:] == ".py"
    }
    assert {n for n in sources if not re.search("/(android|cc|web)/", n)} <= inside
    models = {
        n.replace("pretrained/", "pqrnn_tf/models/") for n in files if n.startswith("pretrained/")
    }
    assert models <= inside
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, folder=tmp_path)
    command = tmp_path / "venv" / "bin" / "pqrnn"
    parse = run(command, "parse", "--model", "mtop_en_1mb", "play some jazz", folder=tmp_path)
    assert json.loads(parse)["intent"] == "PLAY_MUSIC"
    listed = json.loads(run(python, "-m", "pip", "list", "--format", "json", folder=tmp_path))
    assert not {"tensorflow", "keras", "absl-py"} & {entry["name"] for entry in listed}
