"""Intents that are known by a few phrases only: nearest prototypes over an encoder's vectors, without training.

The prototype of an intent is the mean of the vectors of its phrases, and a text belongs to the intent whose prototype
is most similar to its vector (Snell et al. 2017, *Prototypical Networks*, section 2, with the cosine). How similar
texts of an intent are to its prototype is known from its phrases: each one's similarity to the mean of the others.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, overload

import numpy as np

from pqrnn_tf.files import json_line, write_bytes
from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.results import Parse
from pqrnn_tf.runtime.text import list_of
from pqrnn_tf.runtime.text_encoder import Encoder
from pqrnn_tf.runtime.trees import Tree, format_tree

FORMAT = 1
FOLDING_VERSION = 2
"""Version of the folding after which phrases are compared."""

REJECTED_SHARE = 0.05
"""Share of an intent's own phrases that are less similar to it than any text that is taken for an intent."""

DOUBTFUL_SHARE = 0.4
"""The same for a model with intents of which no phrases are known, times the probability of the model's own intent:
their texts must not be taken."""

SINGLE_PHRASE = 0.9
"""The similarity that is asked for instead where no intent was added with more than one phrase."""

SHARPNESS = 2.75
"""What makes a probability of a lead, by the logistic function, where the unit is the spread of similarities."""

LEAST_SPREAD, UNKNOWN_SPREAD = 0.05, 0.1
"""The spread of similarities where less, and where nothing is known of it."""

LEVELS = 127
"""Positive levels of the 8-bit numbers in a file."""


class IntentError(ValueError):
    """Intents or phrases that cannot be added, or a file of them that does not fit."""


@dataclasses.dataclass(frozen=True)
class _Intent:
    """What is known of an intent.

    Attributes:
        phrases: Its phrases; none of an intent that a model was trained on, whose phrases may be many.
        count: How many phrases its prototype is made of.
        total: Sum of their vectors, float64 `(width,)`.
        agreement: Similarity of each phrase to the mean of the others; empty where there is only one.
    """

    phrases: tuple[str, ...]
    count: int
    total: np.ndarray
    agreement: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class _Known:
    """All intents at one time; replaced as a whole, so that threads see one state or the other.

    Attributes:
        added: The intents that were added.
        trained: Those of a model's own intents of which phrases are known.
    """

    added: Mapping[str, _Intent] = dataclasses.field(default_factory=dict)
    trained: Mapping[str, _Intent] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def prototypes(self) -> np.ndarray:
        """Vectors of unit length, float64 `(intents, width)`: the added ones first."""
        intents = [*self.added.values(), *self.trained.values()]
        rows = [one.total / max(float(np.linalg.norm(one.total)), 1e-12) for one in intents]
        return np.stack(rows) if rows else np.zeros((0, 0))

    @functools.cached_property
    def agreement(self) -> np.ndarray:
        """The similarities of all phrases that were added to the others of their intent."""
        return np.array([value for one in self.added.values() for value in one.agreement])

    @property
    def spread(self) -> float:
        """The standard deviation of these similarities: what is far and what is near for this encoder."""
        spread = float(self.agreement.std()) if len(self.agreement) else UNKNOWN_SPREAD
        return max(spread, LEAST_SPREAD)

    def threshold(self, share: float, *, otherwise: float) -> float:
        """The similarity that a share of the phrases is below."""
        return float(np.quantile(self.agreement, share)) if len(self.agreement) else otherwise


@dataclasses.dataclass(frozen=True)
class Match:
    """The added intent that a text is most similar to.

    Attributes:
        intent: Its name.
        similarity: The cosine of the text's vector and the prototype.
        lead: By how much that is more than what it had to exceed; negative where the intent does not win.
        score: The probability that the text belongs to it: the logistic function of the lead, in units of the spread
            of the similarities of phrases to their own intent.
        wins: Whether the text belongs to it.
        truncated: Whether the end of the text was cut.
    """

    intent: str
    similarity: float
    lead: float
    score: float
    wins: bool
    truncated: bool


