"""Lazy exports: a package lists its public names once and imports a module when a name is used.

Where a package is missing that an extra brings, the error says which.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pqrnn_tf.extras import explain


def attach(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Builds the module-level `__getattr__`, `__dir__` and `__all__` of a package (PEP 562).

    Args:
        package: `__name__` of the calling package.
        modules: Module name, relative to `package`, to the public names defined in it.

    Returns:
        `(__getattr__, __dir__, __all__)`.
    """
    origin = {name: module for module, names in modules.items() for name in names}
    exported = sorted(origin)

    def load(name: str) -> Any:
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            module = importlib.import_module(f"{package}.{origin[name]}")
        except ImportError as error:
            raise explain(error) from error
        return getattr(module, name)

    return load, lambda: exported, exported
