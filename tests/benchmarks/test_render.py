"""Documents are filled between their marks, and stay as they are when they are filled again."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks import plots
from benchmarks.distillation_rows import RECIPE_ROWS
from benchmarks.measured import Measured
from benchmarks.records import ROOT
from benchmarks.render import TABLES, VALUES, MarkError, fill, pages
from pqrnn_tf.commands.main import COMMANDS

PAGES = {page.relative_to(ROOT).as_posix(): page for page in pages()}
MARKS = re.compile(r"<!-- (table|value|stamp|help): (.+?) -->")


@pytest.mark.parametrize("name", PAGES)
def test_rendering_again_changes_nothing(name):
    text = PAGES[name].read_text(encoding="utf-8")
    assert fill(text, Measured(), where=name) == text


def test_no_table_value_or_command_is_left_out_of_the_documents():
    asked = [mark for page in PAGES.values() for mark in MARKS.findall(page.read_text("utf-8"))]
    assert {name for kind, name in asked if kind == "table"} == set(TABLES)
    assert {name for kind, name in asked if kind == "value" and "/" not in name} == set(VALUES)
    assert {name for kind, name in asked if kind == "help"} == set(COMMANDS)


def test_every_recipe_of_distillation_is_explained():
    page = PAGES["docs/distillation.md"].read_text(encoding="utf-8")
    for row in RECIPE_ROWS:
        assert f"\n- **{row.title}**: " in page


@pytest.fixture
def measured(tmp_path):
    stamp = {"machine": {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.04}}
    stamp |= {"versions": {"python": "3"}, "commit": "c0ffee", "time": "2026-01-02T03:04:05+00:00"}
    content = {"stamp": stamp, "size": 1_234_567, "rows": [{"us": 2.46}, {"us": 3.5}]}
    (tmp_path / "speed.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "sweep.jsonl").write_text('{"name": "a_seed1", "bytes": 7}\n', encoding="utf-8")
    return Measured(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("mark", "content"),
    [
        ("value: speed/rows/0/us|.1f", "2.5"),
        ("value: speed/size|,", "1,234,567"),
        ("value: speed/size|1e-6 .2f", "1.23"),
        ("value: sweep/a_seed1/bytes", "7"),
        (
            "stamp: speed/stamp",
            "2026-01-02 03:04 UTC, commit `c0ffee`, P (A, 2 cores, load before 0.0);\npython 3",
        ),
    ],
)
def test_a_number_stands_between_its_marks(measured, mark, content):
    assert fill(f"It is <!-- {mark} -->old<!-- end --> here.", measured) == (
        f"It is <!-- {mark} -->{content}<!-- end --> here."
    )


def test_a_table_stands_on_lines_of_its_own(measured, monkeypatch):
    monkeypatch.setitem(TABLES, "mine", lambda found: f"| {found.find('speed/size')} |")
    text = "before\n\n<!-- table: mine -->\nold\nlines\n<!-- end -->\n\nafter\n"
    filled = fill(text, measured)
    assert filled == text.replace("old\nlines", "| 1234567 |")
    assert fill(filled, measured) == filled


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n<!-- table: nothing -->\n<!-- end -->", "page.md:2: .*a table must be one of"),
        ("<!-- help: fly -->\n<!-- end -->", "a command must be one of"),
        ("<!-- value: nothing -->1<!-- end -->", "a value must be a path or one of"),
        ("<!-- value: speed/rows/2/us -->1<!-- end -->", "there is no '2'"),
        ("<!-- value: unmeasured/us -->1<!-- end -->", "no results 'unmeasured'"),
        ("<!-- value: speed/size -->1", "must have its other half"),
        ("1<!-- end -->", "must have its other half"),
    ],
)
def test_a_mark_that_cannot_be_filled_is_named(measured, text, message):
    with pytest.raises(MarkError, match=message):
        fill(text, measured, where="page.md")


def test_all_plots_of_the_documents_are_drawn(tmp_path):
    plots.draw(Measured(), tmp_path)
    shown = {
        name
        for page in PAGES.values()
        for name in re.findall(r"images/(\w+\.png)", page.read_text(encoding="utf-8"))
    }
    drawn = {path.name for path in tmp_path.glob("*.png") if path.stat().st_size > 1000}
    assert len(drawn) == len(plots.PLOTS)
    assert drawn == shown - {"browser.png"}
