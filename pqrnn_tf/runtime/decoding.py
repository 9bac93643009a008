"""From logits to a parse: the one decoder, used by metrics and by the .tflite runtime alike.

Needs numpy only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np

from pqrnn_tf.runtime.confidence import (
    FEATURES,
    Calibration,
    Evidence,
    Rejection,
    log_odds,
    shared_rest,
)
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedSlot, NestedDecoder
from pqrnn_tf.runtime.slot_trimming import SlotTrimmer
from pqrnn_tf.runtime.tag_paths import Path, TagPaths


@dataclasses.dataclass(frozen=True)
class DecodedParse:
    """A decoded utterance.

    Attributes:
        intent: Intent name without `IN:`.
        score: The probability that the parse is right. By the model of a decoder without calibration: softmax of
            the intent times the softmax of each token's tag, before punctuation was left out of slots.
        slots: In the order of the text, each with what is nested in it.
        tags: Tag of each token.
        nested: Nested tag of each token; empty without nested logits.
        intent_score: The probability that the intent is right; without calibration its softmax.
        rejected: Whether the text belongs to no intent, by the decoder's `Rejection`.
        alternatives: The next best parses, the best first, as many as were asked for.
        evidence: Values of `FEATURES` for those who fit a calibration; `None` unless the decoder is told to keep them.
    """

    intent: str
    score: float
    slots: tuple[DecodedSlot, ...]
    tags: tuple[str, ...]
    nested: tuple[str, ...] = ()
    intent_score: float = 0.0
    rejected: bool = False
    alternatives: tuple[DecodedParse, ...] = ()
    evidence: Evidence | None = None


NO_PARSE = DecodedParse("", 0.0, (), ())
"""The parse of a text that has no token."""

SEARCHED = 8
"""How many times as many parses as are asked for are looked at, where some of them are the same without the
punctuation at the edges of their slots."""


@dataclasses.dataclass
class _Found:
    """An intent with tags.

    Attributes:
        intent: Column of the intent.
        path: Columns of the tags.
        total: Logarithm of the probability of both.
    """

    intent: int
    path: Path
    total: float


@dataclasses.dataclass
class _Read:
    """What a parse is read with, beside intent and tags.

    Attributes:
        nested_logits: Floats `(time, nested tags)`; `None` for plain slots.
        length: Number of tokens.
        text: The caller's own string.
        spans: `(start, end)` of each token in code points of `text`.
    """

    nested_logits: np.ndarray | None
    length: int
    text: str
    spans: Sequence[tuple[int, int]]


class Decoder:
    """Decodes utterances of one model.

    The best pair of an intent and a tag sequence under the tag grammar (I-X and G-X continue X, G-X is
    followed by more of X) in which every slot is one that training data has under that intent; exact. What is nested
    in its slots is chosen after that, see `NestedDecoder`. At last, punctuation at the edges of slots is left out of
    them where the labels have `edges`, see `SlotTrimmer`.

    Args:
        labels: Names in the order of the logits.
        calibration: What makes probabilities of the model's own; `None` to keep these. In a model without slots the
            map of intents gives both scores.
        rejection: What tells requests that belong to no intent; `None` to answer all. Its `outside` is no answer.
        keep_evidence: Whether each parse has its `evidence`.

    Raises:
        LabelError: if `rejection` names an intent that `labels` lacks, or there is no other one.
    """

    def __init__(
        self,
        labels: LabelSet,
        *,
        calibration: Calibration | None = None,
        rejection: Rejection | None = None,
        keep_evidence: bool = False,
    ):
        self.labels = labels
        if calibration is not None and not labels.slot_names:
            # The parse is right where its intent is, also where an older file has two maps.
            calibration = dataclasses.replace(calibration, parse=calibration.intent)
        self.calibration = calibration
        self.rejection = rejection
        self._keep_evidence = keep_evidence
        self._name_of = [tag[2:] for tag in labels.tags]
        self._kind_of = [tag[0] for tag in labels.tags]
        allowed = labels.slots_of_intent or (labels.slot_names,) * len(labels.intents)
        by_slots = {slots: TagPaths(labels, slots) for slots in dict.fromkeys(allowed)}
        self._paths = [by_slots[slots] for slots in allowed]
        self._nested = NestedDecoder(labels)
        self._trim = SlotTrimmer(labels)
        self._outside = -1
        if rejection is not None and rejection.outside:
            if rejection.outside not in labels.intents or len(labels.intents) < 2:
                raise LabelError(
                    f"`labels` must have the intent {rejection.outside!r} of requests out of scope and another "
                    f"one. Received: {len(labels.intents)} intents: {str(labels.intents)[:60]}."
                )
            self._outside = labels.intents.index(rejection.outside)
        maps = [] if calibration is None else [calibration.parse, calibration.intent]
        needed = {name for map_ in maps for name in map_.weights}
        needed |= set(rejection.weights) if rejection is not None else set()
        self._needed = frozenset(FEATURES if keep_evidence else needed)

    def __call__(
        self,
        intent_logits: np.ndarray,
        slot_logits: np.ndarray,
        length: int,
        nested_logits: np.ndarray | None = None,
        *,
        alternatives: int = 0,
        text: str | None = None,
        spans: Sequence[tuple[int, int]] = (),
    ) -> DecodedParse:
        """Decodes one utterance.

        Args:
            intent_logits: Floats `(intents,)`.
            slot_logits: Floats `(time, tags)`, `time >= length`.
            length: Number of tokens; with 0 the parse has no slots.
            nested_logits: Floats `(time, nested tags)`; `None` for plain slots, as of a model or
                teacher without this output.
            alternatives: How many of the next best parses are found too. Each has another intent or other slots than
                those before it. Where parses are the same without the punctuation at the edges of their slots, the
                best of them stands for all, with its own score; then `SEARCHED` times as many are looked at, at most.
            text: The caller's own string; only labels with `edges` need it.
            spans: `(start, end)` of each token in code points of `text`, at least `length` of them; likewise.

        Raises:
            LabelError: if the shapes do not fit the labels.
            ValueError: if the labels have `edges`, and `text` and `spans` are not given.
        """
        labels = self.labels
        if self._trim and length and (text is None or len(spans) < length):
            raise ValueError(
                "`text` and `spans` must be given, since the labels say what punctuation belongs to slots. "
                f"Received: {'no text' if text is None else f'{len(spans)} spans'} for {length} tokens."
            )
        if intent_logits.shape != (len(labels.intents),) or slot_logits.shape[1:] != (
            len(labels.tags),
        ):
            raise LabelError(
                f"`labels` has {len(labels.intents)} intents and {len(labels.tags)} tags. Received "
                f"logits of shapes {intent_logits.shape} and {slot_logits.shape}: these are the labels "
                "of another model."
            )
        if nested_logits is not None and nested_logits.shape[1:] != (len(labels.nested),):
            raise LabelError(
                f"`labels` has {len(labels.nested)} nested tags. Received nested logits of shape "
                f"{nested_logits.shape}: these are the labels of another model."
            )
        intent = int(intent_logits.argmax())
        intents, log_sum = _shift(intent_logits)
        own = float(log_sum[0])
        # The shifted logit of the best is 0, so that its logarithm of a probability is -log_sum.
        found = _Found(intent, [], -own)
        weakest = 0.0
        if length:
            found.path = slot_logits[:length].argmax(axis=1).tolist()
            tags, log_sums = _shift(slot_logits[:length])
            if (
                intent != self._outside
                and self._paths[intent].allowed.issuperset(found.path)
                and self._valid(found.path)
            ):
                found.total -= float(np.add.reduce(log_sums, axis=None))
                if "weakest" in self._needed:
                    weakest = -float(np.maximum.reduce(log_sums, axis=None))
            else:
                log_tags = tags - log_sums
                (found,) = self._ranked(intents - log_sum, log_tags, 1)
                if "weakest" in self._needed:
                    weakest = float(log_tags[range(length), found.path].min())
        elif intent == self._outside:
            found = self._without_tokens(intents - log_sum)
        log_intent = float(intents[found.intent]) - own
        read = _Read(nested_logits, length, text or "", spans)
        others: list[_Found] = []
        if alternatives and length and self._trim:
            others = self._different(found, intents - log_sum, tags - log_sums, alternatives, read)
        elif alternatives and length:
            ranked = self._ranked(intents - log_sum, tags - log_sums, alternatives + 1)
            same = [(one.intent, one.path) == (found.intent, found.path) for one in ranked]
            # Of equally good parses the best one may not be among them.
            others = [one for one, best in zip(ranked, same, strict=True) if not best]
            others = others[:alternatives]
        score, intent_score = math.exp(found.total), math.exp(log_intent)
        evidence: Evidence | None = None
        if self._needed:
            evidence = self._evidence(found, intent_logits, intents, log_intent, weakest, length)
            if self.calibration:
                score = self.calibration.parse(evidence)
                intent_score = self.calibration.intent(evidence)
        scores = score, intent_score
        parses: list[DecodedParse] = []
        if others:
            logs = [float(intents[one.intent]) - own for one in others]
            for one, of in zip(
                others, self._scores_of(found, log_intent, scores, others, logs), strict=True
            ):
                parses.append(self._parse(one, of, read))
        rejected = bool(self.rejection and evidence and length and self.rejection(evidence))
        kept = evidence if self._keep_evidence else None
        return self._parse(found, scores, read, rejected, tuple(parses), kept)

    def _different(
        self, best: _Found, intents: np.ndarray, tags: np.ndarray, count: int, read: _Read
    ) -> list[_Found]:
        """The next best pairs whose parses differ from the best one and from each other.

        Args:
            best: The best pair.
            intents, tags: As `_ranked` takes them.
            count: How many, if there are as many.
            read: What the parses are read with.
        """
        asked = most = count + 1
        while True:
            ranked = self._ranked(intents, tags, most)
            known = {self._names(best, read)[:2]}
            others = []
            for one in ranked:
                names = self._names(one, read)[:2]
                if names not in known:
                    known.add(names)
                    others.append(one)
            if len(others) >= count or len(ranked) < most or most >= SEARCHED * asked:
                return others[:count]
            most *= 2

    def _names(
        self, found: _Found, read: _Read
    ) -> tuple[str, tuple[DecodedSlot, ...], tuple[str, ...], tuple[str, ...]]:
        """Intent, slots, tags and nested tags of what was found, in the words of the labels."""
        tags = tuple([self.labels.tags[i] for i in found.path])
        slots = slots_of_tags(tags)
        nested: tuple[str, ...] = ()
        if read.nested_logits is not None:
            slots, nested = self._nested(slots, read.nested_logits[: read.length])
        if self._trim and slots:
            slots, tags, nested = self._trim(slots, tags, nested, read.text, read.spans)
        return self.labels.intents[found.intent], slots, tags, nested

    def _parse(
        self,
        found: _Found,
        scores: tuple[float, float],
        read: _Read,
        rejected: bool = False,
        alternatives: tuple[DecodedParse, ...] = (),
        evidence: Evidence | None = None,
    ) -> DecodedParse:
        """What was found in the words of the labels, with what is nested in its slots."""
        intent, slots, tags, nested = self._names(found, read)
        return DecodedParse(
            intent, scores[0], slots, tags, nested, scores[1], rejected, alternatives, evidence
        )

    def _evidence(
        self,
        found: _Found,
        logits: np.ndarray,
        shifted: np.ndarray,
        log_intent: float,
        weakest: float,
        length: int,
    ) -> dict[str, float]:
        """Those of `FEATURES` that are needed. Only these: each takes time.

        Args:
            found: The parse.
            logits: Floats `(intents,)`.
            shifted: The same, the largest of which is 0.
            log_intent: Logarithm of the probability of the intent.
            weakest: Logarithm of the probability of the least likely tag.
            length: Number of tokens.
        """
        needed, evidence = self._needed, {}
        if "parse" in needed:
            evidence["parse"] = log_odds(found.total)
        if "weakest" in needed:
            evidence["weakest"] = log_odds(weakest)
        if "intent" in needed:
            evidence["intent"] = log_odds(log_intent)
        if "margin" in needed:
            others = shifted.copy()
            others[found.intent] = -np.inf
            if self._outside >= 0:
                others[self._outside] = -np.inf
            second = float(np.maximum.reduce(others))
            evidence["margin"] = (
                float(shifted[found.intent]) - second if second > -math.inf else 0.0
            )
        if "tokens" in needed:
            evidence["tokens"] = float(length)
        if "highest" in needed:
            evidence["highest"] = float(logits[found.intent])
        if "energy" in needed:
            evidence["energy"] = float(logits[found.intent]) - log_intent
        if "outside" in needed:
            evidence["outside"] = float(logits[self._outside]) if self._outside >= 0 else 0.0
        return evidence

    def _scores_of(
        self,
        best: _Found,
        log_intent: float,
        scores: tuple[float, float],
        others: list[_Found],
        logs: list[float],
    ) -> Iterator[tuple[float, float]]:
        """Scores and intent scores of alternatives.

        Args:
            best: The best parse.
            log_intent: Logarithm of the probability of its intent.
            scores: Its score and intent score.
            others: The alternatives.
            logs: Logarithms of the probabilities of their intents.
        """
        if self.calibration is None:
            yield from (
                (math.exp(one.total), math.exp(log)) for one, log in zip(others, logs, strict=True)
            )
            return
        shares = shared_rest(scores[0], best.total, [one.total for one in others])
        for one, share, log in zip(others, shares, logs, strict=True):
            (of_intent,) = shared_rest(scores[1], log_intent, [log])
            yield share, scores[1] if one.intent == best.intent else of_intent

    def _valid(self, path: list[int]) -> bool:
        """Whether a sequence of tag columns follows the grammar."""
        previous_name, previous_kind = "", "O"
        for tag in path:
            name, kind = self._name_of[tag], self._kind_of[tag]
            if kind == "O" or kind == "B":
                if previous_kind == "G":
                    return False
            elif name != previous_name:
                return False
            previous_name, previous_kind = name, kind
        return previous_kind != "G"

    def _without_tokens(self, intents: np.ndarray) -> _Found:
        """The best intent in scope."""
        intents[self._outside] = -np.inf
        intent = int(intents.argmax())
        return _Found(intent, [], float(intents[intent]))

    def _ranked(self, intents: np.ndarray, tags: np.ndarray, count: int) -> list[_Found]:
        """The best pairs of an intent and valid tags for logarithms of probabilities, the best first.

        Args:
            intents: Floats `(intents,)`.
            tags: Floats `(tokens, tags)`.
            count: How many, if there are as many.
        """
        found: list[_Found] = []
        paths_of: dict[int, list[tuple[float, Path]]] = {}
        worst = -math.inf  # what a further pair must exceed
        # No sequence has more than the best tag of each token. All sums go from the first token to the
        # last, so that rounding keeps this order.
        most = sum(tags.max(axis=1).tolist())
        for intent in np.argsort(-intents, kind="stable").tolist():
            own = float(intents[intent])
            if own + most <= worst:
                break
            if intent == self._outside:
                continue
            columns = self._paths[intent]
            paths = paths_of.get(id(columns))
            if paths is None:
                scores = tags[:, columns.tags].tolist()
                if own + sum(map(max, scores)) <= worst:
                    continue
                if count == 1:
                    path, total = columns.best(scores)
                    paths = [(total, path)]
                else:
                    paths = columns.best_several(scores, count)
                paths_of[id(columns)] = paths
            for total, path in paths:
                if own + total <= worst:
                    break
                found.append(_Found(intent, path, own + total))
            found.sort(key=lambda one: -one.total)
            del found[count:]
            if len(found) == count:
                worst = found[-1].total
        return found


def _shift(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits, the largest of which is 0, and the logarithm of the sum of their powers in float64.

    Their difference is the logarithm of a softmax along the last axis. The powers have the precision of the
    logits: of float32 they take a fifth of the time, and the score is right to six decimals.
    """
    # The ufuncs' own `reduce` is what the methods of arrays call after some more Python.
    shifted = logits - np.maximum.reduce(logits, axis=-1, keepdims=True)
    sums = np.add.reduce(np.exp(shifted), axis=-1, keepdims=True, dtype=np.float64)
    return shifted, np.log(sums)


def slots_of_tags(tags: tuple[str, ...]) -> tuple[DecodedSlot, ...]:
    """Collects the slots of a valid tag sequence."""
    slots: list[tuple[str, list[tuple[int, int]]]] = []
    for t, tag in enumerate(tags):
        if tag[0] == "B":
            slots.append((tag[2:], [(t, t + 1)]))
        elif tag[0] == "I":
            ranges = slots[-1][1]
            if ranges[-1][1] == t:
                ranges[-1] = (ranges[-1][0], t + 1)
            else:
                ranges.append((t, t + 1))
    return tuple(DecodedSlot(name, tuple(ranges)) for name, ranges in slots)
