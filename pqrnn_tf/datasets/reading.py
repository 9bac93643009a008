"""One door to all data: files and folders are recognised by what they hold, and read once.

Of a folder, everything in it and below it is looked at. What is recognised is read; what is not, such as a licence or
the `domain.yml` beside a bot's `nlu.yml`, is left out, and a note says so. The names of files and folders say the split
(`train.csv`, `dev/nlu.yml`, `en_test.tsv`) and the language (`de_train.tsv`, `en/`), where the rows do not.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence

from pqrnn_tf.datasets.corpora.registry import Corpus, corpora_of_rows, model_licence
from pqrnn_tf.datasets.formats.found import (
    FileFormat,
    Findings,
    FolderFormat,
    Problem,
    Sample,
    language_of,
    raise_problems,
    sample_of,
)
from pqrnn_tf.datasets.formats.split_files import (
    SPLITS,
    check_split,
    contents,
    language_of_name,
    split_of_file,
    split_of_folder,
)
from pqrnn_tf.datasets.formats.template_rows import report_error
from pqrnn_tf.datasets.held_out import hold_out
from pqrnn_tf.datasets.recognition import FOLDERS, FORMATS, format_of
from pqrnn_tf.datasets.rows import DataError, Example, cut_words

ALL_LANGUAGES = "all"
"""In place of languages: those that the data have."""

_LISTED_LANGUAGES = re.compile(r"all|[a-z]{2}(,[a-z]{2})*", re.IGNORECASE)
_SKIPPED_FOLDERS = frozenset({"__MACOSX", "__pycache__", "node_modules", "venv"})
_DEEPEST = 8
_LISTED = 10
_MEND = "Mend these rows, or leave them out and have them counted: skip_bad_rows=True (--skip_bad_rows)."

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclasses.dataclass(frozen=True)
class Source:
    """What one of the paths held in one format.

    Attributes:
        path: The file or folder as it was named, without languages.
        format: Name of the format.
        counts: How many rows of each split were read.
        languages: Languages or locales of the rows, where they are known.
        corpora: The published corpora whose rows they are; none for any others.
    """

    path: str
    format: str
    counts: Mapping[str, int]
    languages: tuple[str, ...] = ()
    corpora: tuple[Corpus, ...] = ()

    def __str__(self) -> str:
        counts = ", ".join(f"{split} {count}" for split, count in self.counts.items()) or "no rows"
        name = ", ".join(corpus.name for corpus in self.corpora) or self.format
        languages = f" ({' '.join(self.languages)})" if self.languages else ""
        return f"{self.path}: {name}{languages}: {counts}"


@dataclasses.dataclass(frozen=True)
class Rows:
    """What `read_rows` read.

    Attributes:
        splits: The rows of `"train"`, `"dev"` and `"test"`, as far as there are any. Rows are training rows where
            nothing says their split.
        sources: Where they come from.
        problems: Bad rows that were left out.
        notes: What people should know: what was not read, and rows that no model can get right.
    """

    splits: Mapping[str, list[Example]]
    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> list[Example]:
        """The rows of all splits."""
        return [row for rows in self.splits.values() for row in rows]

    @property
    def licence(self) -> str:
        """The note on terms for a model that is trained on the rows; empty where no published corpus is among them."""
        corpora = [corpus for source in self.sources for corpus in source.corpora]
        return model_licence(corpora) if corpora else ""

    def by_language(self, split: str) -> dict[str, list[Example]]:
        """The rows of a split by language; `""` where it is not known."""
        return rows_by_language(self.splits.get(split, ()))


def rows_by_language(rows: Sequence[Example]) -> dict[str, list[Example]]:
    """Rows by the language of their locale, in the order in which the languages come; `""` where it is not known."""
    found: dict[str, list[Example]] = {}
    for row in rows:
        found.setdefault(language_of(row.locale), []).append(row)
    return found


@dataclasses.dataclass(frozen=True)
class _Unit:
    """A file or folder of one format."""

    path: pathlib.Path
    format: FileFormat | FolderFormat
    split: str
    language: str


@dataclasses.dataclass(frozen=True)
class _Read:
    """What a unit held."""

    unit: _Unit
    found: Findings


def read_rows(
    data: Paths,
    *,
    split: str | None = None,
    languages: str | Sequence[str] | None = None,
    skip_bad_rows: bool = False,
) -> Rows:
    """Reads rows from files and folders, whatever their format.

    Args:
        data: A file or folder, or several, mixed. A folder may name its languages behind a colon: `mtop:de,fr`.
        split: Read only `"train"`, `"dev"` or `"test"`; `None` for all.
        languages: Languages of the paths that name none: `"de"`, `"de,fr"` or `("de", "fr")`; `None` or `"all"` for
            all that the data have. Rows whose language is not known are always read.
        skip_bad_rows: Whether rows that cannot be read are left out, and are `problems` of the result.

    Returns:
        The rows by split, and what there is to say about them.

    Raises:
        DataError: If a path is missing or holds no rows of a known format, a split or language is not there, or rows
            cannot be read and `skip_bad_rows` is false; then the message lists them with file and line.
        ValueError: If `split` or `languages` are not valid.

    Example:
        >>> rows = read_rows("phrases.csv")  # doctest: +SKIP
        >>> rows.splits["train"][0].intent  # doctest: +SKIP
        'set_alarm'
    """
    if split is not None:
        check_split(split)
    paths = [data] if isinstance(data, str | os.PathLike) else list(data)
    if not paths:
        raise DataError("`data` names no file. Name at least one file or folder with rows.")
    check_paths(paths)
    default = _language_names(languages)
    splits: dict[str, list[Example]] = {}
    sources: list[Source] = []
    problems: list[Problem] = []
    notes: list[str] = []
    gathered: list[tuple[pathlib.Path, list[_Read], tuple[str, ...] | None]] = []
    for given in paths:
        path, named = _path_and_languages(given)
        asked = default if named is None else _language_names(named)
        units, ignored = _recognised(path)
        reads = [
            _read(unit, asked)
            for unit in units
            if (split is None or unit.split in ("", split))
            and (asked is None or not unit.language or unit.language in asked)
        ]
        notes += ignored
        problems += [problem for read in reads for problem in read.found.problems]
        notes += [note for read in reads for note in read.found.notes]
        if asked is not None:
            _check_languages(path, asked, units, *_sources(path, reads, asked))
        gathered.append((path, reads, asked))
    problems = list(dict.fromkeys(problems))
    notes += _without_copies([read for _, reads, _ in gathered for read in reads])
    for path, reads, asked in gathered:
        own, rows = _sources(path, reads, asked)
        sources += own
        for name, part in rows.items():
            if split in (None, name):
                splits.setdefault(name, []).extend(part)
    if not skip_bad_rows:
        raise_problems(problems, mend=_MEND)
    listed = ", ".join(str(os.fspath(path)) for path in paths)
    if split is not None and split not in splits:
        held = ", ".join(name for source in sources for name in source.counts) or "no rows"
        raise DataError(f"no split {split!r} in {listed}. Found: {held}.")
    if not splits:
        raise DataError(f"no rows in {listed}.{_reasons(problems, sources)}")
    ordered = {name: splits[name] for name in SPLITS if name in splits}
    notes += _language_notes(ordered)
    notes += _cut_notes(ordered)
    return Rows(ordered, tuple(sources), tuple(problems), tuple(dict.fromkeys(notes)))


def check_paths(data: Paths) -> None:
    """Checks that files and folders are there, so that a long start is not for nothing.

    Args:
        data: What `read_rows` is to read.

    Raises:
        DataError: If one is missing.
    """
    for given in [data] if isinstance(data, str | os.PathLike) else data:
        path, _ = _path_and_languages(given)
        if not path.exists():
            raise DataError(
                f"{path} is missing. Name a file with rows, or a folder that holds such files."
            )


def _reasons(problems: Sequence[Problem], sources: Sequence[Source]) -> str:
    if not problems:
        names = ", ".join(dict.fromkeys(source.format for source in sources))
        return f" It has the form of {names}, but there is no row in it."
    return f" All {len(problems)} rows cannot be read; the first: {problems[0]}"


def _language_names(languages: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The languages that are asked for; `None` for all."""
    if languages is None:
        return None
    listed = languages if isinstance(languages, str) else ",".join(languages)
    if not _LISTED_LANGUAGES.fullmatch(listed):
        raise ValueError(
            "`languages` must be names of two letters with commas between them, or 'all'. "
            f"Received: {languages!r}."
        )
    listed = listed.lower()
    return None if listed == ALL_LANGUAGES else tuple(dict.fromkeys(listed.split(",")))


