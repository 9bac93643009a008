"""What runs a .tflite of this package: an interpreter for each call at the same time, the smallest signature first."""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
import os
from typing import Any

import numpy as np

from pqrnn_tf.runtime.metadata import Description, ModelFileError
from pqrnn_tf.runtime.text import code_points_array, count_tokens, fit_text, to_bytes
from pqrnn_tf.runtime.tflite_op import TfliteOpError, op_registerer


@dataclasses.dataclass(frozen=True)
class _Signature:
    """A signature of a file: what it has room for, and what runs it."""

    code_points: float  # infinitely many where it takes a string
    tokens: int
    run: Any

    @classmethod
    def of(cls, runner: Any) -> _Signature:
        inputs = runner.get_input_details()
        tokens = int(runner.get_output_details()["spans"]["shape"][1])
        if "text" in inputs:
            return cls(math.inf, tokens, runner)
        return cls(int(inputs["code_points"]["shape"][1]), tokens, runner)

    def outputs(self, text: str, entities: np.ndarray | None = None) -> dict[str, np.ndarray]:
        inputs: dict[str, np.ndarray] = {}
        if entities is not None:
            inputs["entities"] = np.zeros((1, self.tokens, entities.shape[1]), np.int8)
            told = entities[: self.tokens]
            inputs["entities"][0, : len(told)] = told
        if self.code_points == math.inf:
            return self.run(text=np.array([to_bytes(text)], object), **inputs)
        buffer = np.zeros((1, int(self.code_points)), np.int32)
        points = code_points_array(text[: buffer.shape[1]])
        buffer[0, : len(points)] = points
        return self.run(code_points=buffer, **inputs)


class _Opened:
    """An interpreter, whose signatures are prepared when they are first needed.

    Args:
        interpreter: The interpreter.
    """

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter
        self._names = {True: [], False: []}  # type: dict[bool, list[str]]
        for name, parts in interpreter.get_signature_list().items():
            self._names["entities" in parts["inputs"]].append(name)

    @functools.cached_property
    def plain(self) -> list[_Signature]:
        """The signatures that take a text only, the smallest first."""
        return self._sorted(self._names[False])

    @functools.cached_property
    def told(self) -> list[_Signature]:
        """Those that take what is known of names too."""
        return self._sorted(self._names[True])

    def _sorted(self, names: list[str]) -> list[_Signature]:
        return sorted(
            (_Signature.of(self._interpreter.get_signature_runner(name)) for name in names),
            key=lambda signature: (signature.code_points, signature.tokens),
        )


class Interpreters:
    """Interpreters of one file, as many as there are calls at the same time: each serves one call at a time.

    Args:
        content: The file.
        metadata: Its description.
        path: Where it lies, for messages.
        num_threads: Threads of each.

    Raises:
        ValueError: if `num_threads` is not a whole number of at least 1.
        TfliteOpError: if the op of the string front end is needed and not there.
        ModelFileError: if the runtime refuses the file.
    """

    def __init__(
        self,
        content: bytes,
        metadata: Description,
        *,
        path: str | os.PathLike[str],
        num_threads: int,
    ) -> None:
        if not isinstance(num_threads, int) or num_threads < 1:
            raise ValueError(
                f"`num_threads` must be a whole number of at least 1. Received: {num_threads!r}."
            )
        self._content = content
        self._path = str(path)
        self._spec = metadata.spec
        self._num_threads = num_threads
        # Adding and taking an entry are each one step, whatever other threads do.
        self._idle: collections.deque[_Opened] = collections.deque()
        try:
            self._registerers = [op_registerer()] if metadata.frontend == "string" else []
            opened = self._open()
            if self._registerers:  # so that options which the op refuses are found now
                opened.plain[0].outputs("")
            details = opened.plain[-1].run.get_output_details()
        except TfliteOpError:
            raise
        except (ValueError, RuntimeError, KeyError, IndexError) as error:
            raise self._refused(error) from error
        self._widths = {name: int(detail["shape"][-1]) for name, detail in details.items()}
        self._idle.append(opened)

    def _refused(self, error: Exception) -> ModelFileError:
        return ModelFileError(
            f"`model` must be a complete .tflite of this package. Received: {self._path!r}, which the runtime refuses: "
            f"{error}"
        )

    def width(self, name: str) -> int:
        """Length of the last axis of an output; 0 where the file has no such output."""
        return self._widths.get(name, 0)

    def _open(self) -> _Opened:
        from ai_edge_litert.interpreter import InterpreterWithCustomOps

        return _Opened(
            InterpreterWithCustomOps(
                custom_op_registerers=self._registerers,
                model_content=self._content,
                num_threads=self._num_threads,
            )
        )

    def __call__(self, text: str, entities: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Runs the smallest signature in which a text has room.

        Args:
            text: The caller's string.
            entities: What is known of names in it, int8 `(tokens, width)`; `None` for nothing, which is all that a
                model without entity features takes.

        Returns:
            The outputs without the batch axis. `spans` are in code points of `text`, `truncated` knows all of it.

        Raises:
            ModelFileError: if the runtime only now finds that the file is damaged: a signature is prepared when it is
                first run.
        """
        fitted = fit_text(text, self._spec.max_code_points, version=self._spec.version)
        outputs = {name: value[0] for name, value in self._run(fitted.text, entities).items()}
        if fitted.starts is not None:
            tokens = outputs["spans"][: int(outputs["length"])]
            tokens[:] = fitted.caller_spans(tokens)
        if fitted.more:
            outputs["truncated"] |= fitted.more
        return outputs

    def _run(self, text: str, entities: np.ndarray | None) -> dict[str, np.ndarray]:
        try:
            opened = self._idle.pop()
        except IndexError:
            opened = self._open()
        signatures = opened.plain if entities is None else opened.told
        if not signatures:
            raise self._refused(ValueError("it has no signature that takes `entities`"))
        tokens = count_tokens(text, self._spec) if len(signatures) > 1 else 0
        for signature in signatures:
            last = signature is signatures[-1]
            if not last and (len(text) >= signature.code_points or tokens > signature.tokens):
                continue
            try:
                outputs = signature.outputs(text, entities)
            except (RuntimeError, ValueError) as error:
                raise self._refused(error) from error
            # What has room is known; the graph has the last word.
            if last or not outputs["truncated"][0]:
                break
        self._idle.append(opened)
        return outputs
