"""Test sentences of Home Assistant: what is said, and the intent and the values of slots that must be understood.

    language: en
    tests:
      - sentences: ["turn the attic lights to half", "attic lights to 50 percent"]
        intent: {name: HassLightSet, slots: {area: Attic, brightness: 50, domain: light}}

The intent may be left out, with `slots:` in its place, in a folder that is named after it (`tests/en/HassLightSet`).
A slot of a row is where the words of its value stand; a value that has no words in the text, such as a `domain`, makes
no slot.
"""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pqrnn_tf.datasets.formats.found import YAML_SUFFIXES, FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.template_rows import first_locale, report_error
from pqrnn_tf.datasets.formats.yaml_files import line_of, read_yaml_documents
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.datasets.words import cuts_word

_TOP = re.compile(r"(?m)^tests:\s*(#.*)?$")
_SENTENCES = re.compile(r"(?m)^\s*(- )?sentences:")


@dataclasses.dataclass(frozen=True)
class ExpectedSentence:
    """A sentence with what must be understood of it.

    Attributes:
        text: The sentence.
        intent: Its intent.
        slots: Values by slot; a list has values of which each is right.
        line: Its line in the file.
    """

    text: str
    intent: str
    slots: Mapping[str, Any]
    line: int


def expected_sentences(
    content: Any, path: pathlib.Path, report: Callable[[DataError], None] | None = None
) -> Iterator[ExpectedSentence]:
    """The sentences of a file of tests.

    Args:
        content: A document of the file, as YAML has it.
        path: The file; the name of its folder is the intent of tests that name none.
        report: Takes the error of each test of another form, and the others are read; `None` to raise the first one.

    Raises:
        DataError: If a test has another form; the message names the file and the line.
    """
    line = line_of(content)
    tests = content["tests"] if isinstance(content, dict) and "tests" in content else None
    for test in tests if isinstance(tests, list) else [None]:
        line = line_of(test, line)
        try:
            for sentence in _sentences_of(test, path, line):
                line = sentence.line
                yield sentence
        except (AttributeError, KeyError, TypeError) as error:
            wrong = DataError(
                f"{path}:{line}: expected `tests:`, each with `sentences:`, a list of texts, and `slots:` or `intent:` "
                f"with `name:`. Found in this part of the file: {type(error).__name__} {error}."
            )
            if report is None:
                raise wrong from error
            report(wrong)


def _sentences_of(test: Any, path: pathlib.Path, line: int) -> Iterator[ExpectedSentence]:
    """The sentences of one test, which begins in a line."""
    sentences = test["sentences"]
    if not isinstance(sentences, list):
        raise TypeError(f"sentences must be a list, not {sentences!r:.40}")
    named = test.get("intent") or {}
    intent = named["name"] if named else path.parent.name
    if not isinstance(intent, str):
        raise TypeError(f"the name of an intent must be a text, not {intent!r:.40}")
    slots = (named if named else test).get("slots") or {}
    # A slot may say more of its value than the value.
    plain = {
        str(name): value["value"] if isinstance(value, Mapping) and "value" in value else value
        for name, value in slots.items()
    }
    for text in sentences:
        line = line_of(text, line)
        if not isinstance(text, str):
            raise TypeError(f"a sentence must be a text, in quotes, not {text!r:.40}")
        yield ExpectedSentence(str(text), str(intent), plain, line)


def _recognises(sample: Sample) -> bool:
    return (
        sample.path.suffix in YAML_SUFFIXES
        and _TOP.search(sample.head) is not None
        and _SENTENCES.search(sample.head) is not None
    )


def _read(path: pathlib.Path, found: Findings) -> None:
    unsaid: set[str] = set()
    try:
        # All values are texts, so that the sentence `yes` is no truth value.
        documents = read_yaml_documents(path, texts_only=True)
    except DataError as error:
        report_error(error, path, found)
        return
    for content in documents:
        try:
            _read_document(content, path, found, unsaid)
        except DataError as error:
            report_error(error, path, found)
    if unsaid:
        found.note(
            f"{path}: slots whose values have no words in the text are no slots of the row: "
            f"{', '.join(sorted(unsaid))}."
        )


def _read_document(content: Any, path: pathlib.Path, found: Findings, unsaid: set[str]) -> None:
    if not isinstance(content, dict) or "tests" not in content:
        line = line_of(content)
        raise DataError(f"{path}:{line}: expected `tests:`. Received: {content!r:.60}.")
    language = str(content.get("language") or found.language)
    if not found.wants(language):
        return
    tests = content["tests"] if isinstance(content["tests"], list) else []
    if any(isinstance(test, dict) and "intent" not in test for test in tests):
        found.note(
            f"{path}: the intent of tests that name none is that of the folder, {path.parent.name}."
        )
    for sentence in expected_sentences(
        content, path, lambda error: report_error(error, path, found)
    ):
        with found.row(path, sentence.line):
            found.add(_row(sentence, path, language, unsaid))


def _row(
    sentence: ExpectedSentence, path: pathlib.Path, language: str, unsaid: set[str]
) -> Example:
    """A row with the places of the values of its slots, the longest first; slots without a place go into `unsaid`."""
    if sentence.intent == path.parent.name and first_locale([sentence.intent]):
        raise ValueError(
            "the test names no intent. Write `intent: {name: …}`, or put the file in a folder of its name."
        )
    slots: list[SlotSpan] = []
    given = {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in sentence.slots.items()
    }
    for name, values in sorted(given.items(), key=lambda item: -max(map(len, item[1]), default=0)):
        place = next(
            (
                place
                for value in values
                for place in _places(sentence.text, value)
                if not any(place[0] < slot.end and slot.start < place[1] for slot in slots)
            ),
            None,
        )
        if place is None:
            unsaid.add(name)
        else:
            slots.append(SlotSpan(name, (place,)))
    return Example(
        sentence.text,
        sentence.intent,
        tuple(sorted(slots, key=lambda slot: slot.start)),
        locale=language,
        source=f"{path}:{sentence.line}",
    )


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Where a text has the words of a value, whatever their case."""
    words = value.split()
    if words:
        for match in re.finditer(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE):
            if not cuts_word(text, match.start()) and not cuts_word(text, match.end()):
                yield match.span()


HASSIL_TESTS = FileFormat(
    "Home Assistant tests", "YAML with language, tests and sentences", _recognises, _read
)
