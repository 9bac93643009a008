"""The table that the page folds by is the one that Python folds by."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.tflite_export.test_jvm import load_script


def test_the_folding_table_of_the_page_is_that_of_python():
    script = load_script(ROOT / "tflite_export" / "web" / "make_folding_table.py")
    assert script.PATH.read_text(encoding="utf-8") == script.source()


def test_the_characters_of_the_page_are_those_of_python():
    script = load_script(ROOT / "tflite_export" / "web" / "make_character_table.py")
    assert script.PATH.read_text(encoding="utf-8") == script.source()
