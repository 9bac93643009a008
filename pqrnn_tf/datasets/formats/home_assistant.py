"""Sentences of Home Assistant: folders and files of YAML in hassil's format, sampled into rows.

A folder holds files with sentences of intents, with lists and with rules, in any order and depth; each file says its
language, or stands in a folder that is named after it (`sentences/de`), or serves every language:

    language: en
    intents:
      HassTurnOn:
        data:
          - sentences: ["turn on [the] {name} [in <the> {area}]"]
    lists:
      color: {values: [red, {in: "(navy|dark) blue", out: blue}]}
    expansion_rules:
      the: "(the|my)"

A file in a folder that is named after an intent may have `data:` without `intents:`. Slots are the values of lists;
what `slots:` and `requires_context:` fix has no words in the text and makes no slot. Names of devices, areas and
floors, and lists of free text (`wildcard`), take invented values.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pqrnn_tf.datasets.expressions import Grammar, InOrder, Node, OneOf
from pqrnn_tf.datasets.formats.found import (
    YAML_SUFFIXES,
    FileFormat,
    Findings,
    FolderFormat,
    Sample,
    sample_of,
)
from pqrnn_tf.datasets.formats.home_assistant_tests import HASSIL_TESTS
from pqrnn_tf.datasets.formats.rasa import RASA_YAML
from pqrnn_tf.datasets.formats.snips import SNIPS_YAML
from pqrnn_tf.datasets.formats.template_rows import TemplateRows, first_locale, report_error
from pqrnn_tf.datasets.formats.yaml_files import line_of, read_yaml_documents
from pqrnn_tf.datasets.rows import DataError
from pqrnn_tf.extras import require

if TYPE_CHECKING:
    import hassil

_ROOTS = ("sentences", "custom_sentences")
_BESIDE = ("lists", "rules", "expansion_rules")
_NO_SENTENCES = ("tests", "responses", "intents.yaml")
_OTHERS = (RASA_YAML, SNIPS_YAML)
_HOUSEHOLD = ("name", "area", "floor")
_TOP = re.compile(r"(?m)^(intents|data):\s*(#.*)?$")
_SENTENCES = re.compile(r"(?m)^\s*(- )?sentences:|\bsentences: *\[")
_PART = re.compile(
    r"(?m)^(?:lists|expansion_rules|skip_words):"
    r"|^intents:(?![ \t]*\[)(?!.*\n(?:[ \t]*(?:#.*)?\n)*[ \t]*- )"
)
"""Lists, rules, and intents that are a mapping; in the domain of a bot of Rasa they are a list."""

_UNSAID = 4
"""So many times as often a request begins with none of the words that are skipped."""

_LOOKED_AT = 20
"""So many files of a folder are looked at to recognise it."""


@dataclasses.dataclass(frozen=True)
class _Block:
    """Sentences that share lists and rules.

    Attributes:
        intent: Their intent.
        sentences: Each with its `"file:line"`.
        rules: Rules of this block only, with `"file:line"`.
        lists: Lists of this block only.
        domains: Kinds of devices that `{name}` may be here.
        facts: What the sentences mean without a word for it, by slot: `slots:` and, as `domain`, `inferred_domain:`.
    """

    intent: str
    sentences: list[tuple[str, str]]
    rules: dict[str, tuple[str, str]]
    lists: dict[str, hassil.SlotList]
    domains: tuple[str, ...]
    facts: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class HomeAssistantTemplate:
    """A sentence, parsed.

    Attributes:
        intent: Its intent.
        node: The sentence. Lists of free text and those of a household are open.
        source: Its `"file:line"`.
        domains: Kinds of devices that `{name}` may be; empty where the block says none.
        facts: Values of slots that the sentence means without a word for them, such as `{"domain": "light"}`.
    """

    intent: str
    node: Node
    source: str
    domains: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class HomeAssistantLanguage:
    """What a folder says of one language.

    Attributes:
        templates: Its sentences.
        lists: Its lists, as hassil has them, by name.
        skip_words: What may stand in a request and means nothing.
    """

    templates: tuple[HomeAssistantTemplate, ...]
    lists: Mapping[str, hassil.SlotList]
    skip_words: tuple[str, ...]


@dataclasses.dataclass
class _Collected:
    """What the files of one language hold."""

    blocks: list[_Block] = dataclasses.field(default_factory=list)
    rules: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    lists: dict[str, hassil.SlotList] = dataclasses.field(default_factory=dict)
    skip_words: list[str] = dataclasses.field(default_factory=list)


def _is_sentence_file(sample: Sample) -> bool:
    return (
        sample.path.suffix in YAML_SUFFIXES
        and _TOP.search(sample.head) is not None
        and _SENTENCES.search(sample.head) is not None
    )


def _is_part(path: pathlib.Path) -> bool:
    """Whether a YAML file has sentences, lists or rules, and is no file of another format."""
    sample = sample_of(path)
    if _is_sentence_file(sample):
        return True
    return _PART.search(sample.head) is not None and not _is_one_of(
        (*_OTHERS, HASSIL_TESTS), sample
    )


def _is_one_of(formats: Iterable[FileFormat], sample: Sample) -> bool:
    return any(known.recognises(sample) for known in formats)


def _yaml_files(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in sorted(folder.rglob("*.y*ml")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in YAML_SUFFIXES and not hidden and os.path.isfile(path):
            yield path


def _holds_sentences(folder: pathlib.Path) -> bool:
    files = itertools.islice(_yaml_files(folder), _LOOKED_AT)
    return any(_is_sentence_file(sample_of(path)) for path in files)


def _claims(folder: pathlib.Path) -> list[pathlib.Path]:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    folders = [entry for entry in entries if os.path.isdir(entry)]
    roots = [entry for entry in folders if entry.name in _ROOTS and _holds_sentences(entry)]
    if roots:
        read = [*roots, *(entry for entry in folders if entry.name in _BESIDE)]
        others = [entry for entry in entries if entry.name in _NO_SENTENCES]
        return [*_parts(read), *_without_sentences(others)]
    files = [entry for entry in entries if entry.suffix in YAML_SUFFIXES and os.path.isfile(entry)]
    if any(_is_sentence_file(sample_of(path)) for path in files):
        return [path for path in files if _is_part(path)]
    return _parts(
        entry for entry in folders if first_locale([entry.name]) and _holds_sentences(entry)
    )


def _parts(folders: Iterable[pathlib.Path]) -> list[pathlib.Path]:
    """The files of some folders with sentences, lists and rules."""
    return [path for folder in folders for path in _yaml_files(folder) if _is_part(path)]


def _without_sentences(entries: Iterable[pathlib.Path]) -> Iterator[pathlib.Path]:
    """What belongs to Home Assistant, and no row is made of."""
    for entry in entries:
        for path in _yaml_files(entry) if os.path.isdir(entry) else [entry]:
            if not _is_one_of(_OTHERS, sample_of(path)):
                yield path


def read_home_assistant(folder: str | os.PathLike[str], language: str) -> HomeAssistantLanguage:
    """Reads the sentences of one language, for whoever samples them in another way than `load_mixture` does.

    Args:
        folder: A folder with `sentences/LANGUAGE`, lists and rules.
        language: The language.

    Raises:
        DataError: If the folder has no sentences of the language, or a file cannot be read; the message names the
            file and the line.
    """
    root = pathlib.Path(folder)
    found = Findings(languages=[language])
    collected = _collected(_files(root, found), root, found).get(language)
    templates = [] if collected is None else list(_templates(collected, found))
    if found.problems:
        raise DataError(str(found.problems[0]))
    if collected is None or not templates:
        raise DataError(
            f"`folder` must hold sentences/{language} with files of sentences. Received: {str(root)!r}."
        )
    return HomeAssistantLanguage(tuple(templates), collected.lists, tuple(collected.skip_words))


def _templates(collected: _Collected, found: Findings) -> Iterator[HomeAssistantTemplate]:
    """The sentences of a language, parsed; one that cannot be is a bad row."""
    grammar = Grammar(collected.rules, collected.lists, is_open=_HOUSEHOLD.__contains__)
    for block in collected.blocks:
        local = grammar.extended(block.rules, block.lists)
        for text, source in block.sentences:
            try:
                node = local.parse(text, source)
            except DataError as error:
                report_error(error, source, found)
            else:
                yield HomeAssistantTemplate(block.intent, node, source, block.domains, block.facts)


def _read_folder(folder: pathlib.Path, found: Findings) -> None:
    _read(_files(folder, found), folder, found)


def _files(folder: pathlib.Path, found: Findings) -> list[pathlib.Path]:
    """The files of a folder that hold sentences, lists and rules."""
    files = []
    for path in _claims(folder):
        name = path.relative_to(folder).parts[0]
        if name in _NO_SENTENCES:
            found.note(
                f"{folder / name}: not read; rows are made from sentences, lists and rules only."
            )
        else:
            files.append(path)
    if folder.name in _ROOTS:
        files += _parts(path for name in _BESIDE if (path := folder.parent / name).is_dir())
    return files


def _read_file(path: pathlib.Path, found: Findings) -> None:
    _read([path], path.parent, found)


HOME_ASSISTANT = FolderFormat(
    "Home Assistant",
    "a folder with sentences/LANGUAGE/*.yaml (intents, data, sentences), and lists and rules beside it",
    _claims,
    _read_folder,
)
HASSIL = FileFormat(
    "hassil", "YAML with language, intents, data and sentences", _is_sentence_file, _read_file
)


def _read(files: Iterable[pathlib.Path], root: pathlib.Path, found: Findings) -> None:
    for language, collected in _collected(files, root, found).items():
        _make_rows(language, collected, found)


def _collected(
    files: Iterable[pathlib.Path], root: pathlib.Path, found: Findings
) -> dict[str, _Collected]:
    """What files hold, by language; what they say without one is put into each."""
    languages: dict[str, _Collected] = {}
    for path in files:
        parts = (
            path.relative_to(root).parts[:-1] if path.is_relative_to(root) else path.parts[-2:-1]
        )
        named = first_locale(parts)
        if named and not found.wants(named):
            continue
        try:
            documents = read_yaml_documents(path)
        except DataError as error:
            report_error(error, path, found)
            continue
        said = named or found.language
        for content in documents:
            if not isinstance(content, dict):
                found.bad(
                    path,
                    line_of(content),
                    f"expected `intents:`, `lists:` or rules. Received: {content!r:.60}.",
                )
                continue
            said = str(content.get("language") or said)  # as the document before it
            if found.wants(said):
                _collect(content, path, languages.setdefault(said, _Collected()), found)
    for_all = languages.pop("", _Collected()) if len(languages) > 1 else _Collected()
    for collected in languages.values():
        collected.rules = {**for_all.rules, **collected.rules}
        collected.lists = {**for_all.lists, **collected.lists}
        collected.skip_words += for_all.skip_words
    if for_all.blocks:  # of no known language
        languages[""] = for_all
    return languages


def _collect(
    content: dict[Any, Any], path: pathlib.Path, into: _Collected, found: Findings
) -> None:
    """Adds what a file holds; each part that has another form than hassil's becomes a bad row."""
    into.rules |= _rules(content, path, found)
    into.lists |= _lists(content, path, found)
    with _part(path, _line_in(content, "skip_words"), found):
        into.skip_words += map(str, content.get("skip_words") or ())
    intents: dict[Any, Any] = {}
    if "data" in content:
        intents[path.parent.name] = content
    with _part(path, _line_in(content, "intents"), found):
        intents |= dict((content.get("intents") or {}).items())
    for intent, values in intents.items():
        line = line_of(intent, line_of(values, _line_in(content, "data")))
        with _part(path, line, found):
            if intent is None or isinstance(intent, bool):  # `on:` is a truth value in YAML
                raise TypeError(f"the name of an intent must be a text, not {intent}")
            blocks = values["data"]
            if not isinstance(blocks, list):
                raise TypeError(f"data must be a list: {str(blocks)[:60]}")
            if not any(isinstance(data, dict) and data.get("sentences") != [] for data in blocks):
                found.note_empty(f"{path}:{line}", str(intent))
            for data in blocks:
                line = line_of(data, line)
                with _part(path, line, found):
                    into.blocks.append(_block(str(intent), data, path, found))
                    line = line_of(data["sentences"][-1:], line)


