"""Compiles the projection op with g++ and TensorFlow's own flags; metadata is in pyproject.toml."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shlex
import subprocess
import sys
import types

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

PROJECTION = pathlib.Path("pqrnn_tf") / "projection"
SOURCES = [PROJECTION / "cc" / name for name in ("projection_core.cc", "projection_op.cc")]
DEPENDS = [
    PROJECTION / "cc" / "projection_core.h",
    PROJECTION / "cc" / "embed_table.py",
    PROJECTION / "spec.py",
    PROJECTION / "unicode_v1.json",
]


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


class BuildOp(build_ext):
    """Builds `_projection_op.so`: a library of TensorFlow ops, not a Python extension module."""

    def get_ext_filename(self, fullname: str) -> str:
        """The file name without Python's own suffix: the library does not depend on Python."""
        return str(pathlib.Path(*fullname.split("."))) + ".so"

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """None: there is no `PyInit_` function."""
        return []

    def build_extension(self, ext: Extension) -> None:
        """Compiles the op. An installation goes on without it; `build_ext` alone fails."""
        try:
            self._compile(ext)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            if "build_ext" in sys.argv:
                raise SystemExit(f"The projection op was not built. {error}") from error
            self.warn(
                f"The projection op was not built: {error} The slower graph of built-in "
                "operations serves in its place."
            )

    def _compile(self, ext: Extension) -> None:
        compile_flags, link_flags = tensorflow_flags()
        tables = pathlib.Path(self.build_temp) / "include"
        header = tables / PROJECTION / "cc" / "projection_tables.h"
        load_embed_table().write_header(
            PROJECTION / "spec.py", PROJECTION / "unicode_v1.json", header
        )
        output = pathlib.Path(self.get_ext_fullpath(ext.name))
        output.parent.mkdir(parents=True, exist_ok=True)
        partial = output.with_suffix(".so.partial")
        command = [
            *shlex.split(os.environ.get("CXX", "g++")),
            *("-std=c++17", "-O3", "-DNDEBUG", "-fPIC", "-shared", "-fvisibility=hidden"),
            *("-I.", f"-I{tables}"),
            *compile_flags,
            *shlex.split(os.environ.get("CXXFLAGS", "")),
            *map(str, SOURCES),
            *("-o", str(partial)),
            *link_flags,
            *shlex.split(os.environ.get("LDFLAGS", "")),
        ]
        self.announce(shlex.join(command), level=2)
        subprocess.run(command, check=True)
        partial.replace(output)  # a library that is in use keeps its old file


setup(
    packages=find_packages(include=["pqrnn_tf", "pqrnn_tf.*", "tflite_export", "tflite_export.*"]),
    include_package_data=False,
    package_data={"pqrnn_tf.projection": ["unicode_v*.json"]},
    ext_modules=[
        Extension(
            "pqrnn_tf.projection._projection_op",
            sources=[str(path) for path in SOURCES],
            depends=[str(path) for path in DEPENDS],
            optional=True,  # an installation without the op works
        )
    ],
    cmdclass={"build_ext": BuildOp},
)
