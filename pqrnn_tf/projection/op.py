"""Projection of strings: the compiled op where it is built, else the graph of built-in ops."""

from __future__ import annotations

import functools
import mmap
import pathlib
import re
import types
import warnings
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.runtime.folding import FOLDED, fold
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.unicode_table import SPACE, load_unicode_table

LIBRARY = pathlib.Path(__file__).with_name("_projection_op.so")

_BUILT_FOR = re.compile(rb"pqrnn_tf projection op built for TensorFlow ([^;\0]+);")
_HOW_TO_BUILD = (
    "Build it with `pip install -e . --no-build-isolation` or "
    "`python setup.py build_ext --inplace` in the project's root folder."
)


class OpUnavailableError(RuntimeError):
    """The compiled projection op is not there, or does not fit this TensorFlow."""


def load_library(path: pathlib.Path) -> types.ModuleType:
    """Loads the compiled projection op.

    Args:
        path: The library that `setup.py` built.

    Returns:
        A module with the function `pqrnn_project`.

    Raises:
        OpUnavailableError: if the file is missing, was built for another TensorFlow, or cannot be
            loaded.
    """
    if not path.is_file():
        raise OpUnavailableError(f"The projection op is not built: {path} does not exist.")
    built_for = _built_for(path)
    if built_for is None:
        raise OpUnavailableError(f"{path} is not a library of the projection op.")
    if built_for != tf.__version__:
        # Asked before loading: a library for another version can crash the process.
        raise OpUnavailableError(
            f"{path} was built for TensorFlow {built_for}, and this is TensorFlow {tf.__version__}."
        )
    try:
        return tf.load_op_library(str(path))
    except (tf.errors.OpError, OSError) as error:
        raise OpUnavailableError(f"{path} cannot be loaded: {error}") from error


def _built_for(path: pathlib.Path) -> str | None:
    """The version of TensorFlow that a library names, without running any of it."""
    if path.stat().st_size == 0:
        return None
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        match = _BUILT_FOR.search(content)
        return match[1].decode("ascii", errors="replace") if match else None


@functools.cache
def _installed() -> types.ModuleType | OpUnavailableError:
    """The op of this installation, or why there is none; asked once a process."""
    try:
        return load_library(LIBRARY)
    except OpUnavailableError as error:
        return error


def is_available() -> bool:
    """Whether the compiled op is built and fits this TensorFlow."""
    return not isinstance(_installed(), OpUnavailableError)


@functools.cache
def _warn_once(reason: str) -> None:
    warnings.warn(
        f"{reason} A graph of built-in operations computes the same features, more slowly. "
        f"{_HOW_TO_BUILD}",
        RuntimeWarning,
        stacklevel=3,
    )


@functools.lru_cache(maxsize=16)
def _attributes(spec: ProjectionSpec) -> dict[str, Any]:
    """The fields of a specification, which are also attributes of the op."""
    return spec.to_dict()


def project_strings(
    texts: tf.Tensor, spec: ProjectionSpec, *, pad_to_max_tokens: bool = False
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Projects UTF-8 strings to the ternary features of their tokens.

    Works eagerly, in a `tf.function` and in `tf.data`. Where the compiled op is not available, a
    graph of built-in ops gives the same values, with one `RuntimeWarning` a process.

    Args:
        texts: String tensor of shape `(batch,)`. Ill-formed UTF-8 is read as U+FFFD.
        spec: What to compute.
        pad_to_max_tokens: Whether `time` is `spec.max_tokens`, which makes it static, or the
            largest length of the batch.

    Returns:
        `(features, lengths, spans, truncated)`: int8 `(batch, time, spec.features)`, int32
        `(batch,)`, int32 `(batch, time, 2)` half-open spans in code points of the text as it was given,
        bool `(batch,)`. What stands behind the last token of a text is 0.

    Raises:
        ValueError: if `texts` is not a string tensor of rank 1.
    """
    texts = tf.convert_to_tensor(texts)
    if texts.dtype != tf.string or texts.shape.rank not in (1, None):
        raise ValueError(
            "`texts` must be a string tensor of shape `(batch,)`. "
            f"Received: dtype={texts.dtype.name}, shape={texts.shape}. Reshape it first."
        )
    library = _installed()
    if isinstance(library, OpUnavailableError):
        _warn_once(str(library))
        return _project_with_graph(texts, spec, pad_to_max_tokens=pad_to_max_tokens)
    features, lengths, spans, truncated = library.pqrnn_project(
        texts=texts, pad_to_max_tokens=pad_to_max_tokens, **_attributes(spec)
    )
    return features, lengths, spans, truncated


def _project_with_graph(
    texts: tf.Tensor, spec: ProjectionSpec, *, pad_to_max_tokens: bool
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    from pqrnn_tf.projection.graph import project_code_points  # only where it has to serve

    texts = tf.concat([texts, [""]], 0)  # the graph needs one text at least; it is dropped below
    starts = ends = None
    if spec.version == FOLDED:
        batch = texts.shape
        texts, starts, ends = tf.numpy_function(
            _fold_texts, [texts], [tf.string, tf.int32, tf.int32]
        )
        texts.set_shape(batch)
        starts.set_shape((None, None))
        ends.set_shape((None, None))
    # U+FFFD for each maximal subpart of an ill-formed sequence, as in the definition.
    points = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
    # The graph sees one code point behind the end, to know whether a token continues there. That
    # a token stands further behind is only seen here.
    width = spec.max_code_points + 1
    outputs = project_code_points(points[:, :width].to_tensor(0, shape=(None, width)), spec)
    spans = outputs["spans"]
    if starts is not None and ends is not None:
        moved = [
            tf.gather(starts, spans[:, :, 0], batch_dims=1),
            tf.gather(ends, tf.maximum(spans[:, :, 1] - 1, 0), batch_dims=1),
        ]
        spans = tf.where(spans[:, :, 1:] > 0, tf.stack(moved, axis=2), 0)
    beyond = points[:, width:]
    classes = load_unicode_table(spec.version).classes
    rows = tf.searchsorted(np.array([row[0] for row in classes], np.int32), beyond.values, "right")
    is_space = np.array([row[2] == SPACE for row in classes])
    cut = beyond.with_values(tf.logical_not(tf.gather(is_space, rows - 1)))
    truncated = tf.logical_or(outputs["truncated"], tf.reduce_any(cut, axis=1))

    time = spec.max_tokens if pad_to_max_tokens else tf.reduce_max(outputs["lengths"])
    return (
        outputs["features"][:-1, :time],
        outputs["lengths"][:-1],
        spans[:-1, :time],
        truncated[:-1],
    )


def _fold_texts(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Folds UTF-8 strings.

    Returns:
        The folded strings, and for each of their code points the half-open range of code points of the string that
        it was made from, as two int32 arrays `(batch, longest)` with zeros behind.
    """
    given = [text.decode("utf-8", errors="replace") for text in texts]
    folded = [fold(text) for text in given]
    longest = max(1, *(len(one.text) for one in folded))
    ranges = np.zeros((2, len(folded), longest), np.int32)
    for i, one in enumerate(folded):
        size = len(one.text)
        ranges[0, i, :size] = np.arange(size) if one.starts is None else one.starts
        ranges[1, i, :size] = np.arange(1, size + 1) if one.ends is None else one.ends
    return np.array([one.text.encode("utf-8") for one in folded], object), ranges[0], ranges[1]