def _block(intent: str, data: Mapping[str, Any], path: pathlib.Path, found: Findings) -> _Block:
    """A block; sentences that are no texts become a bad row."""
    sentences = data["sentences"]
    if not isinstance(sentences, list):
        raise TypeError(f"sentences must be texts: {sentences}")
    if wrong := [item for item in sentences if not isinstance(item, str)]:
        with _part(path, line_of(sentences, line_of(data)), found):
            raise TypeError(f"sentences must be texts: {wrong}")
    return _Block(
        intent,
        [(str(text), f"{path}:{line_of(text)}") for text in sentences if isinstance(text, str)],
        _rules(data, path, found),
        _lists(data, path, found),
        _domains(data),
        _facts(data),
    )


@contextlib.contextmanager
def _part(path: pathlib.Path, line: int, found: Findings) -> Iterator[None]:
    """Makes a part of a file that has another form than hassil's a bad row."""
    try:
        yield
    except DataError as error:
        report_error(error, path, found)
    except (AttributeError, KeyError, TypeError) as error:
        found.bad(
            path,
            line,
            "expected `intents:`, each with `data:`, a list of blocks with `sentences:`, a list of texts (put yes, no, "
            f"on and off in quotes). Found in this part of the file: {type(error).__name__} {error}.",
        )


