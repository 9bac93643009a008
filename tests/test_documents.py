"""Documents are plain, narrow and true: their examples of data are read, their links and files exist."""

from __future__ import annotations

import pathlib
import re
import tokenize

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH = 120
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "tflite_export").glob("*/README.md"),
    ]
}
BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
FORBIDDEN = {
    r"\b(go|goes|going|went|gone) on\b(?! (Keras|TensorFlow))": "resume, continue",
    r"\blearn(s|ed|ing)? from\b": "is trained on",
    r"(?<!left )(?<!written )\balone\b(?!`)": "only, by itself",
    r"\b(tell|tells|told) (\w+ )?apart\b": "distinguish",
}
"""Patterns of words that do not stand in prose, and what stands instead."""
DATA = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", DATA, re.DOTALL | re.MULTILINE)


def prose(text: str) -> list[tuple[int, str]]:
    """Lines of a document with their numbers, without blocks of code, tables, comments and targets of links."""
    text = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    text = re.sub(r"<!--.*?-->", "", text)
    lines = enumerate(text.splitlines(), start=1)
    return [(n, re.sub(r"\]\([^)]*\)", "]", line)) for n, line in lines if line[:1] != "|"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_prose_is_120_columns_wide_at_most(name):
    text = DOCUMENTS[name].read_text(encoding="utf-8")
    assert [(n, line) for n, line in prose(text) if len(line) > WIDTH] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_prose_keeps_to_the_list_of_words(name):
    found = [
        (n, match[0], better)
        for n, line in prose(DOCUMENTS[name].read_text(encoding="utf-8"))
        for pattern, better in FORBIDDEN.items()
        if (match := re.search(pattern, re.sub(r'"[^"]*"|`[^`]*`', "", line)))
    ]
    assert found == []


def texts_of_code(path: pathlib.Path) -> list[tuple[int, str]]:
    """Lines of the docstrings, comments and messages of a file with their numbers, without what is quoted in them."""
    lines = []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                text = re.sub(r"`[^`]*`", "", token.string)
                text = text if text.count('"') > 2 else text.strip("\"'")
                lines += enumerate(text.splitlines(), start=token.start[0])
    return [(n, line) for n, line in lines if line != "alone"]


@pytest.mark.parametrize("room", ["pqrnn_tf", "tflite_export", "recipes", "benchmarks"])
def test_docstrings_and_messages_keep_to_the_list_of_words(room):
    found = [
        (path.relative_to(ROOT).as_posix(), n, match[0], better)
        for path in sorted((ROOT / room).rglob("*.py"))
        for n, line in texts_of_code(path)
        for pattern, better in FORBIDDEN.items()
        if (match := re.search(pattern, line))
    ]
    assert found == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    folder = DOCUMENTS[name].parent
    text = BLOCK.sub("", DOCUMENTS[name].read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        assert (folder / link).exists(), link


@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_that_are_named_exist(name):
    text = DOCUMENTS[name].read_text(encoding="utf-8")
    for module in re.findall(
        r"python -m ((?:pqrnn_tf|tflite_export|recipes|benchmarks)[.\w]*)", text
    ):
        if module.endswith(".NAME"):
            continue
        path = ROOT / module.rstrip(".").replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_every_format_has_an_example():
    assert len({name.split("/")[0] for name, _ in EXAMPLES}) >= 8


@pytest.mark.parametrize("name", sorted({name.split("/")[0] for name, _ in EXAMPLES}))
def test_an_example_of_data_is_the_two_rows(name, tmp_path):
    from pqrnn_tf.datasets.reading import read_rows

    for path, content in EXAMPLES:
        if path.split("/")[0] == name:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(content, encoding="utf-8")
    rows = read_rows(tmp_path / name)
    (training,) = rows.splits.values()
    found = sorted(
        (row.text, row.intent, [(slot.name, slot.spans) for slot in row.slots]) for row in training
    )
    assert found == [
        ("stop", "stop", []),
        ("wake me at seven", "set_alarm", [("time", ((11, 16),))]),
    ]
    assert not rows.problems