def _path_and_languages(given: str | os.PathLike[str]) -> tuple[pathlib.Path, str | None]:
    text = os.fspath(given)
    if not text:
        raise DataError(
            "the name of a file or folder is empty. Name it; the current folder is `.`."
        )
    head, colon, tail = text.rpartition(":")
    if head and colon and _LISTED_LANGUAGES.fullmatch(tail) and not os.path.exists(text):
        return pathlib.Path(head), tail
    return pathlib.Path(text), None


def _recognised(path: pathlib.Path) -> tuple[list[_Unit], list[str]]:
    """What a path holds, and notes about what was not recognised in a folder."""
    if not path.is_dir():
        known = format_of(sample := sample_of(path))
        if known is None or not known.labelled:
            raise DataError(f"{path} {_why_not(sample, known)}")
        folder = path.absolute().parent
        language = language_of_name(path) or language_of_name(folder)
        return [
            _Unit(path, known, split_of_file(path) or _split_among_splits(folder), language)
        ], []
    walk = _Walk()
    language = language_of_name(path.absolute())
    units = list(walk.units(path, split_of_folder(path.absolute()), language))
    if not units:
        listed = f" The folder holds: {contents(path)}."
        raise DataError(f"{path} must hold rows of a known format. {known_formats()}{listed}")
    if not walk.ignored:
        return units, []
    more = f" and {len(walk.ignored) - _LISTED} more" if len(walk.ignored) > _LISTED else ""
    return units, [
        f"{path}: not read, as no rows were recognised: {', '.join(walk.ignored[:_LISTED])}{more}"
    ]


