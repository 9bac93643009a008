"""The pages of results and of errors say what was measured, and leave out what was not."""

from __future__ import annotations

import json

import pytest

from benchmarks import ablation_page, errors_page, readme_page, results_page
from benchmarks.confusion_counts import KINDS
from benchmarks.pages import read_results

STAMP = {
    "machine": {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.0},
    "versions": {"python": "3"},
    "commit": "c0ffee",
    "time": "now",
}
SCORES = {"rows": 2000, "intent_accuracy": 95.5, "slot_f1": 89.0, "tag_f1": 90.0}
SCORES |= {"flat_exact_match": 80.25}
INTENTS = {"rows": 3100, "intent_accuracy": 93.0, "flat_exact_match": 93.0}
NOISY = {"share": 0.1, "seed": 1, "lost": 5.0, **SCORES, "flat_exact_match": 75.25}


@pytest.fixture(autouse=True)
def images(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path / "images")
    return tmp_path / "images"


@pytest.fixture
def page(tmp_path):
    """Renders the page of results from models and files of results."""

    def rendered(models=None, **results) -> str:
        for name, record in (models or {}).items():
            folder = tmp_path / "pretrained" / name
            folder.mkdir(parents=True)
            (folder / "scores.json").write_text(json.dumps(record), encoding="utf-8")
        (tmp_path / "results").mkdir()
        for name, content in results.items():
            if isinstance(content, list):
                path = tmp_path / "results" / f"{name}.jsonl"
                path.write_text("".join(json.dumps(line) + "\n" for line in content), "utf-8")
            else:
                path = tmp_path / "results" / f"{name}.json"
                path.write_text(json.dumps(content), encoding="utf-8")
        return results_page.render(tmp_path / "pretrained", tmp_path / "results")

    return rendered


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


@pytest.mark.parametrize("module", [errors_page, readme_page, results_page])
def test_the_page_is_what_the_results_render_to(module):
    assert module.render() == module.PAGE.read_text(encoding="utf-8")


def test_readme_has_models_and_peers_between_its_marks(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "scores.json").write_text(json.dumps(model(en=SCORES, de=SCORES)), "utf-8")
    times = {"median_us": 100.4, "p90_us": 200.0}
    peer = {"title": "Peer", "bytes": 15_000_000, "parse": {"median_us": 300.0, "p90_us": 500.0}}
    systems = {
        "mine": {
            "title": "Ours",
            "bytes": 1_500_000,
            "parse": times,
            "times": {"parse": {"mine": 1.0}},
        },
        "peer": {**peer, "times": {"parse": {"mine": 2.99}}},
        "peer_few": {"title": "Peer, padded", "parse": times, "times": {"parse": {"mine": 1.0}}},
    }
    ended = {"ours": ["mine"], "systems": systems, "stamp": STAMP}
    (tmp_path / "end_to_end.json").write_text(json.dumps(ended), encoding="utf-8")
    page = tmp_path / "README.md"
    page.write_text(f"# Mine\n{readme_page.BEGIN}old\n{readme_page.END}tail\n", encoding="utf-8")
    text = readme_page.render(tmp_path, tmp_path, page)
    assert text.startswith("# Mine\n") and text.endswith("tail\n") and "old" not in text
    row = "| [mine](pretrained/mine/README.md) | 1.50 MB | MTOP, mean of 2 languages | 80.25 |  | 95.50 | 89.00 |"
    assert row in text
    assert "| Peer | 15.00 MB | 300 / 500 | 2.99 |" in text
    assert "Peer, padded" not in text
    page.write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(ValueError, match="must have the marks"):
        readme_page.render(tmp_path, tmp_path, page)


def test_without_results_there_is_the_link_to_what_is_elsewhere(page):
    text = page()
    assert "[distillation.md](distillation.md)" in text
    assert [line for line in text.splitlines() if line.startswith("##")] == ["## Ablations"]


