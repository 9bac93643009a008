"""The values every reader yields: an utterance, its root intent and its top-level slots."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable

from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.runtime.trees import Tree

OUT_OF_SCOPE = "oos"
"""The intent of a row that belongs to no intent."""

NO_LABELS = "no labels"
"""`Example.problem` of a row that only a teacher can label."""


_HALF = re.compile("[\ud800-\udfff]")


class DataError(ValueError):
    """A file of a corpus is missing or a row cannot be read; the message names file and line."""


@dataclasses.dataclass(frozen=True)
class SlotSpan:
    """One slot of an utterance.

    Attributes:
        name: Slot name without `SL:`.
        spans: Half-open spans `(start, end)` in code points of the utterance, in text order and
            not touching; more than one where the words of the slot do not stand side by side.
    """

    name: str
    spans: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        previous = -1
        for start, end in self.spans:
            if not previous < start < end:
                raise ValueError(
                    "`spans` must be non-empty half-open spans in text order that do not overlap. "
                    f"Received: name={self.name!r}, spans={self.spans!r}. "
                    "Merge spans that touch and drop empty ones."
                )
            previous = end
        if not self.spans:
            raise ValueError(
                f"`spans` must hold at least one span. Received: name={self.name!r}, spans=()."
            )

    @property
    def start(self) -> int:
        """The first code point of the slot."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """One past the last code point of the slot."""
        return self.spans[-1][1]

    def text(self, utterance: str) -> str:
        """The slot's own text: its spans joined by one space."""
        return " ".join(utterance[start:end] for start, end in self.spans)


@dataclasses.dataclass(frozen=True)
class Example:
    """One row of a corpus.

    Attributes:
        text: The utterance exactly as the corpus has it.
        intent: Root intent without `IN:`; empty where the corpus has none.
        slots: Top-level slots in the order of the tree, or `None` where they could not be found in
            `text` (`problem` then says why). Such a row is kept, so that scores count it as wrong.
        tree: The whole tree, where the corpus has one.
        domain: Domain of the corpus, such as `"messaging"`; empty where unknown.
        locale: Language or locale as the corpus spells it, such as `"en"` or `"en_XX"`.
        source: `"file:line"`, or what made the example.
        problem: Why `slots` is `None`; `None` for a good row.
        template: What made the row, such as `"file:line"` of a template; empty for a row that was written as it is.
            Rows of one template are held out together.
    """

    text: str
    intent: str
    slots: tuple[SlotSpan, ...] | None
    tree: Tree | None = None
    domain: str = ""
    locale: str = ""
    source: str = ""
    problem: str | None = None
    template: str = ""

    def __post_init__(self) -> None:
        if (self.slots is None) != (self.problem is not None):
            raise ValueError(
                "`problem` must be given exactly when `slots` is None. "
                f"Received: slots={self.slots!r}, problem={self.problem!r}, source={self.source!r}."
            )
        if self.slots:
            _check_spans(self)


def _check_spans(example: Example) -> None:
    """Raises `ValueError` for spans that no text can have at these places."""
    slots, text = example.slots or (), example.text
    taken = sorted((start, end, slot.name) for slot in slots for start, end in slot.spans)
    problem = ""
    if taken[-1][1] > len(text):
        start, end, name = taken[-1]
        problem = f"the slot {name!r} ends at {end}, but the text has {len(text)} characters"
    for (_, last, before), (start, end, name) in zip(taken, taken[1:], strict=False):
        if start < last and not problem:
            problem = f"the slots {before!r} and {name!r} overlap at {start}: {text[start:end]!r}"
    if problem:
        where = f"{example.source}: " if example.source else ""
        raise ValueError(
            f"{where}{problem}. Received: text={text[:80]!r}. Offsets count code points from 0, the end is one past "
            "the last; an emoji is one code point (in UTF-16 it is two)."
        )


def check_row(example: Example) -> None:
    """Refuses a row that no model can be trained or scored on.

    Raises:
        ValueError: If the text is blank, or text or names have half of a character of two UTF-16 units.
    """
    if not example.text.strip():
        raise ValueError("the text is empty. Remove the row, or write its text.")
    for written in (example.text, example.intent, *(slot.name for slot in example.slots or ())):
        if half := _HALF.search(written):
            raise ValueError(
                f"a character must be whole, but {half[0]!r} at {half.start()} is half of a pair of UTF-16. "
                f"Write the whole character, or remove it. Received: {written[:60]!r}."
            )


def stripped(example: Example) -> Example:
    """The row without white space around its text; its slots stand where they stood in the words."""
    cut, words = len(example.text) - len(example.text.lstrip()), example.text.strip()
    if words == example.text or not words:
        return example
    slots = example.slots and tuple(
        SlotSpan(
            slot.name,
            tuple((max(start - cut, 0), min(end - cut, len(words))) for start, end in slot.spans),
        )
        for slot in example.slots
    )
    return dataclasses.replace(example, text=words, slots=slots)


def unlabelled(text: str, *, domain: str = "", locale: str = "", source: str = "") -> Example:
    """A row without labels: no intent, `slots=None`, `problem=NO_LABELS`."""
    return Example(text, "", None, domain=domain, locale=locale, source=source, problem=NO_LABELS)


def cut_words(example: Example) -> list[str]:
    """What is wrong with slots that a model cannot find, since it tags whole words.

    Returns:
        One message for each slot that begins or ends inside a word, or has no word at all. Where words begin and end is
        said by `words.cuts_word`.
    """
    text, messages = example.text, []
    for slot in example.slots or ():
        for start, end in slot.spans:
            words = text[start:end]
            if not words.strip():
                messages.append(
                    f"the slot {slot.name!r} has no word at {start} to {end}: {text[:80]!r}"
                )
            elif cuts_word(text, start) or cuts_word(text, end):
                messages.append(
                    f"the slot {slot.name!r} is {words!r} and cuts a word at {start} to {end}: {text[:80]!r}"
                )
    return messages


@dataclasses.dataclass(frozen=True)
class AlignmentReport:
    """How many rows of a corpus have their slots found in the utterance.

    Attributes:
        rows: All rows.
        aligned: Rows with `slots`.
        discontinuous: Aligned rows with a slot of more than one span.
        failures: `(source, problem)` of every row without `slots`.
        cuts: `(source, message)` of every row with a slot that no model can find, see `cut_words`.
    """

    rows: int
    aligned: int
    discontinuous: int
    failures: tuple[tuple[str, str], ...]
    cuts: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        share = 100.0 * self.aligned / self.rows if self.rows else 0.0
        holes = 100.0 * self.discontinuous / self.rows if self.rows else 0.0
        return (
            f"{self.rows} rows: {self.aligned} aligned ({share:.2f} %), "
            f"{self.discontinuous} with a discontinuous slot ({holes:.2f} %), "
            f"{len(self.failures)} not aligned"
            + (f", {len(self.cuts)} with a slot that cuts a word" if self.cuts else "")
        )


def alignment_report(examples: Iterable[Example]) -> AlignmentReport:
    """Counts the rows whose slots were found in the utterance and lists those that were not."""
    counts: Counter[str] = Counter()
    failures = []
    cuts = []
    for example in examples:
        counts["rows"] += 1
        if example.slots is None:
            failures.append((example.source, example.problem or ""))
            continue
        counts["aligned"] += 1
        cuts += [(example.source, message) for message in cut_words(example)[:1]]
        counts["discontinuous"] += any(len(slot.spans) > 1 for slot in example.slots)
    return AlignmentReport(
        counts["rows"],
        counts["aligned"],
        counts["discontinuous"],
        tuple(failures),
        tuple(cuts),
    )