def _split_among_splits(folder: pathlib.Path) -> str:
    """The split that the folder of a file says, where one beside it says another: a lone `test` may be anything."""
    split = split_of_folder(folder)
    if not split or not os.access(folder.parent, os.R_OK):
        return ""
    others = (split_of_folder(entry) for entry in folder.parent.iterdir() if entry.is_dir())
    return split if any(other not in ("", split) for other in others) else ""


def _why_not(sample: Sample, known: FileFormat | None) -> str:
    """Why a file that is named by itself is not read, and what to do."""
    folder = sample.path.parent
    may_list = os.access(folder, os.R_OK)
    whole = next(
        (whole for whole in FOLDERS if may_list and sample.path in whole.claims(folder)), None
    )
    if whole is not None:
        return f"is one of several files that are read together ({whole.name}). Name its folder: {folder}."
    reason = "holds texts without intents" if known else "has no format that is known"
    if sample.whole and not sample.head.strip():
        reason = "is empty"
    elif "\n" not in sample.head and "\r" in sample.head.strip():
        reason = "ends its lines with CR; save it with LF or CR LF"
    elif known is None and sample.path.suffix.lower() in (".csv", ".tsv"):
        reason += f"; its first line is {sample.lines()[0]!r:.100}"
    return f"{sample.trouble or reason}. {known_formats()}"


def known_formats() -> str:
    """A sentence that lists the formats of labelled rows."""
    files = [known.name for known in FORMATS if known.labelled]
    names = dict.fromkeys([*files, *(known.name for known in FOLDERS)])
    return f"Known formats: {', '.join(names)} (docs/data.md shows each). A table needs a header such as `text,intent`."


class _Walk:
    """A walk through a folder and the folders below it.

    Attributes:
        ignored: What is not read, for people.
    """

    def __init__(self) -> None:
        self.ignored: list[str] = []
        self._claimed: set[pathlib.Path] = set()
        self._entered: list[str] = []

    def units(self, folder: pathlib.Path, split: str, language: str) -> Iterator[_Unit]:
        """The units in the order of their names."""
        if trouble := self._trouble(folder):
            self.ignored.append(f"{folder.name}/ ({trouble})")
            return
        self._entered.append(os.path.realpath(folder))
        for known in FOLDERS:
            taken = set(known.claims(folder)) - self._claimed
            if taken:
                self._claimed |= taken
                yield _Unit(folder, known, split, language)
        for entry in sorted(folder.iterdir()):
            if os.path.isdir(entry):
                yield from self.units(
                    entry, split_of_folder(entry) or split, language_of_name(entry) or language
                )
            elif entry not in self._claimed:
                yield from self._file(entry, split, language)
        self._entered.pop()

    def _trouble(self, folder: pathlib.Path) -> str:
        """Why a folder is not entered; empty where it is."""
        if self._entered and (folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS):
            return "is not looked into"
        if len(self._entered) > _DEEPEST:
            return "lies too deep"
        if os.path.realpath(folder) in self._entered:
            return "leads to a folder above it"
        try:
            next(folder.iterdir(), None)
            os.stat(os.path.join(folder, os.curdir))  # its names may be open, and its files closed
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        return ""

    def _file(self, path: pathlib.Path, split: str, language: str) -> Iterator[_Unit]:
        sample = sample_of(path)
        known = None if path.name.startswith(".") else format_of(sample)
        if known is not None and known.labelled:
            yield _Unit(
                path, known, split_of_file(path) or split, language_of_name(path) or language
            )
        else:
            trouble = f" ({sample.trouble})" if sample.trouble else ""
            self.ignored.append(f"{path.name}{trouble}")