def test_published_rows_are_marked_and_ours_are_not(page, images):
    row = {"name": "Theirs", "parameters": 2_000_000, "bits": 8, "mean": 74.8, "source": "S"}
    row["exact_match"] = dict.fromkeys(results_page.LANGUAGES, 70.0)
    text = page({"mine": model()}, published_mtop={"note": "", "rows": [row]})
    assert "| *Theirs* (S) | 2M × 8 bits | published, test rows | 70.0 |" in text
    assert "| 70.0 | 74.8 |" in text
    assert "| **mine** | 1.5 MB | flat exact match | 80.25 |  |  |  |  |  |  |" in text
    assert "tree exact match |" not in text
    assert (images / "exact_match_by_size.png").stat().st_size > 1000


def test_the_published_file_is_of_all_languages_and_names_its_sources():
    rows = read_results("published_mtop")["rows"]
    assert len(rows) == 9
    for row in rows:
        values = [row["exact_match"][code] for code in results_page.LANGUAGES]
        assert sum(values) / 6 == pytest.approx(row["mean"], abs=0.06)
        assert row["source"]


def test_several_languages_have_a_table_a_mean_and_bars(page, images):
    german = {**SCORES, "flat_exact_match": 70.25}
    text = page({"two": model(en=SCORES, de=german)})
    assert "| **two** | 1.5 MB | flat exact match | 80.25 |  |  | 70.25 |  |  |  |" in text
    section = text.split("## By language")[1]
    assert "| German | 70.25 | 95.50 | 89.00 | 90.00 |" in section
    assert "| **mean** | 75.25 | 95.50 |" in section
    assert (images / "exact_match_by_language.png").stat().st_size > 1000


def test_the_mean_is_that_of_all_six_languages(page):
    six = dict.fromkeys(results_page.LANGUAGES, {**SCORES, "tree_exact_match": 77.5})
    ours = {"title": "Ours", "parameters": 2_000_000, "bytes": 2_100_000, "languages": six}
    other = {"title": "Other", "parameters": 2_000_000, "languages": six}
    text = page(six_languages={"systems": {"pqrnn": ours, "bilstm": other}})
    cells = 6 * " 77.50 |" + " 77.50 |"
    assert f"| **Ours, six languages from labels** | 2.1 MB | tree exact match |{cells}" in text
    assert "**Other" not in text  # not ours
    assert "[six_languages.md](six_languages.md)" in text


def test_other_tasks_and_rows_out_of_scope(page):
    scope = {"in_scope_accuracy": 91.0, "out_of_scope_recall": 72.5, "auroc": 96.0}
    scope |= {"in_scope_accuracy_untuned": 93.5, "out_of_scope_recall_untuned": 40.25}
    text = page(
        {"snips": model("SNIPS")},
        tasks=[run("clinc150", {**INTENTS, "out_of_scope": scope}, corpus="CLINC150")],
    )
    assert (
        "| SNIPS (snips) | 2,000 | 80.25 | 95.50 | 89.00 | 90.00 | 1,500,000 | "
        "[pretrained/snips](../pretrained/snips/README.md) |"
    ) in text
    assert "| CLINC150 | 3,100 |  | 93.00 |  |  | 900,000 | `benchmarks.tasks` |" in text
    assert "| CLINC150 | 91.00 | 72.50 | 96.00 | 93.50 | 40.25 |" in text
    assert "## MTOP" not in text


def test_typing_errors_cost_what_they_cost(page):
    typed = {"share": 0.1, "seed": 1, "lost": 3.0, **INTENTS, "intent_accuracy": 90.0}
    text = page(
        {"mine": model(scores={**SCORES, "typos": [NOISY]}), "clean": model()},
        tasks=[run("banking77", {**INTENTS, "typos": [typed]}, corpus="Banking77")],
    )
    section = text.split("## Typing errors")[1].split("\n## ")[0]
    assert "| mine | flat exact match | 80.25 | 75.25 (−5.00) |" in section
    assert "| Banking77 | intent accuracy | 93.00 | 90.00 (−3.00) |" in section
    assert "clean" not in section


