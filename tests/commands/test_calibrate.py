"""`pqrnn calibrate` and the flags of a rejection."""

from __future__ import annotations

import json
import shutil
import types

import pytest

from pqrnn_tf.commands.finished_run import read_outside_text
from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example
from pqrnn_tf.runtime import Parser, pretrained_models, read_metadata
from pqrnn_tf.tasks.calibrated_file import calibrate_file
from tests.tiny_models import DEV, ROWS


@pytest.fixture
def model(tiny, tmp_path):
    path = tmp_path / "model.tflite"
    shutil.copy(tiny[2], path)
    return path


def phrases_of(rows: list[Example], path) -> str:
    lines = [json.dumps({"text": row.text, "intent": row.intent}) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def test_a_file_is_calibrated_without_a_training(call, model, tiny, tmp_path):
    rows = [*DEV, *ROWS][:120]
    data = phrases_of(rows, tmp_path / "phrases.jsonl")
    record = call("calibrate", data, "--model", model).json()
    assert record["rows"] == 120 and record["calibration_error"] < 20
    metadata = read_metadata(model)
    assert metadata.calibration.notes["rows"] == 120 and metadata.rejection is None
    assert Parser(model)(rows[0].text).tree == Parser(tiny[2])(rows[0].text).tree
    once = model.read_bytes()
    call("calibrate", data, "--model", model)
    assert model.read_bytes() == once  # what it had before plays no part


def test_requests_are_rejected_at_a_rate_without_rows_out_of_scope(call, model, tmp_path):
    data = phrases_of([*DEV, *ROWS][:120], tmp_path / "phrases.jsonl")
    (tmp_path / "strange.txt").write_text(
        "".join(f"the {word} of nothing at all\n" for word in "abcdefghij"), encoding="utf-8"
    )
    line = ["calibrate", data, "--model", model, "--reject_at", "0"]
    call(*line, "--outside_text", tmp_path / "strange.txt")
    notes = read_metadata(model).rejection.notes
    assert notes["rate"] == 0.0 and notes["chosen_on"]["general texts"] == 10
    parse = call("predict", "--model", model, stdin=b"the a of nothing at all\n").json()
    assert parse["intent"] is None and parse["tree"].startswith("[IN:")
    shown = call("parse", "--model", model, "--text", "the a of nothing at all").out
    assert shown == "the a of nothing at all\n  not understood\n"


def test_texts_out_of_scope_need_a_rate(call, model, tmp_path):
    line = ["calibrate", "x.csv", "--model", model, "--outside_text", "y.txt"]
    done = call(*line)
    assert done.code == 2
    assert "--outside_text has no use here: it belongs to --reject_at" in done.err


def test_few_rows_leave_a_file_without_calibration(model):
    assert calibrate_file(model, DEV[:5]).calibration is None
    with pytest.raises(ValueError, match="from 0 to 1"):
        calibrate_file(model, DEV[:5], reject_at=2.0)


def test_rows_out_of_scope_choose_a_threshold_by_themselves(model):
    rows = [*DEV, *ROWS][:60]
    strange = [Example(f"q{i} zz {i} xx", "oos", ()) for i in range(12)]
    rejection = calibrate_file(model, [*rows, *strange]).rejection
    assert rejection.notes == {"chosen_on": {"rows out of scope": 12}}
    assert Parser(model).decoder.rejection == rejection


def test_a_pretrained_model_was_written_again_for_all_who_use_the_installation(call):
    path = pretrained_models()["clinc150"].path
    before = path.read_bytes()
    done = call("calibrate", "phrases.csv", "--model", "clinc150")
    assert done.code == 2 and path.read_bytes() == before
    assert (
        f"clinc150 is the name of a pretrained model. Copy it, and name the copy: cp {path}"
        in done.err
    )


def test_a_text_of_a_row_in_scope_is_not_out_of_scope(tmp_path):
    path = tmp_path / "general.txt"
    path.write_text("Wake me!\nnever heard\nwho knows\n", encoding="utf-8")
    rows = [Example("wake me", "alarm", ()), Example("who knows", OUT_OF_SCOPE, ())]
    texts = read_outside_text(types.SimpleNamespace(outside_text=[path]), rows)
    assert sorted(texts) == ["never heard", "who knows"]


REQUESTS = {
    "AddToPlaylist": (
        "add this song to my gym playlist",
        "put the new album on my road trip list",
        "add queen to my classics playlist",
        "i want this track in my sleepy songs",
    ),
    "BookRestaurant": (
        "book a table for two in rome tonight",
        "i need a reservation for five at a thai restaurant",
        "find me a table at the grill for tomorrow",
        "reserve a spot for six people in boston",
    ),
    "GetWeather": (
        "will it rain in paris tomorrow",
        "what is the forecast for denver",
        "how cold will it be in oslo next week",
        "is it going to snow on friday",
    ),
    "PlayMusic": (
        "play some jazz from the fifties",
        "put on a song by madonna",
        "play the latest album by adele on spotify",
        "i want to hear some blues",
    ),
    "RateBook": (
        "give this novel four stars",
        "rate the last chronicle three out of six",
        "i give the current book two points",
        "rate dune five stars",
    ),
    "SearchCreativeWork": (
        "find the tv show the crown",
        "show me the painting the night watch",
        "i am looking for the book the hobbit",
        "search for the game space quest",
    ),
    "SearchScreeningEvent": (
        "which films are on at the odeon tonight",
        "find the movie schedule for the closest cinema",
        "when is the lion king showing",
        "is there a screening of alien at nine",
    ),
}
FOREIGN = (
    "how many eggs do i need for a cake",
    "my printer says that it has no paper",
    "what is the capital of portugal",
    "transfer fifty euros to my savings account",
    "why is the sky blue",
    "remind me to water the plants",
    "who was the first man on the moon",
    "turn the kitchen lights off",
    "how do you say thank you in japanese",
    "cancel my train ticket",
    "my left knee hurts when i run",
    "tell the children to come down for dinner",
)


def test_a_wanted_rate_without_rows_out_of_scope_rejected_nothing(tmp_path):
    path = tmp_path / "snips.tflite"
    shutil.copy(pretrained_models()["snips"].path, path)
    rows = [Example(text, name, ()) for name, texts in REQUESTS.items() for text in texts]
    notes = calibrate_file(path, rows, reject_at=0.2).rejection.notes
    assert set(notes["chosen_on"]) == {
        "development rows whose intent is left out", "texts of drawn words"
    }  # fmt: skip
    parser = Parser(path)
    accepted = [parser(text).intent is not None for text in FOREIGN]
    assert sum(accepted) <= 0.4 * len(FOREIGN)
    assert sum(parser(row.text).intent == row.intent for row in rows) >= 0.75 * len(rows)
