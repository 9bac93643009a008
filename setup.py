"""Compiles the projection's ops with g++, installs the models; metadata is in pyproject.toml."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shlex
import subprocess
import sys
import types

from setuptools import Extension, find_packages, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

PROJECTION = pathlib.Path("pqrnn_tf") / "projection"
RUNTIME = pathlib.Path("pqrnn_tf") / "runtime"
SOURCES = {
    # The TensorFlow op, which needs TensorFlow's headers.
    "_projection_op": ("projection_core.cc", "projection_op.cc"),
    # The TensorFlow Lite op, which needs nothing.
    "_projection_tflite_op": (
        "projection_core.cc",
        "flexbuffer_map.cc",
        "projection_tflite_op.cc",
        "tflite_resolver.cc",
    ),
}
# What the header of tables is written from.
HEADER_SOURCES = [RUNTIME / name for name in ("spec.py", "unicode_v1.json", "folding_v2.json")]
DEPENDS = [
    *sorted((PROJECTION / "cc").glob("*.h")),
    PROJECTION / "cc" / "embed_table.py",
    *HEADER_SOURCES,
]
WITHOUT = {
    "pqrnn_tf.projection._projection_op": (
        "The slower graph of built-in operations serves in its place."
    ),
    "pqrnn_tf.projection._projection_tflite_op": (
        "Models with the string front end cannot run in Python."
    ),
}


def load_embed_table() -> types.ModuleType:
    """Imports the script that writes the header of tables, by its path."""
    path = PROJECTION / "cc" / "embed_table.py"
    spec = importlib.util.spec_from_file_location("embed_table", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tensorflow_flags() -> tuple[list[str], list[str]]:
    """Compiler and linker flags of the installed TensorFlow.

    Raises:
        ImportError: if TensorFlow is not installed where this runs.
    """
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "The projection op is compiled against the installed TensorFlow, which cannot be "
            "imported here. Install it first, then run `pip install -e . --no-build-isolation` "
            "or `python setup.py build_ext --inplace`."
        ) from error
    # As system headers, TensorFlow's own raise no warnings.
    flags = [
        f"-isystem{flag[2:]}" if flag.startswith("-I") else flag
        for flag in tf.sysconfig.get_compile_flags()
    ]
    flags.append(f'-DPQRNN_TENSORFLOW_VERSION="{tf.__version__}"')
    return flags, tf.sysconfig.get_link_flags()


class BuildWithModels(build_py):
    """Puts the pretrained models into the installation, where `pqrnn_tf.load` finds them."""

    def run(self) -> None:
        """Copies the packages and, unless the checkout itself is the installation, the models."""
        super().run()
        if self.editable_mode:
            return
        for source in sorted(pathlib.Path("pretrained").glob("*/*")):
            target = pathlib.Path(self.build_lib, "pqrnn_tf", "models", *source.parts[1:])
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target))


class BuildOps(build_ext):
    """Builds libraries of ops, which are not Python extension modules."""

    def get_ext_filename(self, fullname: str) -> str:
        """The file name without Python's own suffix: the library does not depend on Python."""
        return str(pathlib.Path(*fullname.split("."))) + ".so"

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """None: there is no `PyInit_` function."""
        return []

    def build_extension(self, ext: Extension) -> None:
        """Compiles an op. An installation continues without it; only `build_ext` fails."""
        try:
            self._compile(ext)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            if "build_ext" in sys.argv:
                raise SystemExit(f"{ext.name} was not built. {error}") from error
            self.warn(f"{ext.name} was not built: {error} {WITHOUT[ext.name]}")

    def _compile(self, ext: Extension) -> None:
        compile_flags, link_flags = (
            tensorflow_flags() if ext.name.endswith("._projection_op") else ([], [])
        )
        tables = pathlib.Path(self.build_temp) / "include"
        header = tables / PROJECTION / "cc" / "projection_tables.h"
        load_embed_table().write_header(*HEADER_SOURCES, header)
        output = pathlib.Path(self.get_ext_fullpath(ext.name))
        output.parent.mkdir(parents=True, exist_ok=True)
        partial = output.with_suffix(".so.partial")
        command = [
            *shlex.split(os.environ.get("CXX", "g++")),
            *("-std=c++17", "-O3", "-DNDEBUG", "-fPIC", "-shared", "-fvisibility=hidden"),
            *("-I.", f"-I{tables}"),
            *compile_flags,
            *shlex.split(os.environ.get("CXXFLAGS", "")),
            *ext.sources,
            *("-o", str(partial)),
            *link_flags,
            *shlex.split(os.environ.get("LDFLAGS", "")),
        ]
        self.announce(shlex.join(command), level=2)
        subprocess.run(command, check=True)
        partial.replace(output)  # a library that is in use keeps its old file


class WheelOfAnyPython(bdist_wheel):
    """The libraries of ops belong to a platform and do not depend on the version of Python."""

    def get_tag(self) -> tuple[str, str, str]:
        """`py3-none-PLATFORM`."""
        return "py3", "none", super().get_tag()[2]


setup(
    packages=find_packages(include=["pqrnn_tf", "pqrnn_tf.*", "tflite_export", "tflite_export.*"]),
    include_package_data=False,
    package_data={"pqrnn_tf.runtime": ["unicode_v*.json", "folding_v*.json"]},
    ext_modules=[
        Extension(
            f"pqrnn_tf.projection.{name}",
            sources=[str(PROJECTION / "cc" / source) for source in sources],
            depends=[str(path) for path in DEPENDS],
            optional=True,  # an installation without the op works
        )
        for name, sources in SOURCES.items()
    ],
    cmdclass={"bdist_wheel": WheelOfAnyPython, "build_ext": BuildOps, "build_py": BuildWithModels},
)