def test_bits_are_compared_with_floats(page):
    file = {"bytes": 990_000, "same_parse": 0.998, "time": {"median_us": 100.4, "p90_us": 150.0}}
    less = {**SCORES, "flat_exact_match": 80.0}
    rows = [
        {"training": "floats", "variant": "keras", "scores": SCORES},
        {"training": "floats", "variant": "int8", "scores": less, **file},
    ]
    text = page(quantization={"stamp": STAMP, "models": {"M": {"stamp": STAMP, "rows": rows}}})
    assert "| M | floats | floats, in Keras | 80.25 | +0.00 | 95.50 | 89.00 |  |  |  |" in text
    assert (
        "| M | floats | 8-bit weights and activations | 80.00 | -0.25 | 95.50 | 89.00 | 990,000 | "
        "99.80 % | 100 / 150 |"
    ) in text
    assert "commit `c0ffee`" in text


def test_published_models_say_what_eight_bits_cost(page):
    floats = {**SCORES, "flat_exact_match": 80.5, "slot_f1": 89.25}
    published = {**model(), "keras": floats, "parity": {"same_parse": 0.995}}
    text = page({"mine": published, "unmeasured": model()})
    section = text.split("## What 8 bits cost")[1].split("\n## ")[0]
    assert "| mine | 80.50 | 80.25 | -0.25 |  | +0.00 | -0.25 | 99.50 % |" in section
    assert "unmeasured" not in section


def test_other_sweeps_are_ablations(page):
    better = {**SCORES, "flat_exact_match": 81.25}
    text = page(zone_out=[run("none", SCORES), run("none", better, seed=2), run("half", SCORES)])
    section = text.split("### Zone out")[1]
    assert "| none | 2 | 80.75 | 95.50 | 89.00 | 90.00 |" in section
    assert "| half | 1 | 80.25 |" in section


def test_an_ablation_counts_from_its_base(page):
    settings = {
        "corpus": "MTOP",
        "rows": {"train": 1200},
        "student": {"layers": 3, "units": 64, "bottleneck_units": 128, "epochs": 8},
    }

    def ablated(row, exact, seed=1):
        scores = {**SCORES, "flat_exact_match": exact, "typos": [NOISY]}
        return {
            **run(row, scores, seed=seed),
            "bytes": 700_000,
            "settings": settings,
            "stamp": STAMP,
        }

    lines = [ablated("base", 80.0), ablated("base", 81.0, 2), ablated("layers_2", 79.0)]
    section = page(ablation=lines).split("### One change at a time")[1]
    assert "8 passes over 1,200 rows" in section
    assert "2 seeds of the base are from 80.00 to 81.00; " in section
    assert "| the base | 700,000 | 80.50 |  |  | 95.50 | 89.00 | 5.00 |" in section
    assert "| encoder | 2 layers instead of 3 | 700,000 | 79.00 | -1.50 |" in section
    assert "kernel" not in section
    assert ablation_page.section(lines[2:]) == ""


def test_confusions_stand_side_by_side_with_differences(tmp_path):
    kinds = dict.fromkeys(KINDS, 0)
    content = {
        "stamp": STAMP,
        "parts": [{"corpus": "MTOP", "language": "en", "data": "mtop"}],
        "rows": 2000,
        "models": {"old": SCORES, "new": {**SCORES, "flat_exact_match": 82.0}},
        "kinds": {"old": {**kinds, "name": 5}, "new": {**kinds, "name": 2, "intent": 1}},
        "confusions": [
            {"kind": "name", "gold": "A", "predicted": "B", "counts": {"old": 5, "new": 2}},
            {"kind": "invented", "gold": "", "predicted": "C", "counts": {"old": 1, "new": 1}},
        ],
    }
    (tmp_path / "confusions.json").write_text(json.dumps(content), encoding="utf-8")
    text = errors_page.render(tmp_path)
    assert "2,000 development rows of MTOP, English." in text
    assert "| new | 82.00 | 95.50 | 89.00 | 90.00 |" in text
    assert f"| name: {KINDS['name']} | 5 | 2 (-3) |" in text
    assert "| **together** | 5 | 3 (-2) |" in text
    assert "| name | A → B | 5 | 2 (-3) |" in text
    assert "| invented | C | 1 | 1 |" in text


def test_without_confusions_there_is_the_command(tmp_path):
    text = errors_page.render(tmp_path)
    assert "python -m benchmarks.confusions" in text
    assert "##" not in text