class IntentPrototypes:
    """Recognises intents by a few phrases each, which are added on the spot: nothing is trained.

    Called with texts it gives parses, as `Parser` does, with an intent and without slots. `Parser.add_intent` sets such
    intents beside those that a model was trained on.

    Threads may share an object, where one at a time adds or removes intents.

    Args:
        encoder: What gives the vectors: an `Encoder`, or anything that an `Encoder` is made of.
        trained: Names of the intents of a model that they stand beside.
        outside: The model's name for texts that belong to none of these; no other intent may have it. Empty where it
            has none.
        rejected_share: Share of the phrases themselves that would be rejected: texts that are no more similar to any
            intent than these have the intent `None`. 0 rejects nothing.

    Raises:
        TypeError: if `trained` is a string or `rejected_share` is no number.
        ValueError: if `rejected_share` is not from 0 to 1, 1 excluded.
        FileNotFoundError, ModelFileError, SpecError, TfliteOpError: as `Encoder` does.

    Example:
    ```python
    intents = IntentPrototypes("encoder_en_2mb")
    intents.add_intent("open_garage", ["open the garage", "garage door up please"])
    intents.add_intent("lights_off", ["lights off", "it is too bright in here"])
    intents("could you open the garage for me").intent  # "open_garage"
    intents.save("intents.json")
    ```
    """

    def __init__(
        self,
        encoder: Encoder | str | os.PathLike[str],
        *,
        trained: Iterable[str] = (),
        outside: str = "",
        rejected_share: float = REJECTED_SHARE,
    ):
        if isinstance(trained, (str, bytes)):
            raise TypeError(f"`trained` must be a list of names. Received: {trained!r:.60}.")
        if isinstance(rejected_share, bool) or not isinstance(
            rejected_share, (int, float, np.floating)
        ):
            raise TypeError(
                f"`rejected_share` must be a number. Received: {type(rejected_share).__name__}."
            )
        if not 0.0 <= rejected_share < 1.0:
            raise ValueError(
                f"`rejected_share` must be from 0 to 1, 1 excluded. Received: {rejected_share!r}."
            )
        self.encoder = encoder if isinstance(encoder, Encoder) else Encoder(encoder)
        self.rejected_share = rejected_share
        self._trained = tuple(trained)
        self._taken = frozenset([*self._trained, outside])
        self._known = _Known()

    @property
    def intents(self) -> tuple[str, ...]:
        """Names of the intents that were added, in their order."""
        return tuple(self._known.added)

    @property
    def described(self) -> tuple[str, ...]:
        """Names of the model's own intents of which phrases are known."""
        return tuple(self._known.trained)

    def phrases(self, intent: str) -> tuple[str, ...]:
        """The phrases of an intent that was added.

        Raises:
            IntentError: if there is no such intent.
        """
        self._check_added(intent)
        return self._known.added[intent].phrases

    def add_intent(self, intent: str, phrases: Iterable[str]) -> None:
        """Adds an intent.

        Args:
            intent: Its name.
            phrases: What people say, at least one phrase; five to ten of different wording are better. Equal ones
                count once.

        Raises:
            IntentError: if the name is empty or taken, there is no phrase, one has no word, or one is a phrase of
                another intent that was added.
            TypeError: if the name or a phrase is no string.
        """
        if not isinstance(intent, str):
            raise TypeError(f"`intent` must be a str. Received: {type(intent).__name__}.")
        if not intent.strip():
            raise IntentError("`intent` must be a name. Received: an empty one.")
        if intent in self._known.added or intent in self._taken:
            whose = "was added before" if intent in self._known.added else "is one of the model's"
            raise IntentError(
                f"`intent` must be a new name. Received: {intent!r}, which {whose}. `add_phrases` adds to it, and "
                "`remove_intent` takes away what was added."
            )
        self._put(intent, self._checked(intent, phrases))

    def add_phrases(self, intent: str, phrases: Iterable[str]) -> None:
        """Adds phrases to an intent that was added, or tells phrases of one that the model was trained on.

        What is known of the model's own intents helps to tell the others from them: their training phrases are worth
        telling, all of them. Their prototypes are kept, not the phrases.

        Args:
            intent: The name.
            phrases: As `add_intent` takes them.

        Raises:
            IntentError: if there is no such intent, there is no phrase, one has no word, or one is a phrase of
                another intent that was added.
            TypeError: if a phrase is no string.
        """
        if intent in self._trained:
            checked = self._checked(intent, phrases)
            vectors = self._vectors(intent, checked)
            before = self._known.trained.get(intent)
            total, count = vectors.sum(axis=0), len(checked)
            if before is not None:
                total, count = total + before.total, count + before.count
            described = _Intent((), count, total, ())
            self._known = _Known(self._known.added, {**self._known.trained, intent: described})
            return
        self._check_added(intent)
        self._put(intent, [*self.phrases(intent), *self._checked(intent, phrases)])

    def remove_intent(self, intent: str) -> None:
        """Takes away an intent that was added, or what is known of one that the model was trained on.

        Raises:
            IntentError: if nothing is known of it.
        """
        if intent not in self._known.trained:
            self._check_added(intent)
        self._known = _Known(
            *(
                {name: known for name, known in names.items() if name != intent}
                for names in (self._known.added, self._known.trained)
            )
        )

    def similarities(self, text: str) -> dict[str, float]:
        """The cosine of a text's vector and the prototype of each intent of which phrases are known.

        Raises:
            TypeError: if `text` is no string.
        """
        known = self._known
        values = _similarities(known, self.encoder.encode(_text(text)))
        return dict(zip([*known.added, *known.trained], values.tolist(), strict=True))

    def match(self, text: str, *, model_score: float | None = None) -> Match | None:
        """The added intent that a text is most similar to, and whether it belongs to it.

        It must be more similar to the text than every other intent, and than `rejected_share` of the phrases are to
        their own. Beside a model with intents of which no phrases are known it must be more similar than
        `DOUBTFUL_SHARE` times `model_score` of the phrases are, or than `SINGLE_PHRASE` where each intent has only one.

        Args:
            text: Any string.
            model_score: The probability of the intent that the model says; `None` without a model.

        Returns:
            The match; `None` where no intent was added or the text has no token.

        Raises:
            TypeError: if `text` is no string.
        """
        known = self._known
        vectors, cuts = self.encoder.vectors_and_cuts([_text(text)])
        if not known.added or not vectors.any():
            return None
        values = _similarities(known, vectors[0])
        best = int(np.argmax(values[: len(known.added)]))
        similarity = float(values[best])
        bar = -1.0
        if self.rejected_share:
            bar = known.threshold(self.rejected_share, otherwise=bar)
        if model_score is not None and len(known.trained) < len(self._trained):
            share = DOUBTFUL_SHARE * min(max(model_score, 0.0), 1.0)
            bar = max(bar, known.threshold(share, otherwise=SINGLE_PHRASE))
        others = np.delete(values, best)
        rival = float(others.max()) if len(others) else -1.0
        lead = similarity - max(rival, bar)
        return Match(
            intent=list(known.added)[best],
            similarity=similarity,
            lead=lead,
            score=1.0 / (1.0 + math.exp(-SHARPNESS * lead / known.spread)),
            wins=similarity >= bar and similarity > rival,
            truncated=bool(cuts[0]),
        )

    @overload
    def __call__(self, text: str) -> Parse: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, text: Iterable[str]) -> list[Parse]: ...

    def __call__(self, text: str | Iterable[str]) -> Parse | list[Parse]:
        """Parses one utterance, or several, as `Parser` does.

        Raises:
            TypeError: if it is neither.
        """
        if isinstance(text, str):
            return self.parse(text)
        return [self.parse(one) for one in list_of(text, "text")]

    def parse(self, text: str) -> Parse:
        """The intent of an utterance, without slots.

        Args:
            text: Any string.

        Returns:
            The parse. `intent` is `None` where the text is too far from all intents; the nearest one is then in
            `tree`. It is `""` where the text has no token or no intent was added.

        Raises:
            TypeError: if `text` is no string.
        """
        match = self.match(text)
        return Parse(text, "", 0.0, (), "") if match is None else prototype_parse(text, match)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all that is known to a small JSON file, whole or not at all.

        It has the phrases of the intents that were added, and the prototype of each intent in 8 bits.
        """
        known = self._known
        values = {
            "format": FORMAT,
            "encoder": self.encoder.metadata.fingerprint,
            "width": self.encoder.width,
            "added": {name: _to_json(intent) for name, intent in known.added.items()},
            "trained": {name: _to_json(intent) for name, intent in known.trained.items()},
        }
        write_bytes(path, json_line(values).encode() + b"\n")

    def load(self, path: str | os.PathLike[str]) -> None:
        """Reads a file that `save` wrote, in place of all that is known.

        Raises:
            IntentError: if the file is damaged, was made with another encoder, or does not fit the intents that the
                model was trained on.
            OSError: if it cannot be read.
        """
        self._known = self._read(pathlib.Path(path))

    def _read(self, path: pathlib.Path) -> _Known:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["format"] != FORMAT:
                raise IntentError(
                    f"{path} must have format {FORMAT}. Received: {values['format']!r}. Use the version of the "
                    "package that made it."
                )
            encoder, width = values["encoder"], values["width"]
            if (encoder, width) != (self.encoder.metadata.fingerprint, self.encoder.width):
                raise IntentError(
                    f"{path} was saved with the encoder {encoder} of width {width}. Received: the encoder "
                    f"{self.encoder.metadata.fingerprint} of width {self.encoder.width}. Take that one, or add the "
                    "intents anew: their phrases stand in the file."
                )
            added, trained = (
                {name: _from_json(one, width) for name, one in values[kind].items()}
                for kind in ("added", "trained")
            )
        except IntentError:
            raise
        except (
            KeyError,
            TypeError,
            AttributeError,
            ValueError,
            OverflowError,
            RecursionError,
        ) as error:
            raise IntentError(
                f"{path} must be a file of intents. It is damaged: {error!r}."
            ) from error
        for names, fits, what in (
            (added, lambda name: name not in self._taken, "the model was trained on it since"),
            (trained, lambda name: name in self._trained, "the model has no such intent"),
        ):
            for name in names:
                if not fits(name):
                    raise IntentError(
                        f"{path} must fit the model. Received: {name!r}, but {what}. Remove it with the model that "
                        "the file was made for, or add the intents anew."
                    )
        return _Known(added, trained)

    def _check_added(self, intent: str) -> None:
        if intent not in self._known.added:
            raise IntentError(
                f"`intent` must be one that was added, {list(self._known.added)}. Received: {intent!r}."
            )

    def _checked(self, intent: str, phrases: Iterable[str]) -> list[str]:
        """The phrases as a list, each once."""
        if isinstance(phrases, (str, bytes)) or not isinstance(phrases, Iterable):
            raise TypeError(
                f"`phrases` must be a list of texts. Received: {type(phrases).__name__} for {intent!r}."
            )
        given = list(phrases)
        if not given:
            raise IntentError(
                f"`phrases` must hold at least one phrase. Received: none for {intent!r}."
            )
        owner = {
            _key(phrase): name
            for name, known in self._known.added.items()
            if name != intent
            for phrase in known.phrases
        }
        for place, phrase in enumerate(given):
            if not isinstance(phrase, str):
                raise TypeError(
                    f"`phrases` must be strings. Received: {type(phrase).__name__} at position {place} of {intent!r}."
                )
            if not _key(phrase):
                raise IntentError(
                    f"`phrases` must have words. Received: {phrase!r} at position {place} of {intent!r}."
                )
            if _key(phrase) in owner:
                raise IntentError(
                    f"`phrases` must not be phrases of another intent. Received: {phrase!r} for {intent!r}, which is "
                    f"one of {owner[_key(phrase)]!r}. Leave it out, or remove that intent."
                )
        return _each_once(given)

    def _vectors(self, intent: str, phrases: list[str]) -> np.ndarray:
        """The vectors of an intent's phrases, float64 `(phrases, width)`, none of which is 0."""
        vectors = self.encoder.encode(phrases).astype(np.float64)
        for phrase, vector in zip(phrases, vectors, strict=True):
            if not vector.any():
                raise IntentError(
                    f"`phrases` must have words. Received: {phrase!r:.60} for {intent!r}, of which the encoder reads "
                    "none."
                )
        return vectors

    def _put(self, intent: str, phrases: list[str]) -> None:
        """Makes the prototype of an intent and adds it."""
        phrases = _each_once(phrases)
        vectors = self._vectors(intent, phrases)
        total = vectors.sum(axis=0)
        agreement: tuple[float, ...] = ()
        if len(phrases) > 1:
            rest = total - vectors
            norms = np.maximum(np.linalg.norm(rest, axis=1), 1e-12)
            agreement = tuple(round(float(x), 4) for x in np.sum(rest * vectors, axis=1) / norms)
        known = _Intent(tuple(phrases), len(phrases), total, agreement)
        self._known = _Known({**self._known.added, intent: known}, self._known.trained)


