"""CoNLL: a word and its tag per line, an empty line between sentences, the intent somewhere beside them.

The intent is a comment before the words (`# intent: play`, `# intent = play`), a column that has the same value in
every line of a sentence, or a line with nothing else before or behind the words. `# text = …` gives the text as it was;
without it, the words are joined by one space. A first column that counts the words, as in CoNLL-U, is left out.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator, Sequence

from pqrnn_tf.datasets.formats.bio import TAG, slots_from_bio
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.rows import Example, unlabelled

_COMMENT = re.compile(
    r"#\s*(?P<name>intent|label|text)\s*[:= ]\s*(?P<value>.*\S)\s*", re.IGNORECASE
)
_BLANKS = re.compile(" +")
_RANGE = re.compile(r"\d+[-.]\d+")
_DOCUMENT = "-DOCSTART-"
_NOTHING = frozenset({"", "O", "_", "-", "-X-", "*"})

_SAMPLED = 200

_Sentence = list[tuple[int, str]]


def _columns(line: str) -> list[str]:
    if "\t" in line:
        return [column.strip(" ") for column in line.split("\t")]
    return _BLANKS.split(line)


def _sentences(lines: Iterator[tuple[int, str]]) -> list[_Sentence]:
    """The numbered lines of each sentence, without a column that counts its words."""
    sentences: list[_Sentence] = [[]]
    for number, line in lines:
        if line.strip():
            sentences[-1].append((number, line.strip(" ")))
        elif sentences[-1]:
            sentences.append([])
    sentences = [part for sentence in sentences for part in _parts(sentence)]
    return _uncounted(sentences) if _are_counted(sentences[:_SAMPLED]) else sentences


def _parts(sentence: _Sentence) -> Iterator[_Sentence]:
    """A sentence, or several where no empty line stands before the comments of the next one."""
    begin, words = 0, False
    for place, (_, line) in enumerate(sentence):
        comment = _is_comment(line)
        if comment and _COMMENT.fullmatch(line) and words:
            behind = sentence[place:]
            if any(not _is_comment(other) for _, other in behind):
                yield sentence[begin:place]
                begin, words = place, False
        words = words or not comment
    if sentence[begin:]:
        yield sentence[begin:]


def _are_counted(sentences: Sequence[_Sentence]) -> bool:
    """Whether the first column of three or more counts the words of each sentence, as in CoNLL-U."""
    words = [rows for sentence in sentences if (rows := _words(sentence))]
    return any(len(rows) > 1 for rows in words) and all(
        len(row) > 2 and row[0] == str(number)
        for rows in words
        for number, row in enumerate((row for row in rows if not _RANGE.fullmatch(row[0])), 1)
    )


def _uncounted(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Sentences without the column that counts; the lines of several words, such as `1-2`, are left out."""
    return [
        [
            (
                number,
                "\t".join(columns[1:]) if columns[0].isdecimal() and len(columns) > 1 else line,
            )
            for number, line in sentence
            if not _RANGE.fullmatch((columns := _columns(line))[0])
        ]
        for sentence in sentences
    ]


def _words(sentence: _Sentence) -> list[list[str]]:
    """The columns of the lines with words."""
    lines = [
        line for _, line in sentence if not _is_comment(line) and not line.startswith(_DOCUMENT)
    ]
    return [columns for line in lines if len(columns := _columns(line)) > 1]


def _is_comment(line: str) -> bool:
    # A word may be `#`; then a tag follows it.
    return line.startswith("#") and not TAG.fullmatch(_columns(line)[-1])


def _tag_column(sentences: Sequence[_Sentence]) -> int | None:
    """The column of the tags; `None` if there is none."""
    rows = [row for sentence in sentences for row in _words(sentence)]
    width = min((len(row) for row in rows), default=0)
    tagged = (n for n in range(width - 1, 0, -1) if all(TAG.fullmatch(row[n]) for row in rows))
    return next(tagged, None)


