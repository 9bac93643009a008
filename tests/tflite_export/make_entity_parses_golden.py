"""Writes what parsers that know names are compared with: a tiny model that is told of them, and Python's parses.

    python tests/tflite_export/make_entity_parses_golden.py          # parses by the committed models
    python tests/tflite_export/make_entity_parses_golden.py --train  # trains and converts the model first

Both files lie in `tflite_export/android/src/test/resources`, for Java, and are read by the tests in Python and
JavaScript too. `lists` are rows as `Entities.from_rows` takes them, `rounding` is as in `make_jvm_golden.py`. Each of
`models` has its `file` and `parses`, which one parser makes one after the other: `list`, the place of its list in
`lists` (null: it knows no entities), `types`, what its `entity_types` are set to, and what `make_jvm_golden.py` records
of a parse. Besides, `linked` has all slots, those inside of a slot behind it, with their candidates: `[name, start,
end, null or [[id, score, quality, start, end], …]]`; alternatives are `[tree, score, linked]`. Offsets are in UTF-16
units.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import Slot
from tests.parse_margins import ROUNDING_OF_FLOATS
from tests.tflite_export.make_jvm_golden import RESOURCES, recorded, utf16

MODEL = RESOURCES / "tiny_entities.tflite"
PLAIN = RESOURCES / "tiny_trees.tflite"
PATH = RESOURCES / "tiny_entities_parses.json"
ALTERNATIVES = 2
ENTITY_TYPES = {
    "RECIPIENT": "contact",
    "SENDER": "contact",
    "PERSON_REMINDED": "contact",
    "MUSIC_ARTIST_NAME": "artist",
    "LOCATION": "place",
}
OTHER_TYPES = {"RECIPIENT": ["artist", "band"], "LOCATION": "place", "TODO": "contact"}

NAMES: tuple[dict[str, Any], ...] = (
    {"name": "Zoë Quarn", "id": "c1", "types": ["contact"], "synonyms": ["my sister"]},
    {"name": "Zoë", "id": "c2", "types": ["contact"], "relations": {"lives_in": ["p1"]}},
    {"name": "Zoe", "id": "c3", "types": ["contact"], "relations": {"lives_in": ["p2"]}},
    {"name": "Οδυσσέας", "id": "c4", "types": ["contact"], "relations": {"likes": ["Vrelk"]}},
    {"name": "Марта", "id": "c5", "types": ["contact"]},
    {"name": "नीता", "id": "c6", "types": ["contact", "artist"]},
    {"name": "สมชาย", "id": "c7", "types": ["contact"]},
    {"name": "김민준", "id": "c8", "types": ["contact"]},
    {"name": "محمد", "id": "c9", "types": ["contact"]},
    {"name": "Brindlewick", "id": "p1", "types": ["place"]},
    {"name": "札幌", "id": "p2", "types": ["place"], "synonyms": ["Sapporo"]},
    {"name": "Vrelk and the Moops", "id": "a1", "types": ["artist"], "synonyms": ["Vrelk"]},
    {"name": "7 Ølskø", "id": "a2", "types": ["artist"]},
    {"name": "May", "id": "n1"},
    {"name": "Lunch", "id": "n2", "types": ["thing"], "relations": {"with": ["my sister"]}},
)
WRONG: tuple[dict[str, Any], ...] = (
    {"name": "Alarm", "id": "w1", "types": ["artist"]},
    {"name": "Tomorrow", "id": "w2", "types": ["contact"]},
    {"name": "Wake", "id": "w3", "types": ["place"]},
    {"name": "Zoë", "id": "w4", "types": ["artist"]},
    {"name": "message", "id": "w5"},
)
LISTS = (NAMES, (), WRONG)

TEXTS = [
    "text Zoë that I am late",
    "🙂 message zoe quarns that we meet at Brindlewick",
    "did Οδυσσέας text me yesterday",
    "did ΟΔΥΣΣΕΑΣ or Марте message me",
    "remind नीता to call my sister tomorrow at 7am",
    "remind สมชาย to buy milk",
    "text 김민준에게 that lunch is at 12",
    "send محمد a message",
    "will it rain in 札幌 tomorrow?",
    "will it snow in Brindelwick, on Sunday",
    "play Vrelk and the Moops on Spotify",
    "play some 7 ølsko, please!",
    "play ｖｒｅｌｋ",
    "tell Zoe in Sapporo that Zoë is in brindlewick",
    "remind Zoe\u0308 to call Zoë Quarn in 𝐁𝐫𝐢𝐧𝐝𝐥𝐞𝐰𝐢𝐜𝐤 tomorrow",
    "message Odysseas, that's it",
    "wake me in may",
    "set an alarm for tomorrow at 6:30 am",
    "Zoë",
    "",
    "🎉" * 10 + " text Zoë that " + "we meet and " * 8 + "then Марта",
    "text Zoë" + " " * 120 + "that I am late",
]


def linked(text: str, slots: Iterable[Slot]) -> Iterator[list[Any]]:
    """All slots with their candidates."""
    for slot in slots:
        candidates = None
        if slot.candidates is not None:
            candidates = [
                [one.id, one.score, one.quality, utf16(text, one.start), utf16(text, one.end)]
                for one in slot.candidates
            ]
        yield [slot.name, utf16(text, slot.start), utf16(text, slot.end), candidates]
        if slot.nested is not None:
            yield from linked(text, slot.nested.slots)


Request = tuple[str, "int | None", "dict[str, Any] | None"]
"""A text, the place of the list that is set, and the types of slots, `None` for those of the file."""


def requests() -> Iterator[Request]:
    """What one parser is asked."""
    for number, text in enumerate(TEXTS):
        yield text, 0, None
        yield text, (None, 1, 2)[number % 3], None
    for text in TEXTS[::4]:
        yield text, 0, OTHER_TYPES


def parses(
    model: pathlib.Path,
    lists: Iterable[Iterable[Any]],
    asked: Iterable[Request],
    *,
    alternatives: int,
) -> Iterator[dict[str, Any]]:
    """Python's parses with a model, by one parser whose list changes between them."""
    parser = Parser(model)
    known = [Entities.from_rows(rows) for rows in lists]
    own = parser.entity_types
    for text, place, given in asked:
        types = own if given is None else given
        parser.entities = None if place is None else known[place]
        parser.entity_types = types
        parsed = parser.parse(text, alternatives=alternatives)
        yield {
            "list": place,
            "types": types,
            **recorded(parser, parsed),
            "linked": list(linked(text, parsed.slots)),
            "alternatives": [
                [one.tree, one.score, list(linked(text, one.slots))] for one in parsed.alternatives
            ],
        }