def prototype_parse(text: str, match: Match) -> Parse:
    """The parse of a text that belongs to an intent that was added, or is nearest to it and belongs to none."""
    score = round(match.score, 6)
    return Parse(
        text=text,
        intent=match.intent if match.wins else None,
        score=score,
        slots=(),
        tree=format_tree(Tree(f"IN:{match.intent}", ())),
        truncated=match.truncated,
        intent_score=score,
    )


def with_own_parses(parse: Parse, own: Parse, alternatives: int) -> Parse:
    """The parse of an added intent with those of the model as its alternatives.

    They share what it leaves: the probability of each, times 1 − its score. Its score is at least a half, so that none
    has more.

    Args:
        parse: The parse of a text that belongs to the added intent.
        own: What the model says of it, with alternatives. Where the model rejects the text, it is none itself.
        alternatives: How many there are at most.
    """
    rest = 1.0 - parse.score
    others = own.alternatives if own.intent is None else (own, *own.alternatives)
    return dataclasses.replace(
        parse,
        truncated=parse.truncated or own.truncated,
        alternatives=tuple(
            dataclasses.replace(
                other,
                score=round(rest * other.score, 6),
                intent_score=round(rest * other.intent_score, 6),
                alternatives=(),
            )
            for other in others[:alternatives]
        ),
    )


