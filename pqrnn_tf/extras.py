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
    "teachers": (
        "google",
        "official",
        "safetensors",
        "sentencepiece",
        "tensorflow_hub",
        "tensorflow_text",
        "tf_keras",
    ),
    "scale": ("apache_beam",),
    "datasets": ("tensorflow_datasets",),
    "recipes": ("faker",),
    "plots": ("matplotlib",),
    "values": ("babel", "dateparser", "dateutil", "text_to_num"),
}
"""For each extra the modules that it brings; `pyproject.toml` names the packages that they are in."""


def require(module: str) -> ModuleType:
    """Imports a module of an extra.

    Args:
        module: Its name; the first part is in `MODULES`.

    Raises:
        ImportError: naming the pip command, where the module cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(_told(module, f"could not be imported ({error})")) from error


def explain(error: ImportError) -> ImportError:
    """The same error, which says which extra to install if a module of one is what is missing."""
    missing = error.name or ""
    if _extra_of(missing) is None:
        return error
    return ImportError(_told(missing, "is not installed"), name=missing)


def _told(module: str, what: str) -> str:
    return (
        f"This needs `{module}`, which {what}. Install the extra: "
        f'pip install "pqrnn-tf[{_extra_of(module)}]"'
    )


def _extra_of(module: str) -> str | None:
    top = module.split(".")[0]
    return next((extra for extra, modules in MODULES.items() if top in modules), None)
