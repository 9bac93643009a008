"""The runtime: parses text with a .tflite file. Needs ai-edge-litert and numpy, not TensorFlow."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from typing import Any

import numpy as np

from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.metadata import ModelFileError, read_model
from pqrnn_tf.runtime.results import Parse, parse_outputs
from pqrnn_tf.runtime.text import code_points_array, is_only_space, to_bytes
from pqrnn_tf.runtime.tflite_op import TfliteOpError, op_registerer

_WORD_OR_SYMBOL = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
"""About what a token is: good enough to guess how many there will be."""


@dataclasses.dataclass(frozen=True)
class _Signature:
    """A signature of a file: what it has room for, and what runs it."""

    code_points: float  # infinitely many where it takes a string
    tokens: int
    run: Any

    @classmethod
    def of(cls, runner: Any) -> _Signature:
        inputs = runner.get_input_details()
        tokens = int(runner.get_output_details()["slots"]["shape"][1])
        if "text" in inputs:
            return cls(math.inf, tokens, runner)
        return cls(int(inputs["code_points"]["shape"][1]), tokens, runner)

    def outputs(self, text: str) -> dict[str, np.ndarray]:
        if self.code_points == math.inf:
            return self.run(text=np.array([to_bytes(text)], object))
        buffer = np.zeros((1, int(self.code_points)), np.int32)
        points = code_points_array(text[: buffer.shape[1]])
        buffer[0, : len(points)] = points
        return self.run(code_points=buffer)


class Parser:
    """Parses utterances with an exported model.

    An object serves one thread at a time; make one for each thread.

    Args:
        path: A .tflite file that `convert` made.
        labels: Names to use instead of those in the file; they must be of the same number.
        num_threads: Threads of the runtime.

    Raises:
        FileNotFoundError: if there is no such file.
        ModelFileError: if the file is truncated, damaged or of another tool.
        SpecError: if the model was made with another projection version.
        LabelError: if `labels` does not fit the model.
        TfliteOpError: if the model takes strings, and the op for that is not built or does not fit
            the runtime.

    Example:
    ```python
    parser = Parser("model.tflite")
    parsed = parser.parse("Wake me at 7pm")
    parsed.intent, [(slot.name, slot.text) for slot in parsed.slots]
    ```
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        labels: LabelSet | None = None,
        num_threads: int = 1,
    ):
        from ai_edge_litert.interpreter import InterpreterWithCustomOps

        content, self.metadata = read_model(path)
        self.labels = labels or self.metadata.labels
        self.spec = self.metadata.spec
        registerers = [op_registerer()] if self.metadata.frontend == "string" else []
        try:
            self._interpreter = InterpreterWithCustomOps(
                custom_op_registerers=registerers, model_content=content, num_threads=num_threads
            )
            # Smallest first.
            self._signatures = sorted(
                (
                    _Signature.of(self._interpreter.get_signature_runner(name))
                    for name in self._interpreter.get_signature_list()
                ),
                key=lambda signature: (signature.code_points, signature.tokens),
            )
            if registerers:  # so that options which the op refuses are found now
                self._signatures[0].outputs("")
            outputs = self._signatures[-1].run.get_output_details()
            sizes = tuple(
                int(outputs[name]["shape"][-1]) if name in outputs else 0
                for name in ("intent", "slots", "nested")
            )
        except TfliteOpError:
            raise
        except (ValueError, RuntimeError, KeyError, IndexError) as error:
            raise ModelFileError(
                f"`path` must be a complete .tflite of this package. Received: {str(path)!r}, which "
                f"the runtime refuses: {error}"
            ) from error
        expected = tuple(
            len(x) for x in (self.labels.intents, self.labels.tags, self.labels.nested)
        )
        if sizes != expected:
            raise LabelError(
                f"`labels` must name the {sizes[0]} intents, {sizes[1]} tags and {sizes[2]} nested tags "
                f"of {str(path)!r}. Received: {expected[0]}, {expected[1]} and {expected[2]}: these are "
                "the labels of another model."
            )
        self.decoder = Decoder(self.labels)

    def logits(self, text: str) -> dict[str, np.ndarray]:
        """The model's raw outputs for a text, without the batch axis.

        Returns:
            `intent` float `(intents,)`, `slots` float `(time, tags)`, `spans` int32 `(time, 2)`,
            `length` int32 `()`, `truncated` bool `()` and, of a model that has them, `nested` float
            `(time, nested tags)`. `time` is at least `length`: it is that of the smallest signature of
            the file in which the text has room.
        """
        points = min(len(text), self.spec.max_code_points + 1)
        expected = len(_WORD_OR_SYMBOL.findall(text, 0, self.spec.max_code_points))
        for signature in self._signatures:
            last = signature is self._signatures[-1]
            if not last and (points >= signature.code_points or expected > signature.tokens):
                continue
            outputs = signature.outputs(text)
            # The guess decides what is tried first; whether it was enough, the graph says.
            if last or not outputs["truncated"][0]:
                break
        return {name: value[0] for name, value in outputs.items()}

    def parse(self, text: str) -> Parse:
        """Parses one utterance.

        Args:
            text: Any string; what lies beyond the model's limits is cut at a token and reported.

        Returns:
            The parse. Offsets are code points of `text`. Text without a token has the intent `""`, the
            score 0 and no slots.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` must be a str. Received: {type(text).__name__}.")
        outputs = self.logits(text)
        rest = text[self.spec.max_code_points + 1 :]
        truncated = bool(outputs["truncated"]) or not is_only_space(rest)
        return parse_outputs(text, outputs, self.decoder, truncated=truncated)
