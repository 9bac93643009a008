"""What is in some data, and what is wrong with it, for the people who wrote them.

inspection = inspect_rows(read_rows("phrases.yaml"))
inspection.to_text()     # a report: what to mend, what to look at, counts of each intent and slot
inspection.to_dict()     # the same for programs
"""

from __future__ import annotations

import dataclasses
import functools
import textwrap
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pqrnn_tf.datasets.folding import folded
from pqrnn_tf.datasets.formats.found import language_of
from pqrnn_tf.datasets.making.unspaced import without_spaces
from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example, SlotSpan
from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.runtime.spec import ProjectionSpec

FEW_ROWS = 5
"""An intent or a slot with fewer training rows is called small."""

FLOOD_ROWS, FLOOD_SHARE = 10, 0.25
"""One sentence with other values floods an intent from so many texts and such a share of its texts on."""

_SHOWN = 5
_HEADINGS = {"error": "To mend", "warning": "To look at", "note": "To know"}


class RowsLike(Protocol):
    """What `inspect_rows` needs to know of rows that were read, such as `read_rows` returns."""

    @property
    def splits(self) -> Mapping[str, Sequence[Example]]:
        """The rows of `"train"`, `"dev"`, `"test"`."""

    @property
    def problems(self) -> Sequence[object]:
        """Rows that could not be read; as texts they start with `file:line`."""

    @property
    def notes(self) -> Sequence[str]:
        """What the readers say."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something about some rows that their author may want to know.

    Attributes:
        severity: `"error"` for what spoils training or scores, `"warning"` for what may, `"note"` for the rest.
        kind: What it is, in a few fixed words, such as `"text with two intents"`.
        message: One sentence.
        places: Where, each a text that starts with `file:line` where the rows have one.
    """

    severity: str
    kind: str
    message: str
    places: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SlotCount:
    """What the rows have of one slot.

    Attributes:
        rows: How many rows of each split have it.
        values: How many different values it has in the training rows, but for case and punctuation.
        once: How many of these values only one training row has.
    """

    rows: dict[str, int]
    values: int
    once: int


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What `inspect_rows` found.

    Attributes:
        rows: How many rows each split has.
        intents: For each intent, how many rows of each split have it; the most frequent first.
        slots: For each slot its counts; the most frequent first.
        languages: How many rows each language or locale has; `""` where it is not known.
        scripts: How many rows have letters of each script, such as `"latin"`.
        findings: What was found, the gravest first.
    """

    rows: dict[str, int]
    intents: dict[str, dict[str, int]]
    slots: dict[str, SlotCount]
    languages: dict[str, int]
    scripts: dict[str, int]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            **dataclasses.asdict(self),
            "findings": [
                {**dataclasses.asdict(finding), "places": list(finding.places)}
                for finding in self.findings
            ],
        }

    def to_text(self, width: int = 100) -> str:
        """A report in plain language.

        Args:
            width: Length of a line at most; places with long names may be longer.
        """
        lines = _wrapped(self._summary(), "", width)
        for severity, heading in _HEADINGS.items():
            findings = [finding for finding in self.findings if finding.severity == severity]
            if findings:
                lines += ["", heading]
            for finding in findings:
                lines += _wrapped(finding.message, "  ", width)
                lines += [f"    {place}" for place in finding.places[:_SHOWN]]
                if len(finding.places) > _SHOWN:
                    lines.append(f"    and {len(finding.places) - _SHOWN:,} more")
        splits = list(self.rows)
        if self.intents:
            table = [(name or '""', *_counts(rows, splits)) for name, rows in self.intents.items()]
            lines += ["", *_table(("Intent", *splits), table)]
        if self.slots:
            table = [
                (name or '""', *_counts(slot.rows, splits), f"{slot.values:,}", f"{slot.once:,}")
                for name, slot in self.slots.items()
            ]
            lines += ["", *_table(("Slot", *splits, "values", "seen once"), table)]
        return "\n".join(lines) + "\n"

    def _summary(self) -> str:
        splits = ", ".join(f"{count:,} {split}" for split, count in self.rows.items())
        languages = ", ".join(f"{name or 'unknown'} {n:,}" for name, n in self.languages.items())
        scripts = ", ".join(f"{name} {count:,}" for name, count in self.scripts.items())
        return (
            f"{sum(self.rows.values()):,} rows ({splits or 'none'}), {len(self.intents):,} intents, "
            f"{len(self.slots):,} slots. Languages: {languages or 'none'}. Scripts: {scripts or 'none'}."
        )


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent + "  ")


def _counts(rows: Mapping[str, int], splits: Iterable[str]) -> list[str]:
    return [f"{rows.get(split, 0):,}" for split in splits]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in (head, *rows)
    ]


@dataclasses.dataclass(frozen=True)
class _Row:
    split: str
    example: Example
    place: str
    key: str
    language: str


def inspect_rows(rows: RowsLike) -> Inspection:
    """Looks at rows for what their author may want to mend before training.

    It finds bad rows, slots that were not found or cut words, contradicting labels, labels that differ only in
    spelling, intents and slots with few rows or none to train on, rows on both sides of a split, one sentence that
    floods an intent, values seen once, spaces that people do not write, scripts that do not fit the language,
    invisible characters and texts that are too long.

    Args:
        rows: What `read_rows` returned, read with `skip_bad_rows`.
    """
    every = [
        _Row(
            split,
            example,
            example.source or f"{split} row {number}",
            folded(example.text),
            language_of(example.locale),
        )
        for split, examples in rows.splits.items()
        for number, example in enumerate(examples, start=1)
    ]
    training = [row for row in every if row.split == "train"]
    held_out = [row for row in every if row.split != "train"]
    slots = _slot_counts(every)
    findings = [
        *_bad_rows(rows),
        *_lost_slots(every),
        *_contradictions(every),
        *_odd_labels(every),
        *_unknown_labels(training, held_out),
        *_small_labels(training, held_out),
        *_cut_words(every),
        *_leaks(training, held_out),
        *_floods(training),
        *_foreign_scripts(every),
        *_characters(every),
        *_repeats(training),
        *_values_seen_once(training),
        *_spaces_of_corpora(training),
        *(Finding("note", "said by the reader", note) for note in rows.notes),
    ]
    order = list(_HEADINGS)
    return Inspection(
        {split: len(examples) for split, examples in rows.splits.items()},
        _by_frequency((row.example.intent, row.split) for row in every),
        slots,
        dict(Counter(row.example.locale for row in every).most_common()),
        dict(Counter(s for row in every for s in _scripts(row.example.text)).most_common()),
        tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
    )


def _by_frequency(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, split in pairs:
        counts[name][split] += 1
    names = sorted(counts, key=lambda name: (-counts[name].total(), name))
    return {name: dict(counts[name]) for name in names}


def _slots(row: _Row) -> tuple[SlotSpan, ...]:
    return row.example.slots or ()


def _slot_counts(rows: Sequence[_Row]) -> dict[str, SlotCount]:
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for slot in _slots(row) if row.split == "train" else ():
            values[slot.name][folded(slot.text(row.example.text))] += 1
    counts = _by_frequency(
        (name, row.split) for row in rows for name in {s.name for s in _slots(row)}
    )
    return {
        name: SlotCount(
            of_split, len(values[name]), sum(count == 1 for count in values[name].values())
        )
        for name, of_split in counts.items()
    }


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _bad_rows(rows: RowsLike) -> Iterator[Finding]:
    if rows.problems:
        yield Finding(
            "error",
            "row that cannot be read",
            f"{_plural(len(rows.problems), 'row')} cannot be read.",
            tuple(map(str, rows.problems)),
        )


def _lost_slots(rows: Sequence[_Row]) -> Iterator[Finding]:
    lost = [row for row in rows if row.example.slots is None]
    if lost:
        yield Finding(
            "error",
            "slots that are not in the text",
            f"{_plural(len(lost), 'row')} with slots that could not be found in the text: they do not train slots and "
            "count as wrong.",
            tuple(f"{row.place}: {row.example.problem}" for row in lost),
        )


def _contradictions(rows: Sequence[_Row]) -> Iterator[Finding]:
    exact: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    alike: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        exact[row.language, row.example.text].append(row)
        alike[row.language, row.key].append(row)
    intents, other_slots, folded_intents = [], [], []
    for group in exact.values():
        if len(group) == 1:
            continue
        if len({row.example.intent for row in group}) > 1:
            intents.append(_said(group))
        elif (
            len({frozenset(slots) for row in group if (slots := row.example.slots) is not None}) > 1
        ):
            other_slots.append(_said(group, slots=True))
    for group in alike.values():
        if len({row.example.text for row in group}) > 1:
            of_text: dict[str, set[str]] = defaultdict(set)
            for row in group:
                of_text[row.example.text].add(row.example.intent)
            if len({frozenset(labels) for labels in of_text.values()}) > 1:
                folded_intents.append(_said(group))
    if intents:
        yield Finding(
            "error",
            "text with two intents",
            f"{_plural(len(intents), 'text')} with more than one intent: no model can learn both.",
            tuple(intents),
        )
    if other_slots:
        yield Finding(
            "error",
            "text with two sets of slots",
            f"{_plural(len(other_slots), 'text')} with more than one set of slots.",
            tuple(other_slots),
        )
    if folded_intents:
        yield Finding(
            "warning",
            "almost the same text with two intents",
            f"{_plural(len(folded_intents), 'text')} with more than one intent where only case, spaces and punctuation "
            "differ.",
            tuple(folded_intents),
        )


def _said(group: Sequence[_Row], *, slots: bool = False) -> str:
    """A text and each of its labels, with the first place that has it."""
    first: dict[str, str] = {}
    for row in group:
        label = row.example.intent
        if slots:
            names = (f"{s.name} {s.text(row.example.text)!r}" for s in _slots(row))
            label = ", ".join(names) or "no slots"
        first.setdefault(label, row.place)
    labels = "; ".join(f"{label} ({place})" for label, place in list(first.items())[1:])
    label, place = next(iter(first.items()))
    return f"{place}: {group[0].example.text!r} is {label}; {labels}"


def _odd_labels(rows: Sequence[_Row]) -> Iterator[Finding]:
    for kind, first in (
        ("intent", _first_places((row.example.intent, row) for row in rows)),
        ("slot", _first_places((slot.name, row) for row in rows for slot in _slots(row))),
    ):
        odd = [
            f"{row.place}: {name!r}"
            for name, row in first.items()
            if name != name.strip() or not name or not name.isprintable()
        ]
        if odd:
            yield Finding(
                "error",
                f"odd name of {'an intent' if kind == 'intent' else 'a slot'}",
                f"{_plural(len(odd), kind)} whose name is empty, or has white space around it or invisible "
                "characters in it.",
                tuple(odd),
            )
        variants: dict[str, list[str]] = defaultdict(list)
        for name in first:
            variants[folded(name)].append(name)
        places = tuple(
            f"{first[names[0]].place}: {names[0]!r}; "
            + "; ".join(f"{name!r} ({first[name].place})" for name in names[1:])
            for names in variants.values()
            if len(names) > 1
        )
        if places:
            yield Finding(
                "error",
                f"{kind} spelt in two ways",
                f"{_plural(len(places), kind)} spelt in more than one way: each spelling is trained as a label of "
                "its own.",
                places,
            )


def _first_places(pairs: Iterable[tuple[str, _Row]]) -> dict[str, _Row]:
    first: dict[str, _Row] = {}
    for name, row in pairs:
        first.setdefault(name, row)
    return first


def _unknown_labels(training: Sequence[_Row], held_out: Sequence[_Row]) -> Iterator[Finding]:
    if not training:
        return
    for kind, known, first in (
        (
            "intent",
            {row.example.intent for row in training} | {OUT_OF_SCOPE},
            _first_places((row.example.intent, row) for row in held_out),
        ),
        (
            "slot",
            {slot.name for row in training for slot in _slots(row)},
            _first_places((slot.name, row) for row in held_out for slot in _slots(row)),
        ),
    ):
        new = {name: row for name, row in first.items() if name not in known}
        if new:
            yield Finding(
                "error",
                f"{kind} without training rows",
                f"{_plural(len(new), kind)} of development or test rows without training rows: always wrong.",
                tuple(f"{row.place}: {name}" for name, row in new.items()),
            )


def _small_labels(training: Sequence[_Row], held_out: Sequence[_Row]) -> Iterator[Finding]:
    for kind, pairs in (
        ("intent", [(row.example.intent, row) for row in training]),
        ("slot", [(n, row) for row in training for n in sorted({s.name for s in _slots(row)})]),
    ):
        counts = Counter(name for name, _ in pairs)
        first = _first_places(pairs)
        small = sorted((count, name) for name, count in counts.items() if count < FEW_ROWS)
        if small:
            yield Finding(
                "warning",
                f"small {kind}",
                f"{_plural(len(small), kind)} with fewer than {FEW_ROWS} training rows. Write more, or merge "
                f"{'it' if len(small) == 1 else 'them'} with another.",
                tuple(f"{first[n].place}: {n} has {_plural(count, 'row')}" for count, n in small),
            )
    if not held_out and (
        single := sum(n == 1 for n in Counter(r.example.intent for r in training).values())
    ):
        yield Finding(
            "note",
            "intent that cannot be held out",
            f"{_plural(single, 'intent')} with one row: none of it can be held out, so that no score counts it.",
        )


def _cut_words(rows: Sequence[_Row]) -> Iterator[Finding]:
    places = []
    for row in rows:
        text = row.example.text
        for slot in _slots(row):
            if any(cuts_word(text, at) for span in slot.spans for at in span):
                places.append(f"{row.place}: {slot.name} {slot.text(text)!r} in {text!r}")
    if places:
        yield Finding(
            "error",
            "slot inside a word",
            f"{_plural(len(places), 'slot')} with an end inside a word. Slots are whole words: such a slot is "
            "never right.",
            tuple(places),
        )


def _leaks(training: Sequence[_Row], held_out: Sequence[_Row]) -> Iterator[Finding]:
    texts = _first_places((row.key, row) for row in training)
    templates = {row.example.template: row for row in training if row.example.template}
    for split in dict.fromkeys(row.split for row in held_out):
        of_split = [row for row in held_out if row.split == split]
        same = [row for row in of_split if row.key in texts]
        if same:
            yield Finding(
                "warning",
                "training text that is held out",
                f"{len(same):,} of {_plural(len(of_split), f'{split} row')} with the text of a training row, but for "
                "case, spaces and punctuation: scores look better than they are.",
                tuple(
                    f"{row.place}: {row.example.text!r} ({texts[row.key].place})" for row in same
                ),
            )
        shared = [row for row in of_split if row.example.template in templates]
        if shared:
            yield Finding(
                "warning",
                "template on both sides",
                f"{len(shared):,} of {_plural(len(of_split), f'{split} row')} made from a template that training rows "
                "are made from as well: scores look better than they are.",
                tuple(dict.fromkeys(f"{row.place}: {row.example.text!r}" for row in shared)),
            )


def _floods(training: Sequence[_Row]) -> Iterator[Finding]:
    groups: dict[tuple[str, str], dict[str, dict[str, _Row]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for row in training:
        pattern = _without_values(row.example)
        groups[row.language, row.example.intent][pattern].setdefault(row.key, row)
    flooding = []
    for (_, intent), patterns in groups.items():
        texts = sum(map(len, patterns.values()))
        for pattern, rows in patterns.items():
            if len(rows) >= FLOOD_ROWS and len(rows) >= FLOOD_SHARE * texts:
                first = next(iter(rows.values()))
                flooding.append(
                    (
                        len(rows),
                        f"{first.place}: {len(rows):,} of {texts:,} texts of {intent}: {pattern!r}",
                    )
                )
    if flooding:
        flooding.sort(key=lambda entry: -entry[0])
        yield Finding(
            "warning",
            "one sentence with other values",
            f"{_plural(len(flooding), 'sentence')} with other values in the slots make a large part of an intent: the "
            "rows are fewer than they look. Write other sentences.",
            tuple(place for _, place in flooding),
        )


def _without_values(example: Example) -> str:
    """The folded text with `{slot}` in the place of each value; only the folded text where there is no slot."""
    parts = []
    at = 0
    spans = sorted(
        (start, end, slot.name) for slot in example.slots or () for start, end in slot.spans
    )
    for start, end, name in spans:
        parts += [example.text[at:start], f"{{{name}}}"]
        at = end
    return " ".join("".join([*parts, example.text[at:]]).casefold().split())


@functools.cache
def _script(character: str) -> str:
    """The script of a letter, in lower case, such as `"latin"`; empty for anything else."""
    if unicodedata.category(character)[0] != "L":
        return ""
    name = unicodedata.name(character, "").split(" ")[0].lower()
    return {"hiragana": "kana", "katakana": "kana", "fullwidth": "latin", "halfwidth": "kana"}.get(
        name, name
    )


@functools.lru_cache(maxsize=1 << 18)
def _scripts(text: str) -> frozenset[str]:
    """The scripts of a text."""
    return frozenset(map(_script, set(text))) - {"", "modifier", "feminine", "masculine"}


def _foreign_scripts(rows: Sequence[_Row]) -> Iterator[Finding]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row.language] += 1
        counts[row.language].update(_scripts(row.example.text))
    # A script is at home in a language where a twentieth of the rows has it; borrowed words in Latin are everywhere.
    home = {
        language: {script for script, n in counts[language].items() if 20 * n >= sizes[language]}
        for language in counts
    }
    foreign = []
    mixed = []
    for row in rows:
        found = _scripts(row.example.text)
        if found - home[row.language] - {"latin"} and row.language:
            foreign.append(f"{row.place}: {row.language} {row.example.text!r}")
        if len(found) > 1 and (word := _mixed_word(row.example.text)):
            mixed.append(f"{row.place}: {word!r} in {row.example.text!r}")
    if foreign:
        yield Finding(
            "warning",
            "script that the language does not have",
            f"{_plural(len(foreign), 'row')} with letters of a script that fewer than one in twenty rows of the "
            "language has.",
            tuple(foreign),
        )
    if mixed:
        yield Finding(
            "warning",
            "word in two scripts",
            f"{_plural(len(mixed), 'row')} with a word of Latin and of Greek or Cyrillic letters, which look alike and "
            "are not.",
            tuple(mixed),
        )


def _mixed_word(text: str) -> str:
    return next(
        (
            word
            for word in text.split()
            if "latin" in (found := _scripts(word)) and found & {"cyrillic", "greek"}
        ),
        "",
    )


def _characters(rows: Sequence[_Row]) -> Iterator[Finding]:
    longest = ProjectionSpec().max_code_points
    long = [row for row in rows if len(row.example.text) > longest]
    if long:
        yield Finding(
            "warning",
            "text that is too long",
            f"{_plural(len(long), 'row')} with more than {longest} characters: a model with the default settings sees "
            "the first ones only.",
            tuple(f"{row.place}: {len(row.example.text):,} characters" for row in long),
        )
    invisible = [
        f"{row.place}: {', '.join(f'U+{ord(c):04X}' for c in found)} in {row.example.text!r}"
        for row in rows
        if not row.example.text.isprintable() and (found := _invisible(row.example.text))
    ]
    if invisible:
        yield Finding(
            "note",
            "invisible characters",
            f"{_plural(len(invisible), 'row')} with invisible characters.",
            tuple(invisible),
        )


def _invisible(text: str) -> list[str]:
    """Control and format characters, but for joiners that some scripts and emoji need."""
    kinds = ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")
    return sorted({c for c in text if c not in "\u200c\u200d" and unicodedata.category(c) in kinds})


def _repeats(training: Sequence[_Row]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, object], str] = {}
    places = []
    for row in training:
        key = (row.example.text, row.example.intent, (row.language, row.example.slots))
        if key in seen:
            places.append(f"{row.place}: {row.example.text!r} ({seen[key]})")
        else:
            seen[key] = row.place
    if places:
        yield Finding(
            "note",
            "repeated row",
            f"{_plural(len(places), 'training row')} with the text and the labels of an earlier one.",
            tuple(places),
        )


def _values_seen_once(training: Sequence[_Row]) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for row in training:
        for slot in _slots(row):
            text = slot.text(row.example.text)
            key = (slot.name, folded(text))
            counts[key] += 1
            first.setdefault(key, f"{row.place}: {slot.name} {text!r}")
    once = [key for key, count in counts.items() if count == 1]
    if once:
        yield Finding(
            "note",
            "value seen once",
            f"{len(once):,} of {_plural(len(counts), 'value')} of slots stand in only one training row.",
            tuple(first[key] for key in once),
        )


def _spaces_of_corpora(training: Sequence[_Row]) -> Iterator[Finding]:
    by_language: dict[str, list[_Row]] = defaultdict(list)
    for row in training:
        by_language[row.language].append(row)
    places = []
    for rows in by_language.values():
        spaced = [row for row in rows if without_spaces([row.example])]
        if 2 * len(spaced) > len(rows):
            places += [f"{row.place}: {row.example.text!r}" for row in spaced]
    if places:
        yield Finding(
            "note",
            "spaces that people do not write",
            f"{_plural(len(places), 'training row')} with spaces between words of a script that is written without. "
            "Train on both forms: --set unspaced=0.5 (docs/training.md).",
            tuple(places),
        )
