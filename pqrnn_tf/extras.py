"""Imports of the packages that only teachers and labelling need."""

from __future__ import annotations

import importlib
from types import ModuleType


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
