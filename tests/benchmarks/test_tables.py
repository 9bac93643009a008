"""The tables of the documents say what was measured."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmarks import nonsense
from benchmarks.confusions import KINDS
from benchmarks.distillation_rows import LARGE_ROWS, ROWS
from benchmarks.measured import Measured
from benchmarks.records import ROOT
from benchmarks.render import TABLES, VALUES
from benchmarks.tables import six_languages
from benchmarks.tables.published import LANGUAGES
from pqrnn_tf.datasets import ALL_ERRORS, ERRORS
from pqrnn_tf.tasks.config import read_config

SCORES = {"rows": 2000, "intent_accuracy": 95.5, "slot_f1": 89.0, "tag_f1": 90.0}
SCORES |= {"flat_exact_match": 80.25}
INTENTS = {"rows": 3100, "intent_accuracy": 93.0, "flat_exact_match": 93.0}
NOISY = {"share": 0.1, "seed": 1, "lost": 5.0, **SCORES, "flat_exact_match": 75.25}
TIMES = {"median_us": 100.4, "p90_us": 200.0}


@pytest.fixture
def measured(tmp_path):
    """Writes published models and files of results; gives what the tables read."""

    def written(models=None, **results) -> Measured:
        for name, record in (models or {}).items():
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "scores.json").write_text(json.dumps(record), encoding="utf-8")
        for name, content in results.items():
            if isinstance(content, list):
                lines = "".join(json.dumps(line) + "\n" for line in content)
                (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
            else:
                (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        return Measured(tmp_path, tmp_path)

    return written


def lines(name: str, found: Measured) -> list[str]:
    return TABLES[name](found).splitlines()


def model(corpus="MTOP", scores=SCORES, size=1_500_000, **parts):
    found = [{"corpus": corpus, "language": "en", "data": "d"}]
    if parts:
        found = [
            {"corpus": corpus, "language": code, "data": code, "tflite": of}
            for code, of in parts.items()
        ]
    return {"parts": found, "bytes": size, "tflite": scores}


def run(row, scores, seed=1, **settings):
    return {
        "name": f"{row}_seed{seed}",
        "row": row,
        "seed": seed,
        "settings": settings,
        "scores": scores,
        "bytes": 900_000,
    }


# Published models and other tasks


def test_readme_has_the_mean_of_several_languages(measured):
    found = measured({"mine": model(en=SCORES, de=SCORES)})
    link = "[mine](pretrained/mine/README.md)"
    row = f"| {link} | 1.50 MB | MTOP, mean of 2 languages | 80.25 |  | 95.50 | 89.00 |"
    assert lines("models", found)[2:] == [row]


def test_readme_has_systems_that_are_files_of_their_own(measured):
    peer = {"title": "Peer", "bytes": 15_000_000, "parse": {"median_us": 300.0, "p90_us": 500.0}}
    ours = {"title": "Ours", "bytes": 1_500_000, "parse": TIMES}
    systems = {
        "peer": {**peer, "times": {"parse": {"mine": 2.99}}},
        "mine": {**ours, "times": {"parse": {"mine": 1.0}}},
        "peer_few": {"title": "Peer, padded", "parse": TIMES, "times": {"parse": {"mine": 1.0}}},
    }
    assert lines("latency", measured(end_to_end={"ours": ["mine"], "systems": systems}))[2:] == [
        "| Ours | 1.50 MB | 100 / 200 | 1.00 |",
        "| Peer | 15.00 MB | 300 / 500 | 2.99 |",
    ]


def six(title="Ours", **scores):
    languages = dict.fromkeys(LANGUAGES, {**SCORES, **scores})
    return {"title": title, "parameters": 2_000_000, "bytes": 2_100_000, "languages": languages}


def test_published_rows_are_marked_and_ours_are_not(measured):
    row = {"name": "Theirs", "parameters": 2_000_000, "bits": 8, "mean": 74.8, "source": "S"}
    row["exact_match"] = dict.fromkeys(LANGUAGES, 70.0)
    systems = {"systems": {"pqrnn": six(), "bilstm": six("Other")}}
    found = measured({"mine": model()}, published_mtop={"rows": [row]}, six_languages=systems)
    table = lines("mtop", found)[2:]
    cells = " 70.0 |" * 6
    assert f"| *Theirs* (S) | 2M × 8 bits | published, test rows |{cells} 74.8 |" in table
    assert "| **mine** | 1.5 MB | flat exact match | 80.25 |  |  |  |  |  |  |" in table
    assert len(table) == 3  # no tree exact match where there is none, and no row of the baseline


def test_the_mean_is_that_of_all_six_languages(measured):
    systems = {"systems": {"pqrnn": six(tree_exact_match=77.5)}}
    found = measured(published_mtop={"rows": []}, six_languages=systems)
    cells = " 77.50 |" * 7
    title = "**Ours, six languages from labels**"
    assert f"| {title} | 2.1 MB | tree exact match |{cells}" in lines("mtop", found)


def test_each_language_and_their_mean(measured):
    german = {**SCORES, "flat_exact_match": 70.25}
    systems = {"systems": {"pqrnn": six()}}
    found = measured({"two": model(en=SCORES, de=german)}, six_languages=systems)
    table = lines("by_language", found)
    assert "| two | German | 70.25 | 95.50 | 89.00 | 90.00 |" in table
    assert "| two | **mean** | 75.25 | 95.50 | 89.00 | 90.00 |" in table


def test_the_file_of_published_rows_is_of_all_languages_and_names_its_sources():
    rows = Measured().read("published_mtop")["rows"]
    assert len(rows) == 9
    for row in rows:
        values = [row["exact_match"][code] for code in LANGUAGES]
        assert sum(values) / 6 == pytest.approx(row["mean"], abs=0.06)
        assert row["source"]


def test_other_tasks_and_rows_out_of_scope(measured):
    scope = {"in_scope_accuracy": 91.0, "out_of_scope_recall": 72.5, "auroc": 96.0}
    scope |= {"in_scope_accuracy_untuned": 93.5, "out_of_scope_recall_untuned": 40.25}
    clinc = run("clinc150", {**INTENTS, "out_of_scope": scope}, corpus="CLINC150")
    found = measured({"snips": model("SNIPS"), "mine": model()}, tasks=[clinc])
    assert lines("tasks", found)[2:] == [
        "| SNIPS (snips) | 2,000 | 80.25 | 95.50 | 89.00 | 90.00 | 1,500,000 | "
        "[pretrained/snips](../pretrained/snips/README.md) |",
        "| CLINC150 | 3,100 |  | 93.00 |  |  | 900,000 | `benchmarks.tasks` |",
    ]
    assert lines("out_of_scope", found)[2:] == [
        "| CLINC150 | 91.00 | 72.50 | 96.00 | 93.50 | 40.25 |"
    ]


def test_typing_errors_cost_what_they_cost(measured):
    typed = {"share": 0.1, "seed": 1, "lost": 3.0, **INTENTS, "intent_accuracy": 90.0}
    found = measured(
        {"mine": model(scores={**SCORES, "typos": [NOISY]}), "clean": model()},
        tasks=[run("banking77", {**INTENTS, "typos": [typed]}, corpus="Banking77")],
    )
    assert lines("typing_errors", found)[2:] == [
        "| mine | flat exact match | 80.25 | 75.25 (−5.00) |",
        "| Banking77 | intent accuracy | 93.00 | 90.00 (−3.00) |",
    ]


def way(form, lost, **more):
    return {
        "form": form,
        "seed": 1,
        "changed": 9,
        "lost": lost,
        "flat_exact_match": 80.25 - lost,
        **more,
    }


def test_keyboard_errors_of_published_models_are_among_their_ways_of_writing(measured):
    ways = [way("tabs", 1.0), way("vowel", 2.0, share=0.1), way("keyboard", 3.0, share=0.1)]
    found = measured({"mine": model(scores={**SCORES, "surface": ways})}, tasks=[])
    assert lines("typing_errors", found)[2:] == [
        "| mine | flat exact match | 80.25 | 77.25 (−3.00) |"
    ]


def test_ways_of_writing_that_cost_too_much_are_counted(measured):
    ways = [way("tabs", 0.0), way("full_stop", 1.0), way("danda", 1.01)]
    ways += [way("vowel", 4.5, share=0.1), way("vowel", 4.5, share=0.2)]
    before = {"scores": {**SCORES, "surface": [way("tabs", 2.0), way("danda", 30.0)]}}
    found = measured(
        {"mine": model(scores={**SCORES, "surface": ways}), "unmeasured": model()},
        surface={"models": {"mine, before": before}},
    )
    assert lines("surface", found) == [
        "| points lost | mine | mine, before |",
        "| --- | --- | --- |",
        "| tabs | +0.00 | +2.00 |",
        "| full stop | +1.00 |  |",
        "| danda | +1.01 | +30.00 |",
        "| errors, vowel, 10 % of the words | +4.50 |  |",
        "| errors, vowel, 20 % of the words | +4.50 |  |",
        "| **forms that cost more than 1.0** | 1 | 2 |",
        "| **kinds of errors in 10 % of the words that cost more than 4.0** | 1 | 0 |",
        "| **kinds of errors in 20 % of the words that cost more than 8.0** | 0 | 0 |",
    ]


def test_a_request_is_shown_with_every_kind_of_error(measured):
    shown = [line.split(" | ")[0].strip("| `") for line in lines("kinds_of_errors", measured())[2:]]
    assert shown == [*ERRORS, ALL_ERRORS]


def test_nonsense_is_counted_by_kind(measured):
    counts = {"requests": 50, "unchanged": 49, "in_place": 40, "unharmed": 39}
    content = {"models": {"mine": dict.fromkeys([*nonsense.KINDS, nonsense.TOGETHER], counts)}}
    table = lines("nonsense", measured(nonsense=content))
    assert table[2] == "| mine | invented words outside of slots | 50 | 49 | 40 | 39 |"
    assert table[-1] == "| mine | **together** | 50 | 49 | 40 | 39 |"


def test_bits_are_compared_with_floats(measured):
    file = {"bytes": 990_000, "same_parse": 0.998, "time": TIMES}
    less = {**SCORES, "flat_exact_match": 80.0}
    rows = [
        {"training": "floats", "variant": "keras", "scores": SCORES},
        {"training": "floats", "variant": "int8", "scores": less, **file},
    ]
    found = measured(quantization={"models": {"M": {"rows": rows}}})
    assert lines("quantization", found)[2:] == [
        "| M | floats | floats, in Keras | 80.25 | +0.00 | 95.50 | 89.00 |  |  |  |",
        "| M | floats | 8-bit weights and activations | 80.00 | -0.25 | 95.50 | 89.00 | 990,000 | "
        "99.80 % | 100 / 200 |",
    ]


def test_published_models_say_what_eight_bits_cost(measured):
    floats = {**SCORES, "flat_exact_match": 80.5, "slot_f1": 89.25}
    published = {**model(), "keras": floats, "parity": {"same_parse": 0.995}}
    found = measured({"mine": published, "unmeasured": model()})
    assert lines("published_bits", found)[2:] == [
        "| mine | 80.50 | 80.25 | -0.25 |  | +0.00 | -0.25 | 99.50 % |"
    ]


def test_an_ablation_counts_from_its_base(measured):
    def ablated(row, exact, seed=1):
        return run(row, {**SCORES, "flat_exact_match": exact, "typos": [NOISY]}, seed=seed)

    found = measured(
        ablation=[ablated("base", 80.0), ablated("base", 81.0, 2), ablated("layers_2", 79.0)]
    )
    assert lines("ablation", found)[2:] == [
        "|  | the base | 900,000 | 80.50 |  |  | 95.50 | 89.00 | 5.00 |",
        "| encoder | 2 layers instead of 3 | 900,000 | 79.00 | -1.50 |  | 95.50 | 89.00 | 5.00 |",
    ]
    names = ("seeds", "lowest", "highest")
    assert [VALUES[f"ablation_base_{name}"](found) for name in names] == ["2", "80.00", "81.00"]


def test_confusions_stand_side_by_side_with_differences(measured):
    kinds = dict.fromkeys(KINDS, 0)
    content = {
        "models": {"old": SCORES, "new": {**SCORES, "flat_exact_match": 82.0}},
        "kinds": {"old": {**kinds, "name": 5}, "new": {**kinds, "name": 2, "intent": 1}},
        "confusions": [
            {"kind": "name", "gold": "A", "predicted": "B", "counts": {"old": 5, "new": 2}},
            {"kind": "invented", "gold": "", "predicted": "C", "counts": {"old": 1, "new": 1}},
        ],
    }
    found = measured(confusions=content)
    assert "| new | 82.00 | 95.50 | 89.00 | 90.00 |" in lines("confusion_models", found)
    by_kind = lines("confusion_kinds", found)
    assert f"| name: {KINDS['name']} | 5 | 2 (-3) |" in by_kind
    assert by_kind[-1] == "| **together** | 5 | 3 (-2) |"
    assert lines("confusions", found)[2:] == [
        "| name | A → B | 5 | 2 (-3) |",
        "| invented | C | 1 | 1 |",
    ]


# Speed


def test_the_floor_and_what_is_above_it(measured):
    times = {name: {"median_us": 10.0} for name in ("floor", "front", "encoder", "whole")}
    row = {"tokens": 8, "multiply_accumulates": 2_000_000, "times": times}
    row |= {"operations": {"whole": {"MUL": 3, "ADD": 2}}}
    row |= {"encoder_over_floor": 1.0, "whole_over_floor": 1.25}
    found = measured(floor={"rows": [row]})
    assert lines("floor", found)[2:] == ["| 8 | 2.0 M | 10 | 10 | 10 | 10 | 1.00 | 1.25 |"]
    assert VALUES["floor_operations"](found) == "5"
    assert VALUES["floor_kinds"](found) == "3 MUL, 2 ADD"
    assert "| TinyBERT-4 (4 × 312) | word piece | 4.6 M | 18.2 |" in lines("products", found)


def test_rare_kinds_of_operation_are_one_row(measured):
    kinds = [{"kind": f"K{i}", "operations": 2, "us": 5.0} for i in range(14)]
    content = {"whole_us": 56.0, "sum_of_kinds_us": 70.0, "kinds": kinds}
    found = measured(operations=content)
    assert lines("operations", found)[2] == "| K0 | 2 | 5.0 | 7% |"
    assert lines("operations", found)[-1] == "| 2 other kinds | 4 | 10.0 | 14% |"
    assert VALUES["operations_ratio"](found) == "1.25"


@pytest.mark.parametrize("missing", ["", "fastText was not installed"])
def test_a_peer_that_is_not_installed_has_a_row_that_says_so(measured, missing):
    system = {"title": "S", "bytes": 2_000_000, "intent_accuracy": 95.0, "times": {"m": 0.5}}
    content = {"ours": ["m"], "missing": missing, "systems": {"s": {**system, "intent": TIMES}}}
    table = lines("intent", measured(intent=content))
    assert table[2] == "| S | 2.00 MB | 95.00 | 100 / 200 | 0.50 |"
    assert table[3:] == (["| fastText was not installed |  |  |  |  |"] if missing else [])


def test_a_stage_that_failed_is_named(measured):
    content = {"seconds": {"floor": 61.4, "export": 30.0}, "failed": {"training": "X"}}
    assert lines("run_all", measured(run_all=content))[2:] == [
        "| `floor` | 61 |",
        "| `export` | 30 |",
        "| **together** | **91** |",
        "| `training` | not measured: X |",
    ]


# Six languages


def system(title, exact, **more):
    return {
        "title": title,
        "parameters": 2_000_000,
        "steps": 14_000,
        "seconds": 600.0,
        "languages": {name: {"flat_exact_match": value} for name, value in exact.items()},
        "mean": {
            "flat_exact_match": sum(exact.values()) / len(exact),
            "intent_accuracy": 90.0,
            "slot_f1": 80.0,
        },
        **more,
    }


SYSTEMS = {
    "pqrnn": system("pQRNN", {"en": 80.0, "th": 70.5}, bytes=1_980_000, seconds=None),
    "bilstm": system("BiLSTM", {"en": 76.0, "th": 68.5}),
    "transformer": system("Transformer", {"en": 81.0, "th": 70.5}),
}


def test_systems_are_compared_by_language(measured):
    asked = {"development": {"rows": 20}}
    found = measured(six_languages={"systems": SYSTEMS, "asked": asked})
    assert lines("six_languages", found) == [
        "|  | English | Thai | mean |",
        "| --- | --- | --- | --- |",
        "| pQRNN | 80.00 | 70.50 | **75.25** |",
        "| BiLSTM | 76.00 | 68.50 | **72.25** |",
        "| Transformer | 81.00 | 70.50 | **75.75** |",
    ]
    assert lines("six_languages_sizes", found)[2:4] == [
        "| pQRNN | 2,000,000 | 1.98 MB, 8 bits | 90.00 | 80.00 | 14,000 |  |",
        "| BiLSTM | 2,000,000 | 8.00 MB, floats | 90.00 | 80.00 | 14,000 | 10 |",
    ]
    assert VALUES["six_over_bilstm"](found) == "+3.00"
    assert VALUES["six_over_transformer"](found) == "-0.50"
    assert VALUES["six_thai_behind_english"](found) == "9.50"
    assert VALUES["six_rows_per_language"](found) == "10"


def test_errors_are_told_by_language_and_kind(measured):
    def of_language(exact, boundaries):
        part = {"rows": 7, "flat_exact_match": exact, "intent_accuracy": 97.0}
        kinds = {**dict.fromkeys(KINDS, 0), "boundary": boundaries, "missed": 1}
        return {"everywhere": part, "elsewhere": {**part, "rows": 3}, "kinds": kinds}

    languages = {"en": of_language(86.0, 12), "th": of_language(74.0, 34)}
    found = measured(six_languages={"errors": {"languages": languages}})
    table = "\n".join(lines("six_languages_labels", found))
    assert "| 7 | flat exact match | 86.00 | 74.00 | 80.00 |" in table
    assert "| 3 | intent accuracy | 97.00 | 97.00 | 97.00 |" in table
    assert f"| {KINDS['boundary']} | 12 | 34 |" in lines("six_languages_kinds", found)
    assert VALUES["six_thai_more_errors"](found) == "22"
    assert VALUES["six_thai_more_boundaries"](found) == "22"


def test_a_student_is_compared_with_its_teachers(measured):
    def teacher(english, thai):
        exact = {"en": english, "th": thai}
        return {"languages": {code: {"flat_exact_match": own} for code, own in exact.items()}}

    parts = [
        {"language": language, "tflite": {"flat_exact_match": value}}
        for language, value in (("th", 70.4), ("en", 86.4))
    ]
    teachers = {
        "another": teacher(81.0, 71.0),
        six_languages.TEACHER: teacher(88.0, 72.0),
    }
    found = measured(
        {"mtop_6_2mb": {"parts": parts}}, six_languages={"systems": SYSTEMS, "teachers": teachers}
    )
    assert lines("six_languages_taught", found)[2:] == [
        "| teacher: another | 81.00 | 71.00 | **76.00** |",
        f"| teacher: {six_languages.TEACHER} | 88.00 | 72.00 | **80.00** |",
        "| `mtop_6_2mb`, a student | 86.40 | 70.40 | **78.40** |",
        "| pQRNN, from labels only | 80.00 | 70.50 | **75.25** |",
    ]
    assert VALUES["six_kept"](found) == "98.0 %"
    assert len(lines("six_languages_carried_over", found)) == 2


def test_teachers_are_scored_on_intents_without_labels_in_a_language(measured):
    scores = {"flat_exact_match": 60.0, "intent_accuracy": 90.0}
    rows = {"languages": {"en": scores, "th": {**scores, "flat_exact_match": 50.0}}}
    teachers = {"a BERT": {"elsewhere": rows}}
    found = measured(six_languages={"systems": SYSTEMS, "teachers": teachers})
    assert lines("six_languages_carried_over", found)[2:] == [
        "| a BERT | flat exact match | 60.00 | 50.00 | 55.00 |",
        "| a BERT | intent accuracy | 90.00 | 90.00 | 90.00 |",
    ]


# Distillation

ASKED = {"teacher": "t", "corpus": {"train": "a", "dev": "b"}}
STUDENT = {"layers": 2, "units": 24, "bottleneck_units": 32, "batch_size": 64}
TEACHER = {
    "name": "teacher_seed0",
    "row": "teacher",
    "seed": 0,
    "settings": {**ASKED, "spec": {}},
    "scores": {"flat_exact_match": 80.0, "intent_accuracy": 95.0, "slot_f1": 88.0},
}


def taught(row, seed, exact, *, steps=500, lines=None, student=STUDENT, teacher="t"):
    settings = {**ASKED, "student": student, "steps": steps, "answers": {}, "teacher": teacher}
    if lines is not None:
        settings["answers"]["transfer/fine-tuned"] = {"rows": lines}
    return {
        "name": f"{row}_seed{seed}",
        "row": row,
        "seed": seed,
        "settings": settings,
        "scores": {"flat_exact_match": exact, "intent_accuracy": 90.0, "slot_f1": 80.0},
        "agreement": 85.5,
        "bytes": 1_500_000 + seed,
        "seconds": 90.0 if seed == 1 else 150.0,
    }


def another_teacher(row, name, exact):
    scores = {**TEACHER["scores"], "flat_exact_match": exact}
    settings = {**TEACHER["settings"], "teacher": name}
    return {**TEACHER, "name": f"{row}_seed0", "row": row, "settings": settings, "scores": scores}


def first_cells(table):
    return [line.split("|")[1].strip() for line in table[2:]]


def test_a_row_has_mean_seeds_gain_and_share(measured):
    runs = [taught("labels", 1, 70.0), taught("soft", 2, 73.0)]
    runs += [taught("soft", 1, 72.0), taught("labels", 2, 71.0)]
    found = measured(distillation=[TEACHER, *runs])
    assert lines("recipes", found)[2:] == [
        "| labels only | 70.50 | 70.00 71.00 |  | 88.1 % | 90.00 | 80.00 | 85.50 |",
        "| soft labels | 72.50 | 72.00 73.00 | +2.00 | 90.6 % | 90.00 | 80.00 | 85.50 |",
        "| *the MiniLM* | 80.00 |  |  |  | 95.00 | 88.00 |  |",
    ]
    assert VALUES["recipes_minutes"](found) == "1.5 to 2.5"
    assert VALUES["recipes_bytes"](found) == "1,500,001 to 1,500,002"


def test_rows_without_runs_are_left_out(measured):
    table = lines("recipes", measured(distillation=[taught("soft", 1, 72.0)]))
    assert table[2:] == ["| soft labels | 72.00 | 72.00 |  |  | 90.00 | 80.00 | 85.50 |"]


def test_runs_of_another_budget_are_not_compared(measured):
    runs = [taught("labels", 1, 60.0, steps=100), taught("soft", 1, 72.0)]
    assert first_cells(lines("recipes", measured(distillation=runs))) == ["soft labels"]


def test_the_score_of_another_teacher_is_not_shown(measured):
    runs = [another_teacher("teacher", "u", 80.0), taught("soft", 1, 72.0)]
    assert first_cells(lines("recipes", measured(distillation=runs))) == ["soft labels"]


def test_a_repeated_run_counts_once(measured):
    found = measured(distillation=[taught("soft", 1, 60.0), taught("soft", 1, 72.0)])
    assert lines("recipes", found)[2].startswith("| soft labels | 72.00 | 72.00 |")


def test_rows_that_the_teacher_answered_are_counted(measured):
    runs = [taught("soft_transfer", 1, 72.0, lines=130_000)]
    assert VALUES["recipes_rows_transfer"](measured(distillation=runs)) == "130,000"


def test_temperatures_stand_in_order_with_the_usual_one(measured):
    runs = [taught("temperature_8", 1, 70.0), taught("temperature_2", 1, 71.0)]
    runs.append(taught("soft_transfer", 1, 72.0, lines=130_000))
    assert first_cells(lines("temperatures", measured(distillation=runs))) == ["1", "2", "8"]


def test_the_curve_of_transfer_text_goes_from_none_to_all_lines(measured):
    runs = [taught("soft_transfer", 1, 74.0, lines=130_000)]
    runs += [taught("transfer_1000", 1, 72.0, lines=1000), taught("soft", 1, 71.0)]
    found = measured(distillation=runs)
    assert first_cells(lines("transfer", found)) == ["0", "1,000", "130,000"]


def test_rows_that_were_trained_longer_are_compared_with_each_other(measured):
    longer = [taught("labels_long", 1, 71.0), taught("soft_transfer_long", 1, 75.5)]
    for one in longer:
        one["steps"] = 1500
    found = measured(distillation=[TEACHER, taught("labels", 1, 70.0), *longer])
    assert "| soft labels + transfer text | 75.50 | 75.50 | +4.50 | 94.4 % |" in TABLES["longer"](
        found
    )
    assert VALUES["longer_steps"](found) == "1,500"


def test_a_larger_student_is_compared_with_its_own_labels_and_teachers(measured):
    large = {**STUDENT, "units": 104}
    runs = [
        TEACHER,
        another_teacher("teachers_together", "u", 84.0),
        taught("labels", 1, 70.0),
        taught("large_labels", 1, 76.0, student=large),
        taught("large_soft_transfer", 1, 78.0, student=large),
        taught("large_together", 1, 79.8, student=large, teacher="u"),
    ]
    found = measured(distillation=runs)
    assert first_cells(lines("recipes", found)) == ["labels only", "*the MiniLM*"]
    rows = [line.split("|")[2:6] for line in lines("larger", found)[2:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["76.00", "76.00", "", "95.0 %"],
        ["78.00", "78.00", "+2.00", "97.5 %"],
        ["79.80", "79.80", "+3.80", "95.0 %"],
        ["80.00", "", "", ""],
        ["84.00", "", "", ""],
    ]


def test_a_row_of_the_larger_student_from_an_older_teacher_is_left_out(measured):
    old = taught("large_labels", 1, 70.0, teacher="old")
    runs = [TEACHER, taught("labels", 1, 60.0), old, taught("large_soft_transfer", 1, 78.0)]
    assert "70.00" not in TABLES["larger"](measured(distillation=runs))


def test_a_teacher_that_was_fine_tuned_longer_is_compared_with_its_own_score(measured):
    runs = [TEACHER, another_teacher("teacher_longer", "v", 84.0), taught("labels", 1, 70.0)]
    runs += [taught("soft_transfer", 1, 74.0), taught("longer_teacher", 1, 75.6, teacher="v")]
    table = lines("recipes", measured(distillation=runs))
    assert "| soft labels + transfer text | 74.00 | 74.00 | +4.00 | 92.5 % |" in table[3]
    assert "teacher fine-tuned longer | 75.60 | 75.60 | +5.60 | 90.0 % |" in table[4]
    assert table[5].startswith("| *the MiniLM* | 80.00 |")
    assert table[6].startswith("| *the MiniLM fine-tuned longer* | 84.00 |")


def test_stored_answers_are_compared_on_each_number_of_cores(measured):
    seconds = {"live": [10.0, 12.0, 11.0], "cached": [2.0, 2.0, 2.5]}
    epoch = {"runs": [{"batch_size": 256, "cores": 1, "seconds": seconds, "ratio": 5.5}]}
    labelling = {"runs": {"1": [{"rows_per_second": 286.7}, {"rows_per_second": 250.0}]}}
    found = measured(labelling={"epoch": epoch, "labelling": labelling})
    assert lines("stored_answers", found)[2:] == ["| 256 | 1 | 11.0 s | 2.0 s | 5.50 |"]
    assert VALUES["labelled_by_1"](found) == "287"


def test_gains_are_counted_from_the_first_run_of_each_student(measured):
    def one(steps, exact):
        scores = {"flat_exact_match": exact, "intent_accuracy": 96.0, "slot_f1": 90.0}
        stamp = {"commit": "c0ffee", "time": "2026-01-02T03:04:05"}
        return {"stamp": stamp, "steps": steps, "bytes": 1_954_315, "scores": scores}

    labels, teachers = one(6860, 78.61), one(18000, 81.66)
    students = {"small": {"labels": labels, "teachers": teachers}, "large": {"labels": teachers}}
    end = "96.00 | 90.00 | c0ffee | 2026-01-02 |"
    assert lines("equal_steps", measured(equal_steps={"students": students}))[2:] == [
        f"| `small` | labels | 6,860 | 1,954,315 | 78.61 |  | {end}",
        f"| `small` | teachers | 18,000 | 1,954,315 | 81.66 | +3.05 | {end}",
        f"| `large` | labels | 18,000 | 1,954,315 | 81.66 |  | {end}",
    ]


def test_shared_texts_are_shares_of_rows_and_of_shared_rows(measured):
    counts = {"rows": 2000, "shared": 500, "same_intent": 495, "same_flat_parse": 450}
    found = measured(shared_texts={"other": "TOPv2", "splits": {"dev": counts}})
    assert lines("shared_texts", found)[2:] == ["| dev | 2,000 | 500 (25%) | 99.0% | 90.0% |"]


# Rows of the distillation sweep


@pytest.mark.parametrize("name", sorted(ROWS))
def test_all_rows_have_the_steps_of_the_sweep(name):
    stages = ROWS[name].stages(steps=2000, layers=3)
    assert sum(stage.steps for stage in stages) == 2000 * ROWS[name].longer


def test_the_larger_student_has_the_sizes_of_the_published_one():
    (changes,) = {row.changes for row in LARGE_ROWS}
    path = ROOT / "pretrained" / "mtop_en_2mb" / "config.json"
    published = dataclasses.replace(read_config(path, []), epochs=9)
    assert changes and published == read_config(path, [*changes, "epochs=9"])


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


def test_few_rows_are_averaged_over_their_seeds(measured):
    def run(seed, size, accuracy, **scores):
        took = {"seconds": 10.0, "cpu_seconds": 15.0}
        return {
            "name": f"snips, {size}, seed {seed}",
            "corpus": "snips",
            "size": size,
            "rows": 70 if size == "10 per intent" else int(size),
            "seed": seed,
            "load_before": 0.5 * seed,
            "baseline": {"intent_accuracy": 90.0, **took},
            "ours": {"intent_accuracy": accuracy, **scores, **took},
        }

    runs = [run(1, "100", 93.0), run(2, "100", 95.0), run(1, "10 per intent", 80.5, slot_f1=40.0)]
    filled = TABLES["small_data"](measured(small_data={"runs": runs}))
    lines = filled.splitlines()
    assert [line.split(" | ")[1:5] for line in lines[2:]] == [
        ["70 (10 per intent)", "80.50", "90.00", "40.00"],
        ["100", "94.00", "90.00", ""],
    ]
    assert [line.split(" | ")[-1] for line in lines[2:]] == ["0.5 |", "1.0 |"]


def test_few_phrases_an_intent_are_averaged_over_their_draws(measured):
    def run(system, seed, accuracy, corpus="hwu64", size="20", **more):
        return {
            "corpus": corpus,
            "size": size,
            "seed": seed,
            "system": system,
            "rows": 1280,
            "intents": 64,
            "intent_accuracy": accuracy,
            **more,
        }

    runs = [
        run("ours", 1, 80.0, cpu_seconds=4.0, bytes=1_900_000),
        run("ours", 2, 82.0, cpu_seconds=6.0, bytes=1_900_000),
        run("tfidf", 1, 75.0),
        run("scratch", 1, 90.0, corpus="snips", size="10", slot_f1=50.0, cpu_seconds=9.0),
    ]
    results = measured(few_shot={"runs": runs})
    cells = [line.split(" | ") for line in TABLES["few_shot"](results).splitlines()[2:]]
    assert [line[1:] for line in cells] == [
        ["20", "1,280", "81.00", "75.00", "", "5", "1,900,000", "2 |"]
    ]
    cells = [line.split(" | ") for line in TABLES["few_shot_slots"](results).splitlines()[2:]]
    assert [line[3:] for line in cells] == [
        ["from drawn weights", "90.00", "50.00", "", "9", "1 |"]
    ]