def _line_in(content: Mapping[Any, Any], key: str) -> int:
    """The line of a key of a mapping; 1 where it is not there."""
    return next((line_of(one) for one in content if one == key), 1)


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the sentences of a block mean without a word for it."""
    inferred = data.get("inferred_domain")
    return {**({"domain": inferred} if inferred else {}), **(data.get("slots") or {})}


def _domains(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The kinds of devices that a block is about."""
    said: list[Any] = [data.get("name_domains")]
    for key in ("requires_context", "slots"):
        said.append((data.get(key) or {}).get("domain"))
    for value in said:
        # `{slot: true}` by itself takes the domain from elsewhere.
        values = value.get("value") if isinstance(value, dict) else value
        if values:
            listed = values if isinstance(values, list) else [values]
            return tuple(str(v["value"] if isinstance(v, dict) else v) for v in listed)
    return ()


def _rules(
    content: Mapping[Any, Any], path: pathlib.Path, found: Findings
) -> dict[str, tuple[str, str]]:
    """The rules of a file or block; one that is no text becomes a bad row."""
    rules = {}
    with _part(path, _line_in(content, "expansion_rules"), found):
        for name, text in (content.get("expansion_rules") or {}).items():
            if isinstance(text, str):
                rules[str(name)] = (str(text), f"{path}:{line_of(text)}")
                continue
            message = f"the rule <{name}> must be a text; put it in quotes. Received: {text!r}."
            found.bad(path, line_of(name), message)
    return rules