def _intent_column(sentences: Sequence[_Sentence], tags: int) -> int | None:
    """The column that has one value in each sentence, and an intent in some; `None` if there is none."""
    words = [rows for sentence in sentences if (rows := _words(sentence))]
    width = min((len(row) for rows in words for row in rows), default=0)
    for column in range(width - 1, 0, -1):
        values = [{row[column] for row in rows} for rows in words]
        one = all(len(found) == 1 for found in values) and any(len(rows) > 1 for rows in words)
        if column != tags and one and not set().union(*values) <= _NOTHING:
            return column
    return None


def _lone_line(sentence: _Sentence) -> str:
    """What stands by itself in the first or last line; empty if nothing does."""
    lines = [line for _, line in sentence if not _is_comment(line)]
    found = (line for line in (*lines[:1], *lines[-1:]) if len(_columns(line)) == 1)
    return next((line for line in found if line != _DOCUMENT), "")


def _comments(sentence: _Sentence) -> dict[str, str]:
    found = (_COMMENT.fullmatch(line) for _, line in sentence if _is_comment(line))
    return {match["name"].lower(): match["value"] for match in found if match}


def _said_intent(sentence: _Sentence, column: int | None) -> str:
    """The intent that a comment or a column says; empty where none does."""
    comments = _comments(sentence)
    if intent := comments.get("intent", comments.get("label", "")):
        return intent
    if column is not None and (rows := _words(sentence)) and len(rows[0]) > column:
        return rows[0][column]
    return ""


def _intent(sentence: _Sentence, column: int | None) -> str:
    return _said_intent(sentence, column) or _lone_line(sentence)


def _read(path: pathlib.Path, found: Findings) -> None:
    sentences = _sentences(found.lines(path))
    tags = _tag_column(sentences[:_SAMPLED]) or 1
    column = _intent_column(sentences[:_SAMPLED], tags)
    for sentence in sentences:
        # Where a comment or a column says the intent, a line by itself is a word without its tag.
        apart = "" if _said_intent(sentence, column) else _lone_line(sentence)
        rows = [
            (number, _columns(line))
            for number, line in sentence
            if line != apart and not _is_comment(line) and not line.startswith(_DOCUMENT)
        ]
        short = next((number for number, row in rows if len(row) <= tags), None)
        if short is not None:
            found.bad(path, short, "expected a word and its tag in each line of the sentence.")
        elif rows:
            number = rows[0][0]
            with found.row(path, number):
                words = [row[0] for _, row in rows]
                text = _comments(sentence).get("text", " ".join(words))
                slots = slots_from_bio(text, words, [row[tags] for _, row in rows])
                intent = _intent(sentence, column)
                source = f"{path}:{number}"
                if not intent and not found.labelled:
                    found.add(unlabelled(text, source=source))
                else:
                    found.add(Example(text, intent, slots, source=source))


def _sentences_of(sample: Sample) -> list[_Sentence]:
    sentences = _sentences(iter(enumerate(sample.lines(), 1)))
    if not sample.whole and len(sentences) > 1:
        sentences.pop()
    return sentences[:_SAMPLED]


def _is_tagged(sample: Sample) -> bool:
    sentences = _sentences_of(sample)
    lines = [line for sentence in sentences for _, line in sentence if not _is_comment(line)]
    words = sum(len(_words(sentence)) for sentence in sentences)
    return (
        words >= 2 * len(sentences) / 2
        and words > 0.5 * len(lines)
        and _tag_column(sentences) is not None
    )


def _has_intents(sample: Sample) -> bool:
    if not _is_tagged(sample):
        return False
    sentences = _sentences_of(sample)
    column = _intent_column(sentences, _tag_column(sentences) or 1)
    return any(_intent(sentence, column) for sentence in sentences)


CONLL = FileFormat(
    "CoNLL", "a word and its BIO tag per line, an intent as `# intent: name`", _has_intents, _read
)
CONLL_WITHOUT_INTENTS = FileFormat(
    "CoNLL without intents", "a word and its BIO tag per line", _is_tagged, _read, labelled=False
)
