"""Examples in documents are run as they stand, and what their comments say of values is true."""

from __future__ import annotations

import ast
import contextlib
import io
import pathlib
import re
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUN = {"scores.md": 1, "entities.md": 2}
"""How many of the first Python blocks of a document are run, one after the other; later ones need files."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SAID = re.compile(r"  # ([^:;]+)")
"""What a comment says of the value before it, up to the first colon or semicolon."""


def said(line: str) -> Any:
    """The value that the comment of a line names, `...` where it names none."""
    match = SAID.search(line)
    try:
        return ast.literal_eval(match[1].strip()) if match else ...
    except (SyntaxError, ValueError):
        return ...


def run(block: str, names: dict[str, Any]) -> int:
    """Runs a block and compares the values of its expressions; how many were compared."""
    compared = 0
    for statement in ast.parse(block).body:
        if not isinstance(statement, ast.Expr):
            exec(compile(ast.Module([statement], []), "block", "exec"), names)
            continue
        value = eval(compile(ast.Expression(statement.value), "block", "eval"), names)
        expected = said(block.splitlines()[statement.end_lineno - 1])
        if expected is not ...:
            rounded = [
                round(own, 3) if isinstance(own, float) else own
                for own in (value if isinstance(value, tuple) else (value,))
            ]
            assert rounded == list(expected if isinstance(expected, tuple) else (expected,))
            compared += 1
    return compared


@pytest.mark.parametrize("name", RUN)
def test_what_a_document_says_of_values_did_not_hold(name):
    blocks = BLOCK.findall((ROOT / "docs" / name).read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    out, compared, left = io.StringIO(), 0, RUN[name]
    for language, content in blocks:
        if language == "python" and left:
            left -= 1
            with contextlib.redirect_stdout(out):
                compared += run(content, names)
        elif language == "text" and out.getvalue():
            assert out.getvalue() == content
            out = io.StringIO()
    assert not left and not out.getvalue()
    assert compared >= 1


def test_a_comment_names_a_value_or_none():
    assert said("x.score  # 0.97: how probable it is") == 0.97
    assert said('x  # ("contact-17", 1.0); None where no name agrees') == ("contact-17", 1.0)
    assert said("x  # None: of no intent") is None
    assert said("x  # all that it may mean") is ...
    with pytest.raises(AssertionError):
        run("1 + 1  # 3: a sum", {})
