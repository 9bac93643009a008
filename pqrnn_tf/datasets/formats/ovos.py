"""Skills of OVOS and Mycroft (Padatious): a folder of `.intent` and `.entity` files, sampled into rows.

    volume.set.intent       set [the] (volume|loudness) to {level}
    level.entity            low
                            (very|quite) high
                            ## percent

A line of an `.intent` file is a phrase of the intent that the file is named after: `(one|two)`, `[perhaps]`,
`{entity}`, and `<name>` for the words of `name.voc`. An `.entity` file has one value a line, `#` for a digit. An entity
without a file takes invented values. A folder inside that is named after a language holds phrases of it. In `.intent`
and `.voc` files, lines that start with `#` say nothing.
"""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Iterable, Iterator

from pqrnn_tf.datasets.expressions import Grammar, parse_expression
from pqrnn_tf.datasets.formats.found import Findings, FolderFormat
from pqrnn_tf.datasets.formats.template_rows import TemplateRows, first_locale, report_error
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError
from pqrnn_tf.extras import require

_READ = (".intent", ".entity", ".voc")
_KNOWN = (*_READ, ".rx", ".blacklist", ".dialog", ".list", ".value", ".qml", ".word")
_ROOTS = ("locale", "vocab")


def _files(folder: pathlib.Path, suffixes: Iterable[str]) -> Iterator[pathlib.Path]:
    for path in sorted(folder.rglob("*.*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in suffixes and not hidden and os.path.isfile(path):
            yield path


def _holds_intents(folder: pathlib.Path) -> bool:
    return next(_files(folder, [".intent"]), None) is not None


def _claims(folder: pathlib.Path) -> list[pathlib.Path]:
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    if any(entry.suffix == ".intent" and os.path.isfile(entry) for entry in entries):
        return list(_files(folder, _KNOWN))
    folders = sorted(entry for entry in entries if os.path.isdir(entry))
    return [
        path
        for entry in folders
        if (entry.name in _ROOTS or first_locale([entry.name])) and _holds_intents(entry)
        for path in _files(entry, _KNOWN)
    ]


def _read(folder: pathlib.Path, found: Findings) -> None:
    by_language: dict[str, list[pathlib.Path]] = {}
    unread: set[str] = set()
    for path in _claims(folder):
        language = first_locale(path.relative_to(folder).parts[:-1]) or found.language
        if path.suffix not in _READ:
            unread.add(path.suffix)
        elif found.wants(language):
            by_language.setdefault(language, []).append(path)
    if unread:
        found.note(
            f"{folder}: files {', '.join(sorted(unread))} are not read; they hold no phrases of an intent."
        )
    for language, paths in by_language.items():
        _read_language(language, paths, found)


OVOS = FolderFormat(
    "OVOS", "a folder of .intent files, one phrase per line, and .entity files", _claims, _read
)


def _read_language(language: str, paths: list[pathlib.Path], found: Findings) -> None:
    hassil = require("hassil")
    rules: dict[str, tuple[str, str]] = {}
    lists = {}
    phrases = []
    for path in paths:
        lines = []
        try:
            for number, line in numbered_lines(path):
                phrase = line.strip()
                comment = phrase.startswith("#") and path.suffix != ".entity"
                if phrase and not comment:
                    lines.append((_in_hassil(phrase), f"{path}:{number}"))
        except DataError as error:
            report_error(error, path, found)
            continue
        name = path.name.removesuffix(path.suffix)
        if path.suffix == ".voc" and lines:
            rules[name.lower()] = (f"({'|'.join(line for line, _ in lines)})", lines[0][1])
        elif path.suffix == ".entity" and lines:
            values = []
            for line, source in lines:
                try:
                    values.append(
                        hassil.TextSlotValue(parse_expression(_digits(line), source), None)
                    )
                except DataError as error:
                    report_error(error, path, found)
            lists[name.lower()] = hassil.TextSlotList(name, values)
        elif path.suffix == ".intent":
            if not lines:
                found.bad(
                    path, 0, "the file has no phrase. Write one per line, or remove the file."
                )
            phrases += [(name, line, source) for line, source in lines]
    grammar = Grammar(rules, lists, is_open=lambda name: True)
    rows = TemplateRows(language, found)
    for intent, line, source in phrases:
        try:
            rows.add(intent, grammar.parse(line, source), source)
        except DataError as error:
            report_error(error, source, found)
    rows.sample()
    intents = {intent for intent, _, _ in phrases}
    used = {name.lower() for _, line, _ in phrases for name in re.findall(r"[<{](\w+)", line)}
    if phrases and (left := sorted((set(rules) | set(lists)) - used)):
        found.note(
            f"{paths[0].parent}: no phrase of the {len(intents)} intents refers to {', '.join(left)}; these words are "
            "not used."
        )


def _in_hassil(line: str) -> str:
    """A phrase in hassil's syntax.

    `{{Level}}` is `{level:Level}`, since files are named without regard to case, and `{level:int}`, a name and a type
    for Padacioso, is `{level}`.
    """

    def entity(match: re.Match[str]) -> str:
        name = match[1]
        return f"{{{name}}}" if name == name.lower() else f"{{{name.lower()}:{name}}}"

    line = re.sub(r"\{+\s*(\w+)\s*(?::\s*\w+\s*)?\}+", entity, line)
    line = re.sub(r"<\s*(\w+)\s*>", lambda match: f"<{match[1].lower()}>", line)
    return line.replace(";", r"\;")


def _digits(line: str) -> str:
    """A value with `{0..9:digit}` for each `#`."""
    return line.replace("#", "{0..9:digit}")