def content() -> dict[str, Any]:
    """What the file of parses holds."""
    models = [
        {
            "file": model.name,
            "parses": list(parses(model, LISTS, requests(), alternatives=ALTERNATIVES)),
        }
        for model in (MODEL, PLAIN)
    ]
    return {"rounding": ROUNDING_OF_FLOATS, "lists": LISTS, "models": models}


def as_text(values: dict[str, Any]) -> str:
    """The file, a parse a line."""
    models = ",\n".join(
        f'{{"file": {json.dumps(model["file"])}, "parses": [\n'
        + ",\n".join(json.dumps(parse, separators=(",", ":")) for parse in model["parses"])
        + "\n]}"
        for model in values["models"]
    )
    lists = json.dumps(values["lists"], separators=(",", ":"))
    return f'{{"rounding": {values["rounding"]},\n"lists": {lists},\n"models": [\n{models}\n]}}\n'


def train(path: pathlib.Path) -> None:
    """Trains a tiny model, gives it an input for names that it trusts blindly, and converts it."""
    from tests.tiny_models import TINY, train_tiny
    from tflite_export import convert

    spec = dataclasses.replace(TINY.spec, version=2)
    features = EntityFeatures.of_slots(ENTITY_TYPES, related=True)
    with tempfile.TemporaryDirectory() as folder:
        trained = train_tiny(
            pathlib.Path(folder), dataclasses.replace(TINY, spec=spec, nested_weight=1.0)
        )
        model = trained.with_entity_features(features)
        # Small weights, so that each number that it is told turns all logits a little,
        drawn = np.random.default_rng(3).normal(scale=0.05, size=model.entity_map.kernel.shape)
        model.entity_map.kernel.assign(drawn)
        # and large ones for where names begin, go on, agree, and have to do with others.
        tags = list(model.labels.tags)
        kernel = np.zeros((features.width, len(tags)), np.float32)
        for slot, kind in ENTITY_TYPES.items():
            first = len(features.channels) * (1 + features.types.index(kind))
            begins, inside, _, quality, related = range(first, first + len(features.channels))
            kernel[begins, tags.index(f"B-{slot}")] = 5.0
            kernel[inside, tags.index(f"I-{slot}")] = 4.0
            kernel[[quality, related], tags.index(f"B-{slot}")] = 1.0
        model.entity_head.kernel.assign(kernel)
        convert(
            model,
            path=path,
            # Floats: their results differ by less between runtimes than those of 8-bit activations.
            quantization="none",
            licence="A model for tests, trained on generated text.",
            short_texts=(8,),
        )


def main() -> None:
    """Writes the files."""
    if sys.argv[1:] == ["--train"]:
        train(MODEL)
    write_bytes(PATH, as_text(content()).encode())


if __name__ == "__main__":
    main()
