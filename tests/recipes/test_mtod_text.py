"""MTOD's texts as the tokens of MTOP."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from recipes.mtod_text import spaced_text


def line(text: str, tokens: list[str]) -> str:
    spans, start = [], 0
    for token in tokens:
        start = text.index(token, start)
        spans.append({"start": start, "length": len(token)})
        start += len(token)
    found = {"tokens": [token.lower() for token in tokens], "tokenSpans": spans}
    return f"alarm/set\t0:3:datetime\t{text}\tth_TH\t{json.dumps({'tokenizations': [found]})}"


THAI = line("ตั้งนาฬิกาปลุกวันอังคารตี 4 ", ["ตั้ง", "นาฬิกา", "ปลุก", "วัน", "อังคาร", "ตี", "4"])


def test_tokens_stand_as_in_the_text_with_one_space_between() -> None:
    assert spaced_text(THAI) == "ตั้ง นาฬิกา ปลุก วัน อังคาร ตี 4"
    assert spaced_text(line("Pon  Música", ["Pon", "Música"])) == "Pon Música"


def test_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match="five columns. Received 2: 'play\\\\tx'"):
        spaced_text("play\tx")


def test_the_command_writes_a_line_a_row(tmp_path) -> None:
    (tmp_path / "th.tsv").write_text(f"{THAI}\n{THAI}\n", encoding="utf-8")
    files = ["--data", str(tmp_path / "th.tsv"), "--output", str(tmp_path / "th.txt")]
    subprocess.run([sys.executable, "-m", "recipes.mtod_text", *files], check=True)
    written = (tmp_path / "th.txt").read_text(encoding="utf-8")
    assert written == "ตั้ง นาฬิกา ปลุก วัน อังคาร ตี 4\n" * 2
