"""The packages that only some uses need, and what to install where one is missing."""

from __future__ import annotations

import importlib
from types import ModuleType

MODULES = {
    "train": (
        "absl",
        "flatbuffers",
        "hassil",
        "keras",
        "seqeval",
        "sklearn",
        "tensorflow",
        "yaml",
    ),
    "teachers": ("official", "safetensors", "tensorflow_hub", "tensorflow_text", "tf_keras"),
    "scale": ("apache_beam",),
    "datasets": ("tensorflow_datasets",),
    "plots": ("matplotlib",),
}
"""For each extra the modules that it brings; `pyproject.toml` names the packages that they are in."""


def require(module: str, *, extra: str = "teachers") -> ModuleType:
    """Imports a module of an extra.

    Raises:
        ImportError: naming the pip command, where the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"This needs `{module}`, which could not be imported ({error}). Install the extra: "
            f'pip install "pqrnn-tf[{extra}]"'
        ) from error


def explain(error: ImportError) -> ImportError:
    """The same error, which says which extra to install if a module of one is what is missing."""
    missing = (error.name or "").split(".")[0]
    for extra, modules in MODULES.items():
        if missing in modules:
            return ImportError(
                f"This needs `{missing}`, which is not installed. Install the extra: "
                f'pip install "pqrnn-tf[{extra}]"',
                name=error.name,
            )
    return error