def _read(unit: _Unit, languages: tuple[str, ...] | None) -> _Read:
    found = Findings(split=unit.split or "train", language=unit.language, languages=languages)
    try:
        unit.format.read(unit.path, found)
    except DataError as error:
        report_error(error, unit.path, found)
    return _Read(unit, found)


_Key = tuple[object, ...]


def _keys(read: _Read, rows: Sequence[Example]) -> tuple[frozenset[_Key], frozenset[_Key]]:
    """What rows are compared by, and what may be a copy of them: the same, also of a language that is not known."""
    own = frozenset(
        (row.text, row.intent, row.slots, row.domain, row.locale or read.unit.language)
        for row in rows
    )
    return own, own | {(*key[:-1], "") for key in own}


def _without_copies(reads: Sequence[_Read]) -> list[str]:
    """Empties the units whose rows another unit has too, such as `train_10` beside `train`, or a file named twice."""
    notes = []
    keys = [{split: _keys(read, rows) for split, rows in read.found.rows.items()} for read in reads]
    for number, read in enumerate(reads):
        for split, (own, copies) in keys[number].items():
            for other in range(len(reads)):
                theirs, their_copies = keys[other].get(split, (frozenset(), frozenset()))
                if other == number or not own or not own <= their_copies:
                    continue
                if theirs <= copies and number < other:
                    continue
                path, beside = read.unit.path, reads[other].unit.path
                notes.append(
                    f"{path}: named twice, and read once"
                    if os.path.realpath(path) == os.path.realpath(beside)
                    else f"{path}: its {len(read.found.rows[split])} rows are all in {beside} too, and are not read "
                    "twice"
                )
                read.found.rows[split] = []
                keys[number][split] = frozenset(), frozenset()
                break
    return notes


def _sources(
    path: pathlib.Path, reads: Sequence[_Read], asked: tuple[str, ...] | None
) -> tuple[list[Source], dict[str, list[Example]]]:
    """The sources of a path, one a format, and its rows in the order of the languages."""
    by_format: dict[str, list[_Read]] = {}
    for read in reads:
        by_format.setdefault(read.unit.format.name, []).append(read)
    sources = []
    splits: dict[str, list[Example]] = {}
    for name, group in by_format.items():
        intents = {
            row.intent for read in group for rows in read.found.rows.values() for row in rows
        }
        corpora = corpora_of_rows(name, intents)
        known = tuple(dict.fromkeys(name for corpus in corpora for name in corpus.languages))
        order = asked or known
        own_language = known[0] if len(known) == 1 else ""
        counts: dict[str, int] = {}
        languages: dict[str, None] = {}
        for split in SPLITS:
            rows = [
                _with_locale(row, read.unit.language or own_language)
                for read in group
                for row in read.found.rows.get(split, ())
            ]
            parts = rows_by_language(rows)
            wanted = [part for part in parts if not part or asked is None or part in asked]
            wanted.sort(key=lambda part: order.index(part) if part in order else len(order))
            own = [row for part in wanted for row in parts[part]]
            if own:
                splits.setdefault(split, []).extend(own)
                counts[split] = len(own)
            languages |= dict.fromkeys(part for part in parts if part)
        sources.append(Source(str(path), name, counts, tuple(languages), corpora))
    return sources, splits


def _with_locale(row: Example, language: str) -> Example:
    """The row with the language that its file's name says, or that all rows of its corpus have."""
    return dataclasses.replace(row, locale=language) if language and not row.locale else row


def _check_languages(
    path: pathlib.Path,
    asked: tuple[str, ...],
    units: Sequence[_Unit],
    sources: Sequence[Source],
    rows: Mapping[str, Sequence[Example]],
) -> None:
    """Raises `DataError` if a language that is asked for is not there."""
    there = rows_by_language([row for part in rows.values() for row in part])
    missing = [language for language in asked if language not in there]
    if missing and "" not in there:
        named = {unit.language for unit in units if unit.language}
        has = sorted(named.union(*(source.languages for source in sources)))
        raise DataError(
            f"{path} has the languages {', '.join(has) or 'of no row'}. Received: language={missing[0]!r}."
        )