def _lists(
    content: Mapping[Any, Any], path: pathlib.Path, found: Findings
) -> dict[str, hassil.SlotList]:
    """The lists of a file or block; one of another form becomes a bad row."""
    hassil = require("hassil")
    errors = require("hassil.parser")
    lists: dict[str, Any] = {}
    with _part(path, _line_in(content, "lists"), found):
        for name, values in (content.get("lists") or {}).items():
            try:
                whole = {"language": "", "intents": {}, "lists": {str(name): values}}
                lists |= hassil.Intents.from_dict(whole).slot_lists
            except (
                AssertionError,
                AttributeError,
                KeyError,
                TypeError,
                ValueError,
                errors.ParseError,
            ):
                found.bad(
                    path,
                    line_of(name),
                    f"the list {{{name}}} must have `values:`, texts or pairs of `in:` and `out:` (put yes, no, on "
                    "and off in quotes), or `range:` with `from:` and `to:`, or `wildcard: true`. "
                    f"Received: {str(values)[:60]}.",
                )
    return lists


def _make_rows(language: str, collected: _Collected, found: Findings) -> None:
    """Samples the sentences of a language."""
    skipped = _skipped(collected.skip_words)
    rows = TemplateRows(language, found)
    for template in _templates(collected, found):
        node = InOrder((skipped, template.node))
        rows.add(template.intent, node, template.source, domains=template.domains)
    rows.sample()


def _skipped(words: Iterable[str]) -> Node:
    """Words that Home Assistant skips, such as `please`, or mostly nothing."""
    said = tuple(f"{word} " for word in words)
    return OneOf((*said, *[""] * (_UNSAID * len(said)))) if said else ""
