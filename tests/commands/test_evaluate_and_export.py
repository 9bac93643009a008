"""`evaluate`, `export` and `models`."""

from __future__ import annotations

import csv
import json

import pytest

from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.runtime import model_file
from pqrnn_tf.tasks.scoring import open_model
from tests.tiny_models import DEV, tiny_encoder


def test_evaluate_in_several_languages(call, tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en", "de"], train=1, dev=8, test=1, seed=1)
    record = call("evaluate", "--model", tiny[2], "--data", data, "--language", "all").json()
    rows = record["languages"]
    assert set(rows) == {"en", "de"} and {row["rows"] for row in rows.values()} == {8}
    exact = [row["flat_exact_match"] for row in rows.values()]
    assert record["mean"]["flat_exact_match"] == pytest.approx(sum(exact) / 2, abs=0.01)
    alone = call("evaluate", f"{data}:de", "--model", tiny[2]).json()
    assert (alone["language"], alone["flat_exact_match"]) == ("de", rows["de"]["flat_exact_match"])


def test_evaluate_surface_prints_a_table_and_the_record(call, tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en"], train=1, dev=12, test=1, seed=1)
    flags = ["--surface", "--form", "full_stop", "--form", "vowel", "--errors", "0.3"]
    done = call("evaluate", data, "--model", tiny[2], *flags, "--output", tmp_path / "scores.json")
    record = done.json()
    assert json.loads((tmp_path / "scores.json").read_text(encoding="utf-8")) == record
    stop, vowel = record["surface"]
    assert (stop["form"], vowel["form"], vowel["share"]) == ("full_stop", "vowel", 0.3)
    lost = record["flat_exact_match"] - stop["flat_exact_match"]
    assert stop["lost"] == pytest.approx(lost, abs=0.011) and stop["changed"] > 0
    header, _, clean, first, second = done.out.splitlines()[:5]
    assert header == (
        "| written | rows changed | flat exact match | points lost | intent accuracy lost |"
    )
    assert clean.startswith(f"| as it is | 0 | {record['flat_exact_match']:.2f} |")
    assert first.startswith(f"| full stop | {stop['changed']} |")
    assert second.startswith("| errors, vowel, 30 % of the words |")


def test_evaluate_surface_in_several_languages_has_their_mean(call, tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en", "de"], train=1, dev=8, test=1, seed=1)
    done = call("evaluate", f"{data}:en,de", "--model", tiny[2], "--surface", "--form", "tabs")
    record = done.json()
    lost = [of["surface"][0]["lost"] for of in record["languages"].values()]
    (mean,) = record["mean"]["surface"]
    assert mean["lost"] == pytest.approx(sum(lost) / 2, abs=0.011)
    assert mean["changed"] == 16
    assert f"| tabs | {lost[0]:+.2f} | {lost[1]:+.2f} |" in done.out
    assert "| points lost | en | de |" in done.out


def test_evaluate_under_attack(call, tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en"], train=1, dev=6, test=1, seed=1)
    record = call("evaluate", data, "--model", tiny[2], "--attack", 6).json()
    attack = record["attack"]
    assert (attack["rows"], attack["flat_exact_match"]) == (6, record["flat_exact_match"])
    assert attack["attacked_exact_match"] <= attack["flat_exact_match"]
    assert attack["queries_a_row"] <= 6


def test_evaluate_of_a_form_that_there_is_not(call, tiny, phrases):
    done = call("evaluate", phrases, "--model", tiny[2], "--surface", "--form", "shouting")
    assert (done.code, done.out) == (2, "")
    # It named `only`, which is no flag.
    assert "--form must be one of" in done.err
    assert "not shouting" in done.err and "full_stop" in done.err


@pytest.mark.parametrize("flag", [("--form", "tabs"), ("--errors", "0.1")])
def test_flags_of_surface_without_it_are_refused(call, tiny, phrases, flag):
    done = call("evaluate", phrases, "--model", tiny[2], *flag)
    assert done.code == 2 and f"{flag[0]} has no use here: it belongs to --surface" in done.err


def test_the_seed_of_ways_of_writing_decides_their_texts(call, tiny, phrases):
    flags = ["--model", tiny[2], "--surface", "--form", "keyboard", "--errors", "0.5"]
    first, again = (call("evaluate", phrases, *flags).json() for _ in range(2))
    other = call("evaluate", phrases, *flags, "--typos_seed", "2").json()
    assert first == again
    assert other["surface"][0]["seed"] == 2 and other != first


@pytest.fixture
def phrases(tmp_path):
    """Development rows of the tiny model as a CSV of one's own."""
    path = tmp_path / "phrases.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "intent"])
        writer.writerows((row.text, row.intent) for row in DEV[:20])
    return path


def test_a_file_without_splits_is_scored_whole(call, tiny, phrases):
    record = call("evaluate", phrases, "--model", tiny[2]).json()
    assert (record["split"], record["rows"]) == ("train", 20)
    assert record["intent_accuracy"] > 60 and "intents_that_lack" not in record
    keras = call("evaluate", phrases, "--model", tiny[1] / "model.keras").json()
    assert keras["intent_accuracy"] == record["intent_accuracy"]


def test_development_rows_go_before_test_rows(call, tiny, phrases):
    phrases.rename(phrases.with_name("test.csv"))
    assert call("evaluate", phrases.parent, "--model", tiny[2]).json()["split"] == "test"
    phrases.with_name("dev.csv").write_text("text,intent\nstop it,PAUSE_MUSIC\n")
    record = call("evaluate", phrases.parent, "--model", tiny[2]).json()
    assert (record["split"], record["rows"]) == ("dev", 1)
    record = call("evaluate", phrases.parent, "--model", tiny[2], "--split", "test").json()
    assert (record["split"], record["rows"]) == ("test", 20)


@pytest.mark.parametrize("name", ["phrases.csv", "test.csv", "train.csv"])
def test_scores_were_missing_where_no_development_rows_out_of_scope_choose_a_threshold(
    call, tiny, phrases, name
):
    with phrases.open("a", encoding="utf-8") as file:
        file.writelines(f"q{i} zz,oos\n" for i in range(3))
        file.writelines(f"stop {i},PAUSE_MUSIC\n" for i in range(9))  # one of them is held out
    phrases = phrases.rename(phrases.with_name(name))
    if name == "train.csv":  # beside development rows, which are all in scope
        phrases.with_name("dev.csv").write_text("text,intent\nstop it,PAUSE_MUSIC\n")
    split = "test" if name == "test.csv" else "train"
    done = call("evaluate", phrases.parent, "--model", tiny[2], "--split", split)
    record = done.json()
    assert record["rows"] == 32 and "out_of_scope" not in record
    assert "rows out of scope are not scored apart" in done.err


def test_development_rows_beside_test_rows_choose_a_threshold_without_training_rows(
    call, tiny, phrases
):
    with phrases.open("a", encoding="utf-8") as file:
        file.writelines(f"q{i} zz,oos\n" for i in range(3))
    phrases.rename(phrases.with_name("test.csv"))
    phrases.with_name("dev.csv").write_text("text,intent\nstop it,PAUSE_MUSIC\nq9 zz,oos\n")
    record = call("evaluate", phrases.parent, "--model", tiny[2], "--split", "test").json()
    assert record["out_of_scope"]["out_of_scope_rows"] == 3


def test_a_split_that_is_not_there_is_an_error(call, tiny, phrases):
    done = call("evaluate", phrases, "--model", tiny[2], "--split", "test")
    assert (done.code, done.out) == (1, "") and "--split test" in done.err


def test_evaluate_of_no_rows_is_an_error(call, tiny, phrases):
    phrases.write_text("text,intent\n", encoding="utf-8")
    done = call("evaluate", phrases, "--model", tiny[2])
    assert (done.code, done.out) == (1, "")
    assert "no rows" in done.err or "rows" in done.err


def test_labels_that_the_model_lacks_are_said(call, tiny, phrases):
    with phrases.open("a", encoding="utf-8") as file:
        file.write("book a [flight](VEHICLE),BOOK\n")
    done = call("evaluate", phrases, "--model", tiny[2])
    assert done.json()["intents_that_lack"] in done.err
    assert "lacks 1 intents, of 1 of 21 rows" in done.err and "BOOK" in done.err
    assert "lacks 1 slots: VEHICLE" in done.err


def test_a_model_that_shares_no_intent_is_no_silent_zero(call, tiny, phrases):
    phrases.write_text("text,intent\nbook it,BOOK\nbook me,BOOK\n", encoding="utf-8")
    done = call("evaluate", phrases, "--model", tiny[2])
    assert done.json()["intent_accuracy"] == 0
    assert "the model has none of the intents of these rows" in done.err
    assert "CREATE_ALARM" in done.err and "BOOK" in done.err


@pytest.mark.parametrize("name", ["model.tflite", "model.keras"])
def test_a_blank_text_is_answered_as_the_parser_does(tiny, name):
    answers = open_model(tiny[1] / name).answers([" ", DEV[0].text, ""])
    assert [answer.parse.intent == "" for answer in answers] == [True, False, True]


def test_evaluate_of_a_missing_model(call, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en"], train=1, dev=1, test=1, seed=1)
    done = call("evaluate", data, "--model", tmp_path / "none.keras")
    assert done.code == 1
    assert "none.keras" in done.err


@pytest.mark.parametrize(
    "line",
    [
        ["evaluate", "DATA", "--model", "FOLDER/model.keras"],
        ["train", "DATA", "--output", "FOLDER/out", "--quantized_from", "FOLDER"],
        ["train", "DATA", "--output", "FOLDER/out", "--grow_from", "FOLDER"],
        ["distill", "DATA", "--output", "FOLDER/out", "--fine_tuned", "FOLDER"],
        ["label", "DATA", "--output", "FOLDER/out", "--teacher", "FOLDER"],
        ["pretrain", "DATA", "--output", "FOLDER/out", "--teacher", "FOLDER"],
    ],
    ids=" ".join,
)
def test_a_sentence_encoder_where_a_parser_is_wanted_is_one_line(call, phrases, tmp_path, line):
    tiny_encoder().save(tmp_path / "model.keras")
    words = {"DATA": str(phrases)}
    done = call(*(words.get(word, word.replace("FOLDER", str(tmp_path))) for word in line))
    assert done.code == 1
    assert "must hold an IntentSlotModel. It holds a SentenceEncoder" in done.err.splitlines()[-1]


def test_export_of_a_missing_model(call, tmp_path):
    done = call("export", "--model", tmp_path / "no.keras", "--output", tmp_path / "x.tflite")
    assert done.code == 1
    assert "no.keras" in done.err
    assert list(tmp_path.iterdir()) == []


def test_export_of_a_file_that_is_no_model(call, tmp_path):
    (tmp_path / "model.keras").write_bytes(b"not a model")
    done = call("export", "--model", tmp_path)
    assert done.code == 1 and done.err.count("\n") == 1
    assert "model.keras must be the .keras file of a trained model" in done.err
    assert not (tmp_path / "model.tflite").exists()


def test_models_lists_names_sizes_languages_and_scores(call):
    done = call("models")
    header, *rows = done.out.splitlines()
    assert header.split()[:3] == ["name", "bytes", "languages"]
    (row,) = [row.split() for row in rows if row.startswith("mtop_6_2mb")]
    size = model_file("mtop_6_2mb").stat().st_size
    assert row[1:8] == [f"{size:,}", "en", "de", "es", "fr", "hi", "th"]
    records = call("models", "--json").json()
    shown = [row.split()[0] for row in rows]
    assert sorted(records) == sorted(name for name in shown if name != "encoder")
    assert records["encoder_en_2mb"]["kind"] == "encoder"
    assert shown.index("encoder") < shown.index("encoder_en_2mb")
    assert records["snips"]["scores"]["flat_exact_match"] > 80
    assert records["snips"]["intents"] == 7


def test_an_installation_without_models_says_so(call, monkeypatch):
    monkeypatch.setattr("pqrnn_tf.runtime.presets.FOLDERS", ())
    done = call("models")
    assert done.code == 1 and "no pretrained models in this installation" in done.err
