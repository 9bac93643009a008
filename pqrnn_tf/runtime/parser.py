"""The runtime: parses text with a .tflite file. Needs ai-edge-litert and numpy, not TensorFlow."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np

from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_matches import Match
from pqrnn_tf.runtime.interpreters import Interpreters
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.linking import EntityTypes, Linker, nested_slot_names, types_by_slot
from pqrnn_tf.runtime.metadata import read_model
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.prototypes import (
    IntentError,
    IntentPrototypes,
    prototype_parse,
    with_own_parses,
)
from pqrnn_tf.runtime.results import Parse, parse_outputs
from pqrnn_tf.runtime.text import list_of, tokens_of
from pqrnn_tf.runtime.text_encoder import Encoder
from pqrnn_tf.values.slot_values import SlotValues


class Parser:
    """Parses utterances with an exported model.

    Threads may share an object: each call has an interpreter of its own, and there are as many of them as calls
    were ever made at the same time. They share the file's content; each has memory of its own for activations and
    prepared weights.

    Args:
        model: A .tflite file that `convert` made, a folder that holds `model.tflite`, or the name of a model that
            comes with the package, one of `pretrained_models()`.
        labels: Names to use instead of those in the file; they must be of the same number.
        num_threads: Threads that the runtime uses for one text.

    Raises:
        FileNotFoundError: if there is no such model.
        TypeError, ValueError: if `model` is no path and no name, or `num_threads` no whole number of at least 1.
        ModelFileError: if the file is truncated, damaged or of another tool.
        SpecError: if the model was made with a projection version that this package does not know.
        LabelError: if `labels` does not fit the model.
        TfliteOpError: if the model takes strings, and the op for that is not built or does not fit
            the runtime.

    Example:
    ```python
    parser = Parser("mtop_en_2mb")
    parse = parser("Wake me at 7pm")
    parse.intent, [(slot.name, slot.text) for slot in parse.slots]
    ```
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        labels: LabelSet | None = None,
        num_threads: int = 1,
    ):
        path = model_file(model)
        content, self.metadata = read_model(path)
        self.labels = labels or self.metadata.labels
        self.spec = self.metadata.spec
        self._interpreters = Interpreters(
            content, self.metadata, path=path, num_threads=num_threads
        )
        sizes = tuple(self._interpreters.width(name) for name in ("intent", "slots", "nested"))
        expected = tuple(
            len(x) for x in (self.labels.intents, self.labels.tags, self.labels.nested)
        )
        if sizes != expected:
            raise LabelError(
                f"`labels` must name the {sizes[0]} intents, {sizes[1]} tags and {sizes[2]} nested tags "
                f"of {str(path)!r}. Received: {expected[0]}, {expected[1]} and {expected[2]}: these are "
                "the labels of another model."
            )
        rejection = self.metadata.rejection
        if labels is not None and rejection is not None and rejection.outside:
            column = self.metadata.labels.intents.index(rejection.outside)
            rejection = dataclasses.replace(rejection, outside=labels.intents[column])
        self.decoder = Decoder(
            self.labels, calibration=self.metadata.calibration, rejection=rejection
        )
        self._prototypes: IntentPrototypes | None = None
        self.values = SlotValues(dict(self.labels.values))
        self._linker: Linker | None = None
        known = self.metadata.entity_features
        self._entity_types: EntityTypes = {} if known is None else dict(known.slots)

    @property
    def values(self) -> SlotValues:
        """What reads the values of slots; at first with the kinds in the labels, in any language.

        Set it to `SlotValues`, or to a mapping from names of slots to kinds of values (docs/values.md). Parses keep
        what was set when they were made.
        """
        return self._values

    @values.setter
    def values(self, values: SlotValues | Mapping[str, str]) -> None:
        self._values = values if isinstance(values, SlotValues) else SlotValues(values)

    @property
    def entities(self) -> Entities | None:
        """The names that this device knows (docs/entities.md); at first `None`.

        Set it at any time, to `Entities` or to rows as `Entities.from_rows` takes them. Slots then have `candidates`,
        and a model with entity features (`metadata.entity_features`) is told where names stand.

        Raises:
            TypeError, EntityError: when it is set, as `Entities.from_rows` does.
        """
        return None if self._linker is None else self._linker.entities

    @entities.setter
    def entities(self, entities: Entities | Iterable[Any] | None) -> None:
        if entities is not None and not isinstance(entities, Entities):
            entities = Entities.from_rows(entities)
        self._linker = None if entities is None else Linker(entities, self._entity_types)

    @property
    def entity_types(self) -> EntityTypes:
        """The types of entities that each slot takes, such as `{"CONTACT": "contact", "DEVICE": ["light", "fan"]}`.

        A slot that is not named takes all, those of its own name first. At first they are those that the model was
        trained with.

        Raises:
            TypeError: when it is set, if it is no mapping from slots to texts or several.
            ValueError: when it is set, if a slot is none of the model's.
        """
        return self._entity_types

    @entity_types.setter
    def entity_types(self, types: EntityTypes) -> None:
        known = {*self.labels.slot_names, *nested_slot_names(self.labels)}
        if unknown := [slot for slot in types_by_slot(types) if slot not in known]:
            raise ValueError(
                f"`entity_types` must name slots of the model, {', '.join(sorted(known))}. Received: {unknown[0]!r}."
            )
        self._entity_types = dict(types)
        if self._linker is not None:
            self._linker = Linker(self._linker.entities, self._entity_types)

    @property
    def encoder(self) -> Encoder | None:
        """What gives the vectors by which intents are added without training (docs/encoders.md); at first `None`.

        Set it to an `Encoder`, or to what one is made of. Nothing is added then yet.
        """
        return None if self._prototypes is None else self._prototypes.encoder

    @encoder.setter
    def encoder(self, encoder: Encoder | str | os.PathLike[str] | None) -> None:
        rejection = self.decoder.rejection
        outside = "" if rejection is None else rejection.outside
        trained = [name for name in self.labels.intents if name != outside]
        self._prototypes = (
            None if encoder is None else IntentPrototypes(encoder, trained=trained, outside=outside)
        )

    @property
    def prototypes(self) -> IntentPrototypes:
        """The intents that were added, and what is known of the model's own.

        Raises:
            IntentError: if there is no encoder.
        """
        if self._prototypes is None:
            raise IntentError(
                "`encoder` must be set before intents are added. Received: none. Set it: "
                '`parser.encoder = "encoder_en_2mb"`, or another encoder that `pqrnn models` lists.'
            )
        return self._prototypes

    def add_intent(self, intent: str, phrases: Iterable[str]) -> None:
        """Adds an intent without training: a text that is most similar to its phrases belongs to it.

        Needs `encoder`. Each parse then runs that too. A text belongs to the intent under the conditions of
        `IntentPrototypes.match`; tell the phrases that the model was trained on with `add_phrases`, so that their
        texts are kept.

        Args:
            intent: Its name, none of the model's.
            phrases: What people say, at least one phrase; five to ten of different wording are better.

        Raises:
            IntentError, TypeError: as `IntentPrototypes.add_intent` does; also if there is no encoder.

        Example:
        ```python
        parser = pqrnn_tf.load("mtop_en_2mb")
        parser.encoder = "encoder_en_2mb"
        parser.add_intent("OPEN_GARAGE", ["open the garage", "garage door up please"])
        parser("could you open the garage").intent  # "OPEN_GARAGE"
        parser.save_intents("intents.json")
        ```
        """
        self.prototypes.add_intent(intent, phrases)

    def add_phrases(self, intent: str, phrases: Iterable[str]) -> None:
        """Adds phrases to an intent that was added, or tells those of one of the model's own.

        Raises:
            IntentError, TypeError: as `IntentPrototypes.add_phrases` does; also if there is no encoder.
        """
        self.prototypes.add_phrases(intent, phrases)

    def remove_intent(self, intent: str) -> None:
        """Takes away an intent that was added, or what was told of one of the model's own.

        Raises:
            IntentError: if nothing is known of it, or there is no encoder.
        """
        self.prototypes.remove_intent(intent)

    def save_intents(self, path: str | os.PathLike[str]) -> None:
        """Writes the intents that were added, and what was told of the model's own, to a small JSON file.

        Raises:
            IntentError: if there is no encoder.
        """
        self.prototypes.save(path)

    def load_intents(self, path: str | os.PathLike[str]) -> None:
        """Reads a file that `save_intents` wrote, in place of all that was added.

        Raises:
            IntentError: if there is no encoder, it is another one, the file is damaged or of another model.
            OSError: if it cannot be read.
        """
        self.prototypes.load(path)

    @overload
    def __call__(self, text: str, *, alternatives: int = 0) -> Parse: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, text: Iterable[str], *, alternatives: int = 0) -> list[Parse]: ...

    def __call__(self, text: str | Iterable[str], *, alternatives: int = 0) -> Parse | list[Parse]:
        """Parses one utterance, or several.

        Args:
            text: A string, or strings, as `parse` takes them.
            alternatives: As `parse` takes it.

        Returns:
            The parse of a string; of several strings the list of their parses, in order.

        Raises:
            TypeError, ValueError: if it is neither, or as `parse` does.
        """
        if isinstance(text, str):
            return self.parse(text, alternatives=alternatives)
        return [self.parse(one, alternatives=alternatives) for one in list_of(text, "text")]

    def logits(self, text: str) -> dict[str, np.ndarray]:
        """What the model says of a text, without the batch axis.

        Returns:
            `intent` float `(intents,)`, `slots` float `(time, tags)`, `spans` int32 `(time, 2)` in code points
            of `text`, `length` int32 `()`, `truncated` bool `()` and, of a model that has them, `nested` float
            `(time, nested tags)`. `time` is at least `length`: it is that of the smallest signature of
            the file in which the text has room. A model with entity features is told of `entities`.
        """
        linker = self._linker
        return self._logits(text, linker, [] if linker is None else linker.match(text))

    def _logits(
        self, text: str, linker: Linker | None, matches: Sequence[Match]
    ) -> dict[str, np.ndarray]:
        known = self.metadata.entity_features
        if known is None or linker is None or not matches:
            return self._interpreters(text)
        tokens = tokens_of(text, self.spec)
        return self._interpreters(text, known.of(matches, tokens, linker.entities.relations))

    def parse(self, text: str, *, alternatives: int = 0) -> Parse:
        """Parses one utterance.

        Args:
            text: Any string; what lies beyond the model's limits is cut at a token and reported. White space does
                not count: in a text that is too long, each run of it takes one code point. Forms of the same text
                give the same parse (`runtime.folding`), as far as the model's version of the projection says.
            alternatives: How many of the next best parses are found too, see `Parse.alternatives`; exact among all
                intents and valid tags. There are fewer where a text has no more.

        Returns:
            The parse. Offsets are code points of `text`. Text without a token has the intent `""`, the
            score 0 and no slots. Where the file has a rejection (docs/scores.md), the intent of a text that
            belongs to none is `None`.

        Raises:
            TypeError: if `text` is no string.
            ValueError: if `alternatives` is not a whole number of at least 0.
            ModelFileError: if the runtime only now finds that the file is damaged.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` must be a str. Received: {type(text).__name__}.")
        if alternatives and (not isinstance(alternatives, (int, np.integer)) or alternatives < 0):
            raise ValueError(
                f"`alternatives` must be a whole number of at least 0. Received: {alternatives!r}."
            )
        linker, prototypes = self._linker, self._prototypes  # which another thread may replace
        matches = [] if linker is None else linker.match(text)
        parse = parse_outputs(
            text,
            self._logits(text, linker, matches),
            self.decoder,
            alternatives=alternatives,
            values=self._values,
        )
        if linker is not None:
            parse = linker(parse, matches)
        if prototypes is None or parse.intent == "":
            return parse
        match = prototypes.match(text, model_score=parse.intent_score)
        if match is None or not match.wins:
            return parse
        return with_own_parses(prototype_parse(text, match), parse, alternatives)