def _similarities(known: _Known, vector: np.ndarray) -> np.ndarray:
    prototypes = known.prototypes
    return prototypes @ vector.astype(np.float64) if len(prototypes) else np.zeros(0)


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a str. Received: {type(text).__name__}.")
    return text


def _key(phrase: str) -> str:
    """What two phrases have in common that are the same: folded, in small letters, with single spaces."""
    # Where a sigma ends a word is not the same in all languages that phrases are compared in.
    lower = fold(phrase, version=FOLDING_VERSION).text.lower().replace("ς", "σ")
    return " ".join(lower.split())


def _each_once(phrases: Iterable[str]) -> list[str]:
    """Phrases without those that are the same as one before."""
    first: dict[str, str] = {}
    for phrase in phrases:
        first.setdefault(_key(phrase), phrase)
    return list(first.values())


def _to_json(intent: _Intent) -> dict[str, Any]:
    largest = float(np.abs(intent.total).max()) or 1.0
    levels = np.floor(intent.total / largest * LEVELS + 0.5).astype(int)
    return {
        "phrases": list(intent.phrases),
        "count": intent.count,
        "agreement": list(intent.agreement),
        "step": largest / LEVELS,
        "total": levels.tolist(),
    }


def _from_json(values: Mapping[str, Any], width: int) -> _Intent:
    levels = np.array([int(level) for level in values["total"]], np.float64)
    if len(levels) != width or not np.any(levels):
        raise TypeError(f"a prototype of {len(levels)} numbers instead of {width}, or of zeros")
    phrases, count, step = values["phrases"], values["count"], float(values["step"])
    agreement = tuple(map(float, values["agreement"]))
    if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
        raise TypeError("phrases that are no list of texts")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1 or not step > 0.0:
        raise TypeError("a count that is no whole number above 0, or a step that is not above 0")
    if not all(map(math.isfinite, (step, *agreement))):
        raise ValueError("numbers that are not finite")
    return _Intent(tuple(phrases), count, levels * step, agreement)
