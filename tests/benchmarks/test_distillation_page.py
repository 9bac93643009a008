"""The page of distillation says what its results say."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmarks.distillation_page import EQUAL_STEPS, LABELLING, PAGE, render
from benchmarks.distillation_rows import LARGE_ROWS, RECIPE_ROWS, ROWS
from pqrnn_tf.tasks.config import read_config

STAMP = {
    "machine": {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.0},
    "versions": {"python": "3"},
    "commit": "c0ffee",
    "time": "now",
}
ASKED = {"teacher": "t", "corpus": {"train": "a", "dev": "b"}}
STUDENT = {"layers": 2, "units": 24, "bottleneck_units": 32, "batch_size": 64}


def line(row, seed, exact, *, steps=500, lines=None):
    settings = {**ASKED, "student": STUDENT, "steps": steps, "answers": {}}
    if lines is not None:
        settings["answers"]["transfer/fine-tuned"] = {"rows": lines, "fingerprint": "f"}
    return {
        "name": f"{row}_seed{seed}",
        "row": row,
        "seed": seed,
        "settings": settings,
        "scores": {
            "rows": 2235,
            "flat_exact_match": exact,
            "intent_accuracy": 90.0,
            "slot_f1": 80.0,
        },
        "agreement": 85.5,
        "bytes": 1_500_000,
        "parameters": 1_400_000,
        "seconds": 90.0 if seed == 1 else 150.0,
        "stamp": STAMP,
    }


TEACHER = {
    "name": "teacher_seed0",
    "row": "teacher",
    "seed": 0,
    "settings": {**ASKED, "spec": {}},
    "scores": {
        "rows": 2235,
        "flat_exact_match": 80.0,
        "intent_accuracy": 95.0,
        "slot_f1": 88.0,
    },
    "seconds": 30.0,
    "stamp": STAMP,
}


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path)

    def rendered(*lines, **options):
        path = tmp_path / "distillation.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
        return render(path, **options)

    return rendered


def test_the_page_is_what_the_results_render_to(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path)  # plots may differ in fonts
    assert render() == PAGE.read_text(encoding="utf-8")


def test_without_results_there_is_prose_alone(tmp_path):
    text = render(tmp_path / "none.jsonl")
    assert "## The recipes" in text
    assert "## Running it" in text
    assert "What each gives" not in text
    assert "## Temperature" not in text


def test_a_row_has_mean_seeds_gain_and_share(page):
    text = page(
        TEACHER,
        line("labels", 1, 70.0),
        line("soft", 2, 73.0),
        line("soft", 1, 72.0),
        line("labels", 2, 71.0),
    )
    assert "| labels only | 70.50 | 70.00 71.00 |  | 88.1 % | 90.00 | 80.00 | 85.50 |" in text
    assert "| soft labels | 72.50 | 72.00 73.00 | +2.00 | 90.6 % | 90.00 | 80.00 | 85.50 |" in text
    assert "| *the MiniLM* | 80.00 |  |  |  | 95.00 | 88.00 |  |" in text
    assert "500 optimizer steps of 64 rows" in text
    assert "1.5 to 2.5 minutes" in text
    assert "1,500,000 bytes" in text
    assert "commit `c0ffee`" in text


def test_rows_without_runs_are_left_out(page):
    text = page(line("soft", 1, 72.0))
    assert "| soft labels | 72.00 | 72.00 |  |  |" in text
    assert "| labels only |" not in text
    assert "## Temperature" not in text
    assert "## Transfer text" not in text


def test_runs_of_another_budget_are_not_compared(page):
    text = page(line("labels", 1, 60.0, steps=100), line("soft", 1, 72.0))
    assert "| labels only |" not in text


def test_the_score_of_another_teacher_is_not_shown(page):
    other = {**TEACHER, "settings": {**ASKED, "teacher": "u", "spec": {}}}
    assert "*the MiniLM*" not in page(other, line("soft", 1, 72.0))


def test_a_repeated_run_counts_once(page):
    text = page(line("soft", 1, 60.0), line("soft", 1, 72.0))
    assert "| soft labels | 72.00 | 72.00 |" in text


def test_the_rows_that_the_teacher_answered_are_told(page):
    text = page(
        line("transfer_1000", 1, 70.0, lines=1000),
        line("soft_transfer", 1, 72.0, lines=130_000),
    )
    assert "Rows that the teacher answered: transfer 130,000." in text


def test_temperatures_stand_in_order_with_the_usual_one(page):
    text = page(
        line("temperature_8", 1, 70.0),
        line("temperature_2", 1, 71.0),
        line("soft_transfer", 1, 72.0, lines=130_000),
    )
    section = text.split("## Temperature")[1].split("## Transfer text")[0]
    first_cells = [row.split("|")[1].strip() for row in section.splitlines() if "| 7" in row]
    assert first_cells == ["1", "2", "8"]


def test_rows_that_were_trained_longer_are_compared_with_each_other(page):
    long = [
        {**line("labels_long", 1, 71.0), "steps": 1500},
        {**line("soft_transfer_long", 1, 75.5), "steps": 1500},
    ]
    text = page(TEACHER, line("labels", 1, 70.0), *long)
    section = text.split("## Trained longer")[1]
    assert "1,500 steps" in section
    assert "| soft labels + transfer text | 75.50 | 75.50 | +4.50 | 94.4 % |" in section
    assert "Trained longer" not in page(line("labels", 1, 70.0))


def test_a_larger_student_is_compared_with_its_own_labels_and_teachers(page):
    def large(row, exact, teacher="t"):
        made = line(row, 1, exact)
        student = {**STUDENT, "units": 104}
        return {**made, "settings": {**made["settings"], "student": student, "teacher": teacher}}

    together = {**TEACHER, "name": "teachers_together_seed0", "row": "teachers_together"}
    together["settings"] = {**TEACHER["settings"], "teacher": "u"}
    together["scores"] = {**TEACHER["scores"], "flat_exact_match": 84.0}
    text = page(
        TEACHER,
        together,
        line("labels", 1, 70.0),
        large("large_labels", 76.0),
        large("large_soft_transfer", 78.0),
        large("large_together", 79.8, teacher="u"),
    )
    recipes, section = text.split("## A larger student")
    assert "| labels only | 70.00 | 70.00 |  | 87.5 % |" in recipes and "76.00" not in recipes
    assert "3 layers" not in section and "2 layers of 104 units" in section
    assert "| labels only | 76.00 | 76.00 |  | 95.0 % |" in section
    assert "soft labels + transfer text | 78.00 | 78.00 | +2.00 | 97.5 % |" in section
    assert (
        "and a student, soft labels + transfer text | 79.80 | 79.80 | +3.80 | 95.0 % |" in section
    )
    assert "| *the MiniLM and a student* | 84.00 |" in section
    assert "A larger student" not in page(TEACHER, line("labels", 1, 70.0))


def test_a_teacher_that_was_fine_tuned_longer_is_compared_with_its_own_score(page):
    other = {**ASKED, "teacher": "v"}
    teacher = {**TEACHER, "name": "teacher_longer_seed0", "row": "teacher_longer"}
    teacher["settings"] = {**TEACHER["settings"], **other}
    teacher["scores"] = {**TEACHER["scores"], "flat_exact_match": 84.0}
    taught = line("longer_teacher", 1, 75.6)
    taught["settings"] = {**taught["settings"], **other}
    text = page(TEACHER, teacher, line("labels", 1, 70.0), line("soft_transfer", 1, 74.0), taught)
    assert "| soft labels + transfer text | 74.00 | 74.00 | +4.00 | 92.5 % |" in text
    assert "teacher fine-tuned longer | 75.60 | 75.60 | +5.60 | 90.0 % |" in text
    first, second = (text.index(f"| *the MiniLM{of}* |") for of in ("", " fine-tuned longer"))
    assert text[first:].startswith("| *the MiniLM* | 80.00 |") and first < second
    assert text[second:].startswith("| *the MiniLM fine-tuned longer* | 84.00 |")


def test_the_curve_goes_from_none_to_all_lines(page, tmp_path):
    text = page(
        line("soft_transfer", 1, 74.0, lines=130_000),
        line("transfer_1000", 1, 72.0, lines=1000),
        line("soft", 1, 71.0),
        line("labels", 1, 70.0),
    )
    section = text.split("## Transfer text")[1]
    first_cells = [row.split("|")[1].strip() for row in section.splitlines() if "| 7" in row]
    assert first_cells == ["0", "1,000", "130,000"]
    assert (tmp_path / "exact_match_by_transfer_lines.png").stat().st_size > 1000


def test_the_default_is_a_section_when_it_is_written(page):
    assert "## The default\n\nBecause." in page(default="Because.")
    assert "## The default" not in page(default="")


def test_a_teacher_alone_is_no_table(page):
    assert "What each gives" not in page(TEACHER)


def test_every_recipe_is_explained():
    assert all(row.what for row in RECIPE_ROWS)
    assert len(ROWS) == 24


@pytest.mark.parametrize("name", sorted(ROWS))
def test_all_rows_have_the_steps_of_the_sweep(name):
    stages = ROWS[name].stages(steps=2000, layers=3)
    assert sum(stage.steps for stage in stages) == 2000 * ROWS[name].longer


def test_the_larger_student_has_the_sizes_of_the_published_one():
    (changes,) = {row.changes for row in LARGE_ROWS}
    published = read_config(PAGE.parent.parent / "pretrained/mtop_en_2mb/config.json", [])
    assert changes and dataclasses.replace(published, epochs=9) == read_config(
        PAGE.parent.parent / "pretrained/mtop_en_2mb/config.json", [*changes, "epochs=9"]
    )


def test_a_row_of_the_larger_student_from_an_older_teacher_is_left_out(page):
    old = line("large_labels", 1, 70.0)
    old["settings"] = {**old["settings"], "teacher": "old"}
    lines = (TEACHER, line("labels", 1, 60.0), old, line("large_soft_transfer", 1, 78.0))
    section = page(*lines).split("## A larger")[1]
    assert "| 78.00 |" in section and "70.00" not in section


def test_rows_differ_in_what_they_are_called_after():
    latent = ROWS["soft_transfer_latent"].stages(steps=100, layers=2)[0].latent
    assert [loss.distance for loss in latent] == ["hidden"]
    assert ROWS["soft"].stages(steps=100, layers=2)[0].data == ("task",)
    assert ROWS["transfer_1000"].stages(steps=100, layers=2)[0].data == ("task", "transfer")
    assert ROWS["labels"].stages(steps=100, layers=2)[0].regularisation == 1.0
    assert ROWS["labels_light"].stages(steps=100, layers=2)[0].regularisation == 0.2
    assert ROWS["soft_transfer"].stages(steps=100, layers=2)[0].regularisation == 0.2
    regularised = ROWS["soft_transfer_regularised"].stages(steps=100, layers=2)[0]
    assert regularised.regularisation == 1.0 and regularised.data == ("task", "transfer")
    assert ROWS["temperature_8"].stages(steps=100, layers=2)[0].temperature == 8.0
    thawing = ROWS["four_stages_unfreezing"].stages(steps=2000, layers=2)
    assert [stage.frozen for stage in thawing] == [0, 0, 0, 3, 2, 1, 0]


def test_teachers_together_have_a_section_where_they_were_measured(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(line("labels", 1, 77.0)) + "\n", encoding="utf-8")
    scores = {"flat_exact_match": 83.21, "intent_accuracy": 96.0, "slot_f1": 91.0}
    measured = {"rows": [{"title": "A + 0.7 × B", "scores": scores}], "stamp": STAMP}
    assert "| A + 0.7 × B | 83.21 | 96.00 | 91.00 |" in render(path, teachers=measured)
    assert "Teachers together" not in render(path, teachers={})


def test_stored_answers_are_compared_on_each_number_of_cores(tmp_path):
    seconds = {"live": [10.0, 12.0, 11.0], "cached": [2.0, 2.0, 2.5]}
    run = {"seconds": 30.0, "rows_per_second": 286.7}
    measured = {
        "stamp": STAMP,
        "epoch": {
            "rows": 4096,
            "parameters": 453_129,
            "runs": [{"batch_size": 256, "cores": 1, "seconds": seconds, "ratio": 5.5}],
            "bytes_per_row": 2098.1,
        },
        "labelling": {"runs": {"1": [run]}, "ratio": 2.09, "ratio_with_start": 1.34},
    }
    (tmp_path / f"{LABELLING}.json").write_text(json.dumps(measured), encoding="utf-8")
    page = render(tmp_path / "r.jsonl")
    assert "| 1 | 11.0 s | 2.0 s | 5.50 |" in page
    assert "287 by 1" in page


def test_the_page_counts_gains_from_the_first_run(tmp_path):
    runs = {
        title: {
            "stamp": STAMP,
            "steps": steps,
            "batch_sizes": [64],
            "bytes": 1_954_315,
            "scores": {
                "rows": 2235,
                "flat_exact_match": exact,
                "intent_accuracy": 96.0,
                "slot_f1": 90.0,
            },
        }
        for title, steps, exact in (("labels", 6860, 78.61), ("teachers", 18000, 81.66))
    }
    assert "At the size of the published" not in render(tmp_path / "r.jsonl")
    results = {"stamp": STAMP, "students": {"small": runs, "large": {"labels": runs["teachers"]}}}
    (tmp_path / f"{EQUAL_STEPS}.json").write_text(json.dumps(results))
    page = render(tmp_path / "r.jsonl")
    small, large = page.split("### `small`")[1].split("### `large`")
    assert "| labels | 6,860 | 1,954,315 | 78.61 |  | 96.00 | 90.00 |" in small
    assert "| teachers | 18,000 | 1,954,315 | 81.66 | +3.05 | 96.00 | 90.00 |" in small
    assert "| labels | 18,000 | 1,954,315 | 81.66 |  | 96.00 | 90.00 |" in large