def _language_notes(splits: Mapping[str, Sequence[Example]]) -> list[str]:
    """A note about rows whose language is not known, where that of others is."""
    rows = rows_by_language([row for part in splits.values() for row in part])
    unknown = rows.pop("", [])
    if not unknown or not rows:
        return []
    files = list(dict.fromkeys(row.source.rpartition(":")[0] or row.source for row in unknown))
    more = f" and {len(files) - _LISTED} more" if len(files) > _LISTED else ""
    return [
        f"the language of {len(unknown)} rows is not known, that of others is ({' '.join(rows)}). A name such as "
        f"train_de.tsv or de/ says it, or a column `locale`: {', '.join(files[:_LISTED])}{more}"
    ]


def _cut_notes(splits: Mapping[str, Sequence[Example]]) -> list[str]:
    notes = []
    for split, rows in splits.items():
        cuts = [(row.source, message) for row in rows for message in cut_words(row)[:1]]
        if cuts:
            source, message = cuts[0]
            notes.append(
                f"{split}: {len(cuts)} rows have a slot that no model can find; the first: {source}: {message}"
            )
    return notes


def training_and_development(
    rows: Rows, *, share: float = 0.1, seed: int = 0
) -> tuple[list[Example], list[Example], str]:
    """Training and development rows; where the data have no development rows, a part of the training rows.

    Args:
        rows: What `read_rows` read.
        share: The share of each intent that is held out, see `hold_out`; a third where no intent has rows enough.
        seed: Seed of the choice.

    Returns:
        Training rows, development rows, and a sentence that says where the latter come from.

    Raises:
        DataError: If there are no training rows.
    """
    training = rows.splits.get("train", [])
    if not training:
        held = ", ".join(f"{name} {len(part)}" for name, part in rows.splits.items())
        raise DataError(
            f"no training rows in {', '.join(source.path for source in rows.sources)}; found: {held}. Names such as "
            "test.csv say the split: rename the file, or name one with training rows too."
        )
    if development := rows.splits.get("dev", []):
        own = rows.by_language("dev")
        missing = [] if "" in own else sorted({*rows.by_language("train")} - {*own, ""})
        lacking = f"; none of {', '.join(missing)}" if missing else ""
        return (
            training,
            development,
            f"{len(development)} development rows of the data's own{lacking}",
        )
    kept, held_out = hold_out(training, share=share, seed=seed)
    if not held_out:
        kept, held_out = hold_out(training, share=1 / 3, seed=seed)
    if not held_out:
        return (
            training,
            [],
            "no development rows, and no intent has two different texts to hold one out",
        )
    without = len({row.intent for row in kept} - {row.intent for row in held_out})
    few = f"; {without} intents have too few different rows for that" if without else ""
    return (
        kept,
        held_out,
        f"the data have no development rows: {len(held_out)} of {len(training)} training rows were held out, of each "
        f"intent the same share, rows of one template together{few}",
    )


def load_split(
    folder: str | os.PathLike[str], split: str, *, language: str | None = None
) -> list[Example]:
    """Reads one split of data of any format, see `read_rows`.

    Data without development rows have those that `training_and_development` holds out.

    Args:
        folder: A file or folder.
        split: `"train"`, `"dev"` or `"test"`.
        language: The language of the rows; `None` for all.

    Raises:
        DataError: If data, split or language are missing or rows cannot be read.
        ValueError: If `split` is another word.
    """
    check_split(split)
    rows = read_rows(folder, languages=language or None)
    if split != "test" and "train" in rows.splits:
        training, development, _ = training_and_development(rows)
        return training if split == "train" else development
    if split not in rows.splits:
        raise DataError(
            f"no split {split!r} in {os.fspath(folder)}. Found: {', '.join(rows.splits)}."
        )
    return rows.splits[split]


def load_languages(
    folder: str | os.PathLike[str], split: str, *, languages: str | None = None
) -> dict[str, list[Example]]:
    """Reads a split by language, see `load_split`.

    Args:
        folder: A file or folder; it may name the languages itself, behind a colon: `mtop:de,fr`.
        split: `"train"`, `"dev"` or `"test"`.
        languages: Where `folder` names none: one, several with commas between them, or `None` for all.

    Returns:
        The rows of each language, in the order of the names; `""` where it is not known.
    """
    check_split(split)
    return rows_by_language(load_split(folder, split, language=languages))


def corpus_of(folder: str | os.PathLike[str]) -> Corpus:
    """The published corpus that a file or folder holds.

    Raises:
        DataError: If it holds none that is known.
    """
    path, _ = _path_and_languages(folder)
    sources = read_rows(path, skip_bad_rows=True).sources
    corpora = [corpus for source in sources for corpus in source.corpora]
    if not corpora:
        raise DataError(f"{path} holds no published corpus that is known, but rows of others.")
    return corpora[0]
