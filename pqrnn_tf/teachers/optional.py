"""Imports of the packages that only teachers need."""

from __future__ import annotations

import importlib
from types import ModuleType


def require(module: str) -> ModuleType:
    """Imports a module of the extra `teachers`.

    Raises:
        ImportError: naming the pip command, where the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"BERT teachers need `{module}`, which could not be imported ({error}). Install the "
            'extra: pip install "pqrnn-tf[teachers]"'
        ) from error
