"""Sentence vectors with a .tflite file. Needs ai-edge-litert and numpy, not TensorFlow."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Iterable

import numpy as np

from pqrnn_tf.runtime.interpreters import Interpreters
from pqrnn_tf.runtime.metadata import ModelFileError, read_encoder
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.text import list_of

_TEXTS_AT_ONCE = 64
"""Texts that a thread takes at a time."""


class Encoder:
    """Gives each text a vector: texts that mean the same have similar ones.

    Vectors have unit length, so that the product of two is their cosine. A text without a token (empty, or white
    space only) has the vector of zeros, which is similar to nothing.

    Threads may share an object, as with `Parser`.

    Args:
        model: A .tflite file of an encoder, a folder that holds `model.tflite`, or the name of an encoder that comes
            with the package (`pqrnn models`).
        num_threads: Threads that the runtime uses for one text.

    Attributes:
        metadata: The description in the file.
        spec: Its projection.
        width: Length of the vectors.

    Raises:
        FileNotFoundError: if there is no such model.
        TypeError, ValueError: if `model` is no path and no name, or `num_threads` no whole number of at least 1.
        ModelFileError: if the file is truncated, damaged, of another tool, or a parser.
        SpecError: if the model was made with a projection version that this package does not know.
        TfliteOpError: as `Parser` does.

    Example:
    ```python
    encoder = pqrnn_tf.load("encoder_en_2mb")
    vectors = encoder.encode(["wake me at seven", "set an alarm for 7", "play some jazz"])
    vectors @ vectors[0]  # the cosines to the first text
    ```
    """

    def __init__(self, model: str | os.PathLike[str], *, num_threads: int = 1):
        path = model_file(model)
        content, self.metadata = read_encoder(path)
        self.spec = self.metadata.spec
        self.width = self.metadata.width
        self._interpreters = Interpreters(
            content, self.metadata, path=path, num_threads=num_threads
        )
        if self._interpreters.width("vector") != self.width:
            raise ModelFileError(
                f"`model` must give vectors of width {self.width}, as its description says. Received: {str(path)!r}, "
                f"which gives {self._interpreters.width('vector')}. Export it again."
            )

    def __call__(self, texts: str | Iterable[str], *, threads: int = 1) -> np.ndarray:
        """The same as `encode`."""
        return self.encode(texts, threads=threads)

    def encode(self, texts: str | Iterable[str], *, threads: int = 1) -> np.ndarray:
        """The vectors of texts.

        Args:
            texts: A string, or strings. What lies beyond the model's limits is cut at a token.
            threads: How many texts are worked on at the same time.

        Returns:
            float32 `(n, width)`, a row for each text, in order, of unit length, or zeros for a text without a token;
            of one string `(width,)`.

        Raises:
            TypeError: if an entry is no string.
            ValueError: if `threads` is not a whole number of at least 1.
        """
        if isinstance(texts, str):
            return self.vectors_and_cuts([texts], threads=threads)[0][0]
        return self.vectors_and_cuts(texts, threads=threads)[0]

    def vectors_and_cuts(
        self, texts: Iterable[str], *, threads: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """The vectors of texts, and which of these were longer than the model takes.

        Args:
            texts: Strings, as `encode` takes several.
            threads: As `encode` takes it.

        Returns:
            float32 `(n, width)`, and bool `(n,)`, true where the end of a text was cut.

        Raises:
            TypeError, ValueError: as `encode` does; also if `texts` is one string.
        """
        if isinstance(texts, str):
            raise TypeError(
                f"`texts` must be several strings; `encode` takes one. Received: {texts!r:.60}."
            )
        texts = list_of(texts, "texts")
        for place, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(
                    f"`texts` must be strings. Received: {type(text).__name__} at position {place}."
                )
        if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
            raise ValueError(
                f"`threads` must be a whole number of at least 1. Received: {threads!r}."
            )
        vectors = np.zeros((len(texts), self.width), np.float32)
        cuts = np.zeros(len(texts), bool)

        def fill(begin: int) -> None:
            for place in range(begin, min(begin + _TEXTS_AT_ONCE, len(texts))):
                outputs = self._interpreters(texts[place])
                cuts[place] = outputs["truncated"]
                if outputs["length"]:
                    vectors[place] = outputs["vector"]

        begins = range(0, len(texts), _TEXTS_AT_ONCE)
        if threads == 1 or len(begins) < 2:
            for begin in begins:
                fill(begin)
        else:
            with concurrent.futures.ThreadPoolExecutor(threads) as pool:
                list(pool.map(fill, begins))
        return vectors, cuts
