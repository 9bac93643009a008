"""Writes what the tests of encoders compare with: a tiny encoder, Python's vectors with it, and intents.

    python tests/tflite_export/make_encoder_golden.py            # by the committed encoder
    python tests/tflite_export/make_encoder_golden.py --export   # makes and converts it anew

All files lie in `tflite_export/android/src/test/resources`, for Java, and are read by the tests in Python and
JavaScript too. The encoder has random weights: texts with common words have similar vectors.
"""

from __future__ import annotations

import json
import pathlib
import sys
import tempfile
from typing import Any

from pqrnn_tf.files import write_bytes, write_json
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.prototypes import IntentPrototypes
from pqrnn_tf.runtime.results import Parse
from pqrnn_tf.runtime.text_encoder import Encoder
from tests.tflite_export.make_jvm_golden import RESOURCES, TEXTS

MODEL = RESOURCES / "tiny_encoder.tflite"
GOLDEN = RESOURCES / "tiny_encoder_vectors.json"
INTENTS = RESOURCES / "tiny_encoder_intents.json"

ADDED = {
    "open_garage": ["open the garage", "garage door up please", "please open the garage door"],
    "lights_off": ["lights off", "turn off all the lights", "LIGHTS \u200b off", "🎉 dark, please"],
    "snooze": ["“later” \u2014 wake me later"],
}
TRAINED = ["CREATE_ALARM", "PLAY_MUSIC", "GET_WEATHER"]
DESCRIBED = {
    "CREATE_ALARM": ["wake me at 7", "set an alarm for tomorrow", "alarm at 6:30 am"],
    "PLAY_MUSIC": ["play some jazz", "play music"],
    "GET_WEATHER": ["will it rain"],
}
UTTERANCES = [
    "can you open the garage door",
    "lights off",
    "play some music",
    "明天早上7点叫醒我",
    "",
    "open the garage " * 30,
    "wake me later",
    "will it rain tomorrow",
    "7",
    "lunch",
]


BESIDE = "wake me up at 7 later"
BESIDE_PHRASES = ["wake me up later", "wake me later please"]
"""A text of an added intent that a model has an answer to as well, and the phrases of the intent."""


def vectors(encoder: Encoder) -> list[dict[str, Any]]:
    """Python's vectors, and whether the text was cut."""
    found, cuts = encoder.vectors_and_cuts(TEXTS)
    return [
        {
            "text": text,
            "truncated": bool(cut),
            "vector": [round(float(value), 6) for value in vector],
        }
        for text, vector, cut in zip(TEXTS, found, cuts, strict=True)
    ]


def content() -> str:
    """What the file holds: JSON, a text a line."""
    rows = ",\n".join(json.dumps(row) for row in vectors(Encoder(MODEL)))
    return f'{{"vectors": [\n{rows}\n]}}\n'


def intents() -> dict[str, Any]:
    """What intents that were added say: alone, beside a model of which nothing is known, a part and all."""
    encoder = Encoder(MODEL)
    alone = IntentPrototypes(encoder)
    beside = IntentPrototypes(encoder, trained=TRAINED)
    for prototypes in (alone, beside):
        for name, phrases in ADDED.items():
            prototypes.add_intent(name, phrases)
    values: dict[str, Any] = {
        "added": ADDED,
        "trained": TRAINED,
        "described": DESCRIBED,
        "parses": [_parse(alone, text) for text in UTTERANCES],
        "beside": [],
    }
    for name, phrases in DESCRIBED.items():
        values["beside"].append([_match(beside, text) for text in UTTERANCES])
        beside.add_phrases(name, phrases)
    values["beside"].append([_match(beside, text) for text in UTTERANCES])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "intents.json"
        beside.save(path)
        values["saved"] = json.loads(path.read_text(encoding="utf-8"))
        beside.load(path)
    values["loaded"] = [_match(beside, text) for text in UTTERANCES]
    values["own_parses"] = own_parses(encoder)
    return values


def own_parses(encoder: Encoder) -> dict[str, Any]:
    """The alternatives of an added intent, and what the model says without it."""
    parser = Parser(RESOURCES / "tiny.tflite")
    before = parser(BESIDE, alternatives=2)
    parser.encoder = encoder
    parser.add_intent("SNOOZE", BESIDE_PHRASES)
    parse = parser(BESIDE, alternatives=3)
    return {
        "phrases": BESIDE_PHRASES,
        "before": [_scores(one) for one in (before, *before.alternatives)],
        "parse": _scores(parse),
        "alternatives": [_scores(one) for one in parse.alternatives],
    }


def _scores(parse: Parse) -> dict[str, Any]:
    told = parse.to_dict()
    return {name: told[name] for name in ("text", "intent", "tree", "score", "intent_score")}


def _parse(prototypes: IntentPrototypes, text: str) -> dict[str, Any]:
    parse = prototypes(text)
    return {
        "text": text,
        "intent": parse.intent,
        "score": parse.score,
        "tree": parse.tree,
        "truncated": parse.truncated,
        "similarities": {name: round(x, 6) for name, x in prototypes.similarities(text).items()},
    }


def _match(prototypes: IntentPrototypes, text: str) -> dict[str, Any]:
    score = 0.25 + 0.7 * UTTERANCES.index(text) / len(UTTERANCES)
    match = prototypes.match(text, model_score=score)
    found = {} if match is None else {
        "intent": match.intent,
        "similarity": round(match.similarity, 6),
        "lead": round(match.lead, 6),
        "wins": match.wins,
    }  # fmt: skip
    return {"text": text, "model_score": score, **found}


def export(path: pathlib.Path) -> None:
    """Makes the tiny encoder and converts it."""
    from tests.tiny_models import tiny_encoder
    from tflite_export import convert

    convert(
        tiny_encoder(),
        path=path,
        quantization="none",  # floats: their results differ by less between runtimes
        licence="A model for tests, with random weights.",
        short_texts=(8,),
    )


def main() -> None:
    """Writes the files."""
    if sys.argv[1:] == ["--export"]:
        export(MODEL)
    write_bytes(GOLDEN, content().encode())
    write_json(INTENTS, intents())


if __name__ == "__main__":
    main()
