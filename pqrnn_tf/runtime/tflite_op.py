"""The TensorFlow Lite custom op of the string front end, for runtimes in Python.

Needs the standard library only. Both TensorFlow's interpreter and that of ai-edge-litert take functions
that add custom ops (`custom_op_registerers`), and give each the address of their table of operations.
"""

from __future__ import annotations

import ctypes
import functools
import pathlib
from collections.abc import Callable

OP_NAME = "PqrnnProject"
"""The name that models call the op by."""

LIBRARY = pathlib.Path(__file__).parent.parent / "projection" / "_projection_tflite_op.so"

_HOW_TO_BUILD = (
    "Build it with `pip install -e . --no-build-isolation` or "
    "`python setup.py build_ext --inplace` in the project's root folder. A model that was exported "
    'with `frontend="code_points"` needs no such library.'
)


class TfliteOpError(RuntimeError):
    """The TensorFlow Lite op is not built, cannot be loaded, or does not fit the runtime."""


@functools.cache
def op_registerer(path: pathlib.Path = LIBRARY) -> Callable[[int], None]:
    """Loads the op and returns the function that adds it to a runtime.

    Example:
    ```python
    from ai_edge_litert.interpreter import InterpreterWithCustomOps

    interpreter = InterpreterWithCustomOps(
        custom_op_registerers=[op_registerer()], model_path="model.tflite"
    )
    ```

    Args:
        path: The library that `setup.py` built.

    Returns:
        A function of the address of a runtime's `tflite::MutableOpResolver`. It raises
        `TfliteOpError` where the runtime is laid out in another way than the op can work with.

    Raises:
        TfliteOpError: if the library is missing, cannot be loaded, or is another one.
    """
    if not path.is_file():
        raise TfliteOpError(
            f"The op of the string front end is not built: {path} does not exist. {_HOW_TO_BUILD}"
        )
    try:
        library = ctypes.CDLL(str(path))
        add = library.PqrnnProjectAddToResolver
        name = library.PqrnnProjectName
    except (OSError, AttributeError) as error:
        raise TfliteOpError(
            f"The op of the string front end cannot be loaded: {error}. {_HOW_TO_BUILD}"
        ) from error
    add.restype = name.restype = ctypes.c_char_p
    add.argtypes = [ctypes.c_void_p]
    if name() != OP_NAME.encode():
        raise TfliteOpError(f"{path} is the library of another op: {name()!r}. {_HOW_TO_BUILD}")

    def register(resolver: int) -> None:
        problem = add(resolver)
        if problem is not None:
            raise TfliteOpError(
                f"The op of the string front end cannot be added to this runtime: {problem.decode()} "
                'Export the model with `frontend="code_points"` for it.'
            )

    return register
