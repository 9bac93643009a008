"""Intents that are added without training, alone and beside a trained head."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

import pqrnn_tf
from pqrnn_tf.runtime import Encoder, IntentError, IntentPrototypes, Parser
from pqrnn_tf.runtime.metadata import read_encoder, replace_metadata
from pqrnn_tf.runtime.prototypes import with_own_parses
from pqrnn_tf.runtime.results import Parse
from tests.tflite_export.make_encoder_golden import INTENTS, MODEL, own_parses
from tests.tflite_export.make_jvm_golden import RESOURCES

GARAGE = ["open the garage", "garage door up please", "please open the garage door"]
FAR = "lunch"
LIGHTS = ["lights off", "turn off all the lights", "switch the lights off now"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(MODEL)


@pytest.fixture
def intents(encoder) -> IntentPrototypes:
    prototypes = IntentPrototypes(encoder)
    prototypes.add_intent("open_garage", GARAGE)
    prototypes.add_intent("lights_off", LIGHTS)
    return prototypes


@pytest.fixture
def parser(encoder) -> Parser:
    parser = Parser(RESOURCES / "tiny.tflite")
    parser.encoder = encoder
    return parser


def test_a_text_belongs_to_the_intent_of_its_words(intents):
    parse = intents("can you open the garage door")
    assert (parse.intent, parse.slots, parse.tree) == ("open_garage", (), "[IN:open_garage ]")
    assert 0.5 < parse.score == parse.intent_score <= 1.0
    assert [one.intent for one in intents(["lights off", "garage door up please"])] == [
        "lights_off",
        "open_garage",
    ]


def test_the_prototype_is_the_mean_of_the_phrases(intents, encoder):
    mean = encoder.encode(GARAGE).astype(np.float64).mean(axis=0)
    vector = encoder.encode("open it")
    expected = float(vector @ mean / np.linalg.norm(mean))
    assert intents.similarities("open it")["open_garage"] == pytest.approx(expected, abs=1e-6)


def test_the_score_says_by_how_much_it_won(intents):
    match = intents.match("open the garage")
    values = intents.similarities("open the garage")
    bar = np.quantile(
        [a for name in ("open_garage", "lights_off") for a in agreement(intents, name)], 0.05
    )
    assert match.lead == pytest.approx(
        values["open_garage"] - max(values["lights_off"], bar), abs=1e-4
    )
    values = [a for name in ("open_garage", "lights_off") for a in agreement(intents, name)]
    expected = 1 / (1 + np.exp(-2.75 * match.lead / np.std(values)))
    assert match.score == pytest.approx(expected, abs=1e-3)


def agreement(intents: IntentPrototypes, name: str) -> list[float]:
    """The similarity of each phrase to the mean of the others."""
    vectors = intents.encoder.encode(intents.phrases(name)).astype(np.float64)
    rest = [np.delete(vectors, i, axis=0).sum(axis=0) for i in range(len(vectors))]
    return [float(v @ r / np.linalg.norm(r)) for v, r in zip(vectors, rest, strict=True)]


def test_a_text_that_is_far_from_all_is_rejected(intents, encoder):
    parse = intents(FAR)
    assert parse.intent is None and parse.tree in ("[IN:open_garage ]", "[IN:lights_off ]")
    assert parse.score < 0.5
    open_to_all = IntentPrototypes(encoder, rejected_share=0.0)
    open_to_all.add_intent("open_garage", GARAGE)
    assert open_to_all(FAR).intent == "open_garage"


@pytest.mark.parametrize("text", ["", " \u200b\t"])
def test_text_without_a_token_has_the_defined_parse(intents, parser, text):
    expected = {
        "text": text,
        "intent": "",
        "score": 0.0,
        "slots": [],
        "tree": "",
        "intent_score": 0.0,
    }
    assert intents.parse(text).to_dict() == expected
    parser.add_intent("open_garage", GARAGE)
    assert parser.parse(text).to_dict() == expected


def test_without_intents_there_is_none(encoder):
    assert IntentPrototypes(encoder)("wake me").intent == ""


def test_a_text_that_is_cut_is_told(intents):
    assert intents("open the garage " * 30).truncated


def test_one_phrase_is_enough_and_rejects_nothing(encoder):
    intents = IntentPrototypes(encoder)
    intents.add_intent("open_garage", ["open the garage"])
    assert intents(FAR).intent == "open_garage"
    assert intents("open the garage").score == pytest.approx(1.0)


def test_equal_phrases_count_once(encoder):
    one, other = IntentPrototypes(encoder), IntentPrototypes(encoder)
    one.add_intent("x", ["Open  the garage", "open the garage", "up"])
    other.add_intent("x", ["Open  the garage", "up"])
    assert one.phrases("x") == other.phrases("x") == ("Open  the garage", "up")
    assert one.similarities("up") == other.similarities("up")


def test_phrases_are_the_same_in_any_casing_also_where_a_sigma_ends_a_word(encoder):
    """Java and JavaScript have other rules for where it does."""
    intents = IntentPrototypes(encoder)
    intents.add_intent("x", ["ΟΔΟΣ-ΟΔΟΣ", "οδος-οδος", "οδοσ-οδοσ"])
    assert intents.phrases("x") == ("ΟΔΟΣ-ΟΔΟΣ",)


def test_phrases_are_added_and_intents_removed(intents, encoder):
    intents.add_phrases("open_garage", ["let me into the garage", "open the garage"])
    assert intents.phrases("open_garage") == (*GARAGE, "let me into the garage")
    anew = IntentPrototypes(encoder)
    anew.add_intent("open_garage", [*GARAGE, "let me into the garage"])
    text = "let me in"
    assert intents.similarities(text)["open_garage"] == anew.similarities(text)["open_garage"]
    intents.remove_intent("open_garage")
    assert intents.intents == ("lights_off",)
    intents.add_intent("open_garage", GARAGE)


@pytest.mark.parametrize(
    ("intent", "phrases", "error", "message"),
    [
        ("x", [], IntentError, "at least one phrase. Received: none for 'x'"),
        ("x", ["up", ""], IntentError, "must have words. Received: '' at position 1 of 'x'"),
        ("x", ["\u200b \t"], IntentError, "must have words"),
        ("x", "open", TypeError, "`phrases` must be a list of texts. Received: str for 'x'"),
        ("x", 7, TypeError, "must be a list of texts. Received: int"),
        ("x", ["up", None], TypeError, "Received: NoneType at position 1 of 'x'"),
        ("", ["up"], IntentError, "`intent` must be a name. Received: an empty one"),
        (None, ["up"], TypeError, "`intent` must be a str. Received: NoneType"),
        ("lights_off", ["up"], IntentError, "'lights_off', which was added before. `add_phrases`"),
        ("x", ["up", "OPEN the garage"], IntentError, "'OPEN the garage' for 'x', which is one of"),
    ],
)
def test_what_cannot_be_added_changes_nothing(intents, intent, phrases, error, message):
    with pytest.raises(error, match=message.replace("(", r"\(")):
        intents.add_intent(intent, phrases)
    assert intents.intents == ("open_garage", "lights_off")
    assert intents.phrases("open_garage") == tuple(GARAGE)


@pytest.mark.parametrize("action", ["add_phrases", "remove_intent", "phrases"])
def test_an_intent_that_was_not_added_is_named(intents, action):
    arguments = (["up"],) if action == "add_phrases" else ()
    with pytest.raises(IntentError, match=r"one that was added, \['open_garage', 'lights_off'\]"):
        getattr(intents, action)("nothing", *arguments)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_that_is_none(encoder, share):
    with pytest.raises(ValueError, match="`rejected_share` must be from 0 to 1"):
        IntentPrototypes(encoder, rejected_share=share)


@pytest.mark.parametrize("share", ["0.1", None, True])
def test_a_share_of_another_type_was_a_traceback_about_comparing(encoder, share):
    with pytest.raises(TypeError, match="`rejected_share` must be a number. Received: "):
        IntentPrototypes(encoder, rejected_share=share)


def test_names_of_a_models_intents_in_one_string_were_its_letters(encoder):
    with pytest.raises(TypeError, match="`trained` must be a list of names. Received: 'alarm'"):
        IntentPrototypes(encoder, trained="alarm")


@pytest.mark.parametrize("texts", [None, 7, b"up", np.array("up")])
def test_what_is_neither_a_text_nor_several_is_named(intents, texts):
    with pytest.raises(TypeError, match="`text` must be a str or several. Received: "):
        intents(texts)


def test_a_parser_is_no_encoder():
    with pytest.raises(ValueError, match="must be an encoder"):
        IntentPrototypes(RESOURCES / "tiny.tflite")


def test_a_file_keeps_all_that_is_known(intents, encoder, tmp_path):
    path = tmp_path / "new" / "intents.json"
    intents.save(path)
    other = IntentPrototypes(encoder)
    other.load(path)
    assert other.intents == intents.intents
    assert other.phrases("lights_off") == tuple(LIGHTS)
    for text in ("lights off please", "the garage", FAR, ""):
        assert other(text).intent == intents(text).intent
        assert other(text).score == pytest.approx(intents(text).score, abs=0.05)
        assert other.similarities(text) == pytest.approx(intents.similarities(text), abs=0.01)
    other.add_phrases("lights_off", ["dark please"])
    assert path.stat().st_size < 2000 and [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_of_another_encoder_is_refused(intents, tmp_path):
    content, metadata = read_encoder(MODEL)
    values = {**vars(metadata), "fingerprint": "0" * 16}
    (tmp_path / "model.tflite").write_bytes(replace_metadata(content, type(metadata)(**values)))
    intents.save(tmp_path / "intents.json")
    other = IntentPrototypes(tmp_path)
    with pytest.raises(IntentError, match="was saved with the encoder .* Take that one, or add"):
        other.load(tmp_path / "intents.json")
    assert other.intents == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.update(format=2), "must have format 1. Received: 2"),
        (lambda values: values.pop("added"), "damaged: KeyError"),
        (lambda values: values.update(added=[]), "damaged"),
        (lambda values: values["added"]["lights_off"].update(total=[1, 2, 3]), "3 numbers instead"),
        (lambda values: values["added"]["lights_off"].update(total=None), "damaged"),
        (lambda values: values["added"]["lights_off"].update(total=[float("inf")] * 8), "damaged"),
        (lambda values: values["added"]["lights_off"].update(phrases="lights off"), "no list"),
        (
            lambda values: values["added"]["lights_off"].update(phrases=["off", 7]),
            "no list of texts",
        ),
        (lambda values: values["added"]["lights_off"].update(count=0), "a count"),
        (lambda values: values["added"]["lights_off"].update(count="3"), "a count"),
        (lambda values: values["added"]["lights_off"].update(count=3.5), "a count"),
        (lambda values: values["added"]["lights_off"].update(step=-1.0), "a step"),
        (lambda values: values["added"]["lights_off"].update(agreement=[float("nan")]), "finite"),
        (lambda values: values["trained"].update(values["added"]), "the model has no such intent"),
    ],
)
def test_a_damaged_file_is_refused(intents, tmp_path, change, message):
    path = tmp_path / "intents.json"
    intents.save(path)
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(IntentError, match=message):
        intents.load(path)
    assert intents.intents == ("open_garage", "lights_off")


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b"null", b"[" * 100_000])
def test_a_file_of_another_kind_is_refused(intents, tmp_path, content):
    path = tmp_path / "intents.json"
    path.write_bytes(content)
    with pytest.raises(IntentError, match=r"intents\.json must be a file of intents"):
        intents.load(path)


def test_a_missing_file_is_named(intents, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        intents.load(tmp_path / "nowhere.json")


def test_beside_a_trained_head(parser):
    before = parser("open the garage door please")
    assert before.intent in parser.labels.intents
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parse = parser("open the garage door please")
    assert (parse.intent, parse.slots) == ("OPEN_GARAGE", ())
    assert parser("Wake me at 7pm").intent == "CREATE_ALARM"
    parser.remove_intent("OPEN_GARAGE")
    assert parser("open the garage door please") == before


def test_the_heads_parse_is_an_alternative_of_an_added_intent(parser):
    text = "open the garage door please"
    before = parser(text, alternatives=1)
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parse = parser(text, alternatives=2)
    assert parse.intent == "OPEN_GARAGE" and len(parse.alternatives) == 2
    assert [one.tree for one in parse.alternatives] == [before.tree, before.alternatives[0].tree]
    assert parser(text).alternatives == ()


def test_alternatives_of_an_added_intent_had_larger_scores_than_it_and_more_than_one_in_sum(parser):
    text = "open the garage door please"
    before = parser(text, alternatives=2)
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parse = parser(text, alternatives=3)
    rest = 1.0 - parse.score
    for one, own in zip(parse.alternatives, (before, *before.alternatives), strict=True):
        assert one.score == pytest.approx(rest * own.score, abs=1e-6)
        assert one.intent_score == pytest.approx(rest * own.intent_score, abs=1e-6)
        assert one.alternatives == ()
    scores = [parse.score, *(one.score for one in parse.alternatives)]
    assert scores == sorted(scores, reverse=True) and sum(scores) <= 1.0
    assert parser(text, alternatives=1).alternatives == parse.alternatives[:1]


def test_a_parse_that_the_model_rejects_is_no_alternative_of_an_added_intent():
    own = Parse("x", None, 0.6, (), "[IN:A ]", True, 0.7, (Parse("x", "B", 0.4, (), "[IN:B ]"),))
    parse = with_own_parses(Parse("x", "C", 0.75, (), "[IN:C ]"), own, 3)
    assert [(one.intent, one.score) for one in parse.alternatives] == [("B", 0.1)]
    assert parse.truncated


def test_the_golden_alternatives_of_an_added_intent_are_ours(encoder):
    golden = json.loads(INTENTS.read_text(encoding="utf-8"))["own_parses"]
    ours = own_parses(encoder)
    for kind in ("before", "alternatives"):
        for one, expected in zip(ours[kind], golden[kind], strict=True):
            assert one["tree"] == expected["tree"]
            assert one["score"] == pytest.approx(expected["score"], abs=1e-3)
    assert ours["parse"]["score"] == pytest.approx(golden["parse"]["score"], abs=1e-3)


def test_phrases_of_the_models_own_intents_keep_their_texts(parser):
    """A new intent takes what is most similar to it, unless a known intent is more similar."""
    parser.add_intent("SNOOZE", ["wake me up later on"])
    text = "wake me up at 7 am later on"
    assert parser(text).intent == "SNOOZE"
    parser.add_phrases("CREATE_ALARM", ["wake me up at 7 am later", "wake me up at 8 am"])
    assert parser.prototypes.described == ("CREATE_ALARM",)
    assert parser(text).intent == "CREATE_ALARM"
    parser.remove_intent("CREATE_ALARM")
    assert parser.prototypes.described == () and parser(text).intent == "SNOOZE"


def test_one_phrase_beside_a_model_takes_only_what_is_very_similar(parser):
    parser.add_intent("OPEN_GARAGE", ["open the garage"])
    assert parser("open the garage").intent == "OPEN_GARAGE"
    match = parser.prototypes.match("lunch", model_score=0.5)
    assert not match.wins and match.lead == pytest.approx(match.similarity - 0.9)


def test_the_surer_a_model_is_the_more_similar_a_text_must_be(parser):
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parser.add_intent("LIGHTS_OFF", LIGHTS)
    text = "open the garage"
    leads = [parser.prototypes.match(text, model_score=p).lead for p in (0.0, 0.5, 1.0, 7.0)]
    values = [a for name in parser.prototypes.intents for a in agreement(parser.prototypes, name)]
    similarity = parser.prototypes.similarities(text)["OPEN_GARAGE"]
    rival = parser.prototypes.similarities(text)["LIGHTS_OFF"]
    bars = np.quantile(values, [0.05, 0.2, 0.4, 0.4])
    assert leads == pytest.approx(similarity - np.maximum(bars, rival), abs=1e-4)


def test_phrases_told_in_parts_are_those_told_at_once(parser, encoder):
    parser.add_phrases("CREATE_ALARM", ["wake me at 8 am"])
    parser.add_phrases("CREATE_ALARM", ["set an alarm", "alarm at 7"])
    other = IntentPrototypes(encoder, trained=parser.labels.intents)
    other.add_phrases("CREATE_ALARM", ["wake me at 8 am", "set an alarm", "alarm at 7"])
    assert parser.prototypes.similarities("alarm") == pytest.approx(other.similarities("alarm"))


def test_intents_of_a_parser_are_saved_and_loaded(parser, encoder, tmp_path):
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parser.add_phrases("CREATE_ALARM", ["wake me at 8 am", "set an alarm"])
    parser.save_intents(tmp_path / "intents.json")
    other = Parser(RESOURCES / "tiny.tflite")
    other.encoder = MODEL
    other.load_intents(tmp_path / "intents.json")
    assert other.prototypes.intents == ("OPEN_GARAGE",)
    assert other.prototypes.described == ("CREATE_ALARM",)
    assert other("garage door up").intent == parser("garage door up").intent == "OPEN_GARAGE"


def test_a_file_with_an_intent_that_the_model_was_trained_on_since(parser, encoder, tmp_path):
    alone = IntentPrototypes(encoder)
    alone.add_intent("CREATE_ALARM", ["wake me"])
    alone.save(tmp_path / "intents.json")
    with pytest.raises(IntentError, match="'CREATE_ALARM', but the model was trained on it since"):
        parser.load_intents(tmp_path / "intents.json")


def test_an_intent_of_the_model_is_not_added(parser):
    with pytest.raises(IntentError, match="'CREATE_ALARM', which is one of the model's"):
        parser.add_intent("CREATE_ALARM", ["wake me"])


def test_the_name_of_what_is_none_of_the_models_intents_could_be_added(encoder, tmp_path):
    intents = IntentPrototypes(encoder, trained=["alarm"], outside="oos")
    with pytest.raises(IntentError, match="'oos', which is one of the model's"):
        intents.add_intent("oos", ["who won"])
    alone = IntentPrototypes(encoder)
    alone.add_intent("oos", ["who won"])
    alone.save(tmp_path / "intents.json")
    with pytest.raises(IntentError, match="'oos', but the model was trained on it since"):
        intents.load(tmp_path / "intents.json")
    model = Parser("clinc150")  # one with a name for what belongs to none of its intents
    assert model.decoder.rejection is not None and model.decoder.rejection.outside
    model.encoder = encoder
    with pytest.raises(IntentError, match="which is one of the model's"):
        model.add_intent(model.decoder.rejection.outside, ["who won"])


def test_told_phrases_that_the_encoder_does_not_read_made_a_file_that_was_damaged(parser, tmp_path):
    with pytest.raises(IntentError, match="'xxx.* for 'CREATE_ALARM', of which the encoder reads"):
        parser.add_phrases("CREATE_ALARM", ["x" * 5000])
    assert parser.prototypes.described == ()
    parser.save_intents(tmp_path / "intents.json")
    parser.load_intents(tmp_path / "intents.json")


@pytest.mark.parametrize("action", ["add_intent", "add_phrases", "save_intents", "load_intents"])
def test_without_an_encoder_the_error_says_how_to_set_one(action):
    parser = Parser(RESOURCES / "tiny.tflite")
    assert parser.encoder is None
    arguments = ("x", ["up"]) if action.startswith("add") else ("x",)
    with pytest.raises(IntentError, match=r"Set it: `parser\.encoder = \"encoder_en_2mb\"`"):
        getattr(parser, action)(*arguments)


def test_taking_the_encoder_away_takes_the_intents_away(parser):
    parser.add_intent("OPEN_GARAGE", GARAGE)
    parser.encoder = None
    assert parser("open the garage").intent in parser.labels.intents


def test_threads_parse_while_intents_come_and_go(intents):
    problems = []

    def parse() -> None:
        for _ in range(40):
            if intents("open the garage").intent != "open_garage":
                problems.append("another intent")

    threads = [threading.Thread(target=parse) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        intents.add_intent(f"intent {number}", [f"lunch number {number} is served"])
        intents.remove_intent(f"intent {number}")
    for thread in threads:
        thread.join()
    assert not problems


def test_the_package_names_it():
    assert pqrnn_tf.IntentPrototypes is IntentPrototypes
