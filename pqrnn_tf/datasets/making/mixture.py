"""Rows of several corpora and languages, and of templates, for one training."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Callable, Sequence

from pqrnn_tf.datasets.folding import folded
from pqrnn_tf.datasets.formats.found import Problem, language_of
from pqrnn_tf.datasets.formats.split_files import contents
from pqrnn_tf.datasets.making.augmentation import SlotValues
from pqrnn_tf.datasets.making.templates import (
    Template,
    expand_templates,
    read_templates,
    values_of_rows,
)
from pqrnn_tf.datasets.reading import Paths, Source, read_rows, training_and_development
from pqrnn_tf.datasets.rows import DataError, Example

_TEMPLATE_FILE = re.compile(r"[a-z]{2}(_.*)?\.tsv")


@dataclasses.dataclass(frozen=True)
class Mixture:
    """What `load_mixture` read.

    Attributes:
        training: Training rows, those from templates last.
        development: Development rows.
        from_templates: How many training rows come from templates.
        left_out: How many training rows were left out, because a development row has their text.
        similar: How many training rows come from corpora with similar labels.
        sources: What the paths of `data` held.
        problems: Bad rows that were left out.
        notes: What there is to say about the data, first where the development rows come from.
    """

    training: list[Example]
    development: list[Example]
    from_templates: int = 0
    left_out: int = 0
    similar: int = 0
    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{len(self.training)} training rows"]
        for count, what in (
            (self.from_templates, "from templates"),
            (self.similar, "of corpora with similar labels"),
        ):
            if count:
                parts.append(f"{count} of them {what}")
        said = f"{', '.join(parts)}; {len(self.development)} development rows"
        if self.left_out:
            said += f"; {self.left_out} training rows with a development text left out"
        return said

    def part(self, places: Sequence[int]) -> Mixture:
        """The same with some of the training rows, by their places in order."""
        first_made = len(self.training) - self.from_templates
        first_similar = first_made - self.similar
        return dataclasses.replace(
            self,
            training=[self.training[place] for place in places],
            from_templates=sum(place >= first_made for place in places),
            similar=sum(first_similar <= place < first_made for place in places),
        )


def load_mixture(
    data: Paths,
    *,
    languages: str | Sequence[str] | None = None,
    development: Paths = (),
    templates: Paths = (),
    template_rows: int = 3000,
    similar: Paths = (),
    repeat: int = 1,
    seed: int = 0,
    skip_bad_rows: bool = False,
) -> Mixture:
    """Reads the rows of a training.

    Args:
        data: Files and folders for `read_rows`, whose training rows are taken; a folder may name languages:
            `mtop:de,fr`.
        languages: Languages of the paths that name none, see `read_rows`.
        development: Files and folders whose development rows are taken, or all their rows where none are named so;
            training rows with the text of one of them, but for case, white space and punctuation, are left out. Where
            there are none, `training_and_development` says which rows of `data` they are, and nothing is left out.
        templates: Files for `read_templates`, each named after its language (`de.tsv`, `de_more.tsv`), or folders of
            such files. Slots without values of their own take those of the training rows of the language.
        template_rows: Rows to make from each file.
        similar: Data with similar labels, with languages as in `data`. Of their training rows those are
            taken that add no label (see `adds_no_label`) and have the text of no development row.
        repeat: How often each row of `data` is in `training`; those of `similar` are there once.
        seed: Seed of what is drawn.
        skip_bad_rows: Whether rows that cannot be read are left out and counted, see `read_rows`.

    Raises:
        DataError: If a folder, a file or a row cannot be read, a file of templates has another name, or a template
            an intent or a slot that no row of `data` has.
        ValueError: If `languages`, `template_rows` or `repeat` are not valid.
    """
    if repeat < 1:
        raise ValueError(f"`repeat` must be at least 1. Received: {repeat}.")
    rows = read_rows(data, languages=languages, skip_bad_rows=skip_bad_rows)
    training, held_out, note = training_and_development(rows)
    read = [rows]
    if development:
        training = rows.splits["train"]
        named = read_rows(development, languages=languages, skip_bad_rows=skip_bad_rows)
        held_out = named.splits.get("dev", named.all)
        note = f"{len(held_out)} development rows that were named"
        read.append(named)
    held_out_texts = {folded(example.text) for example in held_out}
    texts = held_out_texts if development else set()
    kept = [example for example in training if folded(example.text) not in texts]
    intents = {example.intent for example in training}
    slots = {slot.name for example in training for slot in example.slots or ()}
    made: list[Example] = []
    for path in _template_files(templates):
        language = path.stem.split("_")[0]
        listed = read_templates(path)
        _check_names(listed, intents, slots)
        of_language = [
            dataclasses.replace(row, locale=language)
            for row in kept
            if language_of(row.locale) in ("", language)
        ]
        values = values_of_rows(SlotValues(of_language), language)
        made += [
            example
            for example in expand_templates(
                listed, template_rows, language=language, values=values, seed=seed
            )
            if folded(example.text) not in texts
        ]
    added: list[Example] = []
    if similar:
        others = read_rows(similar, split="train", languages=languages, skip_bad_rows=skip_bad_rows)
        read.append(others)
        fitting = adds_no_label(kept)
        added = [
            row
            for row in others.splits["train"]
            if folded(row.text) not in held_out_texts and fitting(row)
        ]
    return Mixture(
        [*kept * repeat, *added, *made],
        held_out,
        from_templates=len(made),
        left_out=len(training) - len(kept),
        similar=len(added),
        sources=rows.sources,
        problems=tuple(problem for part in read for problem in part.problems),
        notes=(note, *(note for part in read for note in part.notes)),
    )


def adds_no_label(rows: Sequence[Example]) -> Callable[[Example], bool]:
    """A function that says whether a row has only labels that some rows have.

    A row adds a label if its intent is new, or new with one of its slots, or a slot is new that has a gap. A row
    whose slots could not be found in its text is taken for one that adds. What is nested in a slot does not count.

    Args:
        rows: The rows.
    """
    known: set[tuple[str, ...]] = set()
    for row in rows:
        known |= _labels(row)
    return lambda row: row.slots is not None and _labels(row) <= known


def _labels(row: Example) -> set[tuple[str, ...]]:
    slots = row.slots or ()
    return {
        (row.intent,),
        *((row.intent, slot.name) for slot in slots),
        *(("", slot.name, "gap") for slot in slots if len(slot.spans) > 1),
    }


def _template_files(paths: Paths) -> list[pathlib.Path]:
    files = []
    listed = [paths] if isinstance(paths, str | os.PathLike) else paths
    for path in map(pathlib.Path, listed):
        found = sorted(path.glob("*.tsv")) if path.is_dir() else [path]
        if not found:
            raise DataError(
                f"{path} must hold files of templates, LANGUAGE.tsv. The folder holds: {contents(path)}."
            )
        files += found
    for file in files:
        if not _TEMPLATE_FILE.fullmatch(file.name):
            raise DataError(
                f"{file}: a file of templates must be named after its language, such as de.tsv or "
                "de_more.tsv."
            )
    return files


def _check_names(templates: Sequence[Template], intents: set[str], slots: set[str]) -> None:
    """Raises `DataError` for a name that no row has: most likely it is misspelt."""
    for template in templates:
        if template.intent not in intents:
            raise DataError(
                f"{template.source}: no training row has the intent {template.intent!r}."
            )
        for slot in template.slots():
            wanted = {slot.name} if slot.values else {slot.name, slot.list_name}
            for name in sorted(wanted - slots):
                raise DataError(
                    f"{template.source}: no training row has the slot {name!r}, and the file has no list {{{name}}}."
                )
