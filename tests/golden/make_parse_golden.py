"""Writes `parses_v1.json`: what Python's decoder makes of recorded logits, for runtimes in other languages.

    python tests/golden/make_parse_golden.py

The file holds `label_sets` (as they stand in a model's description), `confidences` (what a description may
have beside them), `spec` (the limits that cut the texts), `parses` and `tree_words` (`[text, words]`). A
parse has the `text`, the index of its label set, where they are not as `spec` has them or nothing the
`version` of the projection, the index of its `confidence` and the number of `alternatives` that are asked
for, and what a model would return (`intent` and `slots` logits, read as float32, a row of `slots` for each
token, `spans` in code points of what the model is given, see `runtime.text.fit_text`, `output_truncated`:
the model's own flag, which cannot see beyond `max_code_points + 1`; and `nested` logits, rows like those of
`slots`, of a model that has them).
`expected` is the parse: `tags`, `nested` (tags as well, where there are such logits), `pieces` (token
ranges of each slot), `intent` (null where it is rejected), `score`, `intent_score`, `tree`, `truncated`,
`alternatives` (parses like it, where they were asked for and there are some), and `slots` with `start` and
`end` in code points and in UTF-16 units, and what is `nested` in them, `[intent, [[name, start, end, nested],
…]]` in UTF-16 units.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import pathlib
from typing import Any

import numpy as np

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.files import write_bytes
from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime.confidence import Calibration, Rejection
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder
from pqrnn_tf.runtime.labels import LabelSet, nested_path, nested_steps
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.runtime.results import NestedIntent, Slot, decode_outputs, render_parse
from pqrnn_tf.runtime.slot_edges import SlotEdges
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import fit_text
from pqrnn_tf.runtime.trees import tree_words
from pqrnn_tf.tasks.tagging import nested_tag_names, tag_names

PATH = pathlib.Path(__file__).with_name("parses_v1.json")
SPEC = ProjectionSpec(max_code_points=60, max_tokens=14, version=1)
SPECS = {version: dataclasses.replace(SPEC, version=version) for version in (1, 2)}
SEED = 20261121
FINE = 10**5
"""Fine enough that no two parses have the same sum of logits; these are five decimals, rounded to float32."""

WITH_GAPS = LabelSet(
    intents=(
        "CREATE_ALARM",
        "CREATE_REMINDER",
        "GET_WEATHER",
        "PLAY_MUSIC",
        "SEND_MESSAGE",
        "SNOOZE_ALARM",
        "UNSUPPORTED",
    ),
    tags=("O",)
    + tuple(f"{prefix}-CONTENT" for prefix in "BIG")
    + tuple(f"{prefix}-DATE_TIME" for prefix in "BI")
    + tuple(f"{prefix}-LOCATION" for prefix in "BI")
    + tuple(f"{prefix}-RECIPIENT" for prefix in "BI")
    + tuple(f"{prefix}-TODO" for prefix in "BIG"),
    slots_of_intent=(
        ("DATE_TIME",),
        ("DATE_TIME", "RECIPIENT", "TODO"),
        ("DATE_TIME", "LOCATION"),
        ("CONTENT",),
        ("CONTENT", "RECIPIENT"),
        ("DATE_TIME",),
        (),
    ),
)
WITHOUT_ROWS = LabelSet(
    intents=("FIRST", "SECOND", "THIRD"),
    tags=("O", "I-ONE", "B-ONE", "B-TWO", "G-TWO", "I-TWO"),  # the order of the columns is free
)
# Two levels, each tag in the slots that training data would have it in.
TWO_LEVELS = LabelSet(
    intents=("CREATE_REMINDER", "SEND_MESSAGE", "UNSUPPORTED"),
    tags=("O",)
    + tuple(f"{prefix}-DATE_TIME" for prefix in "BI")
    + tuple(f"{prefix}-RECIPIENT" for prefix in "BI")
    + tuple(f"{prefix}-TODO" for prefix in "BIG"),
    slots_of_intent=(("DATE_TIME", "TODO"), ("DATE_TIME", "RECIPIENT"), ()),
    nested=(
        "O",
        "B-CREATE_CALL/CONTACT",
        "I-CREATE_CALL/CONTACT",
        "B-CREATE_CALL/DATE_TIME",
        "I-CREATE_CALL/DATE_TIME",
        "B-GET_CONTACT/TYPE_RELATION",
        "I-GET_CONTACT/TYPE_RELATION",
        "B-CREATE_CALL/CONTACT B-GET_CONTACT/TYPE_RELATION",
        "I-CREATE_CALL/CONTACT B-GET_CONTACT/TYPE_RELATION",
        "I-CREATE_CALL/CONTACT I-GET_CONTACT/TYPE_RELATION",
    ),
    slots_of_nested=((),)
    + (("TODO",),) * 2
    + (("DATE_TIME", "TODO"),) * 2
    + (("RECIPIENT",),) * 2
    + (("TODO",),) * 3,
)
# Three levels, every tag in every slot; names hold what separates the parts of a tag, and astral letters.
THREE_LEVELS = LabelSet(
    intents=("ONE", "TWO"),
    tags=("O", "B-X", "I-X", "G-X", "B-Y", "I-Y"),
    nested=(
        "O",
        "I-GET-IT/A/B I-𝔊/Z",
        "B-GET-IT/A/B",
        "I-GET-IT/A/B",
        "B-GET-IT/C-D",
        "I-GET-IT/C-D",
        "B-GET-IT/A/B B-𝔊/Z",
        "I-GET-IT/A/B B-𝔊/Z",
        "B-GET-IT/A/B B-𝔊/Ü B-DEEP/𠮷",
        "I-GET-IT/A/B B-𝔊/Ü B-DEEP/𠮷",
        "I-GET-IT/A/B I-𝔊/Ü B-DEEP/𠮷",
        "I-GET-IT/A/B I-𝔊/Ü I-DEEP/𠮷",
        "B-DEEP/𠮷",
        "I-DEEP/𠮷",
    ),
)
# Enough slots that a long one has more partial trees than the search keeps.
CROWDED = LabelSet(
    intents=("ONE",),
    tags=("O", "B-X", "I-X"),
    nested=("O", *(f"{prefix}-MANY/{name}" for name in "ABCDEFGH" for prefix in "BI")),
)
# What a tree is written with stands in the names themselves.
BRACKETS = LabelSet(
    intents=("play music", "[IN:A ]", "a\\b"),
    tags=("O", "B-song [or] name", "I-song [or] name", "B-\u00a0\\u{20}", "I-\u00a0\\u{20}"),
    nested=(
        "O",
        *(
            f"{prefix}-{nested_path(intent, slot)}"
            for intent, slot in (("get it/now", "who is it"), ("a\\b", "[x] / \\u{20}"))
            for prefix in "BI"
        ),
    ),
)
# What punctuation belongs to the edges of slots; one slot says nothing of it, and stays as it is decoded.
EDGES = LabelSet(
    intents=("CREATE_REMINDER", "PLAY_MUSIC"),
    tags=("O",)
    + tuple(f"{prefix}-CODE" for prefix in "BI")
    + tuple(f"{prefix}-DATE_TIME" for prefix in "BI")
    + tuple(f"{prefix}-TITLE" for prefix in "BI")
    + tuple(f"{prefix}-TODO" for prefix in "BIG"),
    nested=(
        "O",
        *(
            f"{prefix}-{nested_path(intent, slot)}"
            for intent, slot in (
                ("CREATE CALL", "CON TACT"),
                ("CREATE CALL", "DATE_TIME"),
                ("GET", "TODO"),
            )
            for prefix in "BI"
        ),
        *(
            f"{a}-{nested_path('CREATE CALL', 'CON TACT')} {b}-GET/TODO"
            for a, b in ("BB", "IB", "II")
        ),
    ),
    edges=(
        ("CON TACT", SlotEdges(ends={"letter": "."})),
        ("DATE_TIME", SlotEdges()),
        (
            "TITLE",
            SlotEdges(
                begins={"mark": ":", "nothing": "?", "word": "#"},
                ends={"mark": ")", "nothing": "?", "number": ".", "word": "!"},
            ),
        ),
        ("TODO", SlotEdges()),
    ),
)
# No slots: a parse is right where its intent is.
INTENTS_ONLY = LabelSet(intents=("ALARM", "MUSIC", "WEATHER", "UNSUPPORTED"), tags=("O",))
LABEL_SETS = (
    WITH_GAPS,
    WITHOUT_ROWS,
    TWO_LEVELS,
    THREE_LEVELS,
    CROWDED,
    BRACKETS,
    INTENTS_ONLY,
    EDGES,
)

# What a description of a model may say of scores: between them all features, and each part without the others.
CONFIDENCES: tuple[dict[str, Any], ...] = (
    {
        "calibration": {
            "parse": {
                "weights": {"parse": 0.8, "weakest": 0.5},
                "from": [-14.0, -6.0, -1.0, 3.0],
                "to": [0.02, 0.3, 0.75, 0.995],
            },
            "intent": {
                "weights": {"margin": 1.0},
                "from": [-1.0, 0.5, 4.0],
                "to": [0.1, 0.5, 0.98],
            },
            "notes": {"rows": 300},
        },
        "rejection": {"weights": {"highest": 1.0, "tokens": 0.05}, "threshold": 2.5},
    },
    {
        "rejection": {
            "weights": {"energy": 1.0, "outside": -0.5},
            "threshold": 2.0,
            "outside": "UNSUPPORTED",
        }
    },
    {
        "calibration": {
            "parse": {
                "weights": {"intent": 0.4, "tokens": -0.1, "outside": -0.3, "parse": 0.2},
                "from": [-8.0, 2.0],
                "to": [0.0, 1.0],
            },
            "intent": {"weights": {"intent": 1.0}, "from": [0.0], "to": [0.7]},
        },
        "rejection": {
            "weights": {"margin": 1.0, "weakest": 0.2},
            "threshold": 0.0,
            "outside": "UNSUPPORTED",
            "notes": {"wanted": 0.1},
        },
    },
)

TEXTS = [
    "wake me up at 7am tomorrow",
    "Remind me to call Rob's mum when I get home",
    "remind Zoë and José to buy crème brûlée",
    "text 'see you soon' to @anna, please!",
    "will it rain in San Francisco, CA at 19:30-20:00?",
    "🙂 wake me 👨\u200d👩\u200d👧 at 6 🎉🎉",
    "play 𝔧𝔞𝔷𝔷 and 𠮷野 loud",
    "कल सुबह ७ बजे का अलार्म लगाओ",
    "ตั้งปลุกพรุ่งนี้ 7 โมง",
    "明天早上7点叫醒我",
    "mets une alarme à 7 heures demain",
    "  leading,\u00a0odd\u2003spaces\tand\u200bzero width  ",
    "lunch",
    "7",
    "",
    " \u200b\t",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "a very long first sentence that ends beyond the limit of code points",
    "fits, and then only spaces behind the limit" + " " * 30,
    "fits, and one word far behind the limit" + " " * 40 + "x",
]

NESTED_TEXTS = [
    "Remind me to call Rob's mum when I get home",
    "text 'see you soon' to @anna, please!",
    "🙂 remind 👨\u200d👩\u200d👧 to call mum at 6 🎉🎉",
    "play 𝔧𝔞𝔷𝔷 and 𠮷野 loud",
    "明天早上7点叫醒我",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "mum",
    "",
]
"""Texts for label sets with nested tags."""

BRACKET_TEXTS = [
    "play [untitled] by \\o/ and [x]",
    "🙂 play \\u{20} ][ \\\\ now",
    " " * 70 + "🙂 play" + " \u3000\t\u200b" * 20 + "some [jazz]",
]
"""Texts that hold what a tree is written with, and one whose white space is longer than the buffer."""

FOLDED_TEXTS = [
    "\u201cremind me\u201d to call Zoe\u0308 at\u200e 7\u200bpm\u200e",
    "\uff37\uff41\uff4b\uff45 me \u2014 at \u0667\uff1a\uff13\uff10\u3000please\uff01",
    "🙂\ufe0f \u200fplay\u00ad \u1112\u1161\u11ab\u1100\u1173\u11af a\u0323\u0302 o\u0302\u0323 loud\u2028now",
    "\u200e" * 70 + "wake me" + "\u200b" * 70 + " up",
    "\ufeff\u200b\u200d",
]
"""Texts with characters that folding changes or removes, in and around words and behind the limits."""

EDGE_TREES = [
    ("play shattered image.", "[IN:PLAY_MUSIC [SL:TITLE shattered image . ] ]"),
    ("play shattered image ??", "[IN:PLAY_MUSIC [SL:TITLE shattered image ? ? ] ]"),
    ("play “thriller”, thanks", "[IN:PLAY_MUSIC [SL:TITLE “ thriller ” , ] ]"),
    ("play help!", "[IN:PLAY_MUSIC [SL:TITLE help ! ] ]"),
    ("play help!! 🎉", "[IN:PLAY_MUSIC [SL:TITLE help ! ! 🎉 ] ]"),
    ("play 🎉 #fame...", "[IN:PLAY_MUSIC [SL:TITLE 🎉 #fame . . . ] ]"),
    ("play : ) now", "[IN:PLAY_MUSIC [SL:TITLE : ) ] ]"),
    ("play ? now", "[IN:PLAY_MUSIC [SL:TITLE ? ] ]"),
    ("play -- now", "[IN:PLAY_MUSIC [SL:TITLE - - ] ]"),
    ("play -- now", "[IN:PLAY_MUSIC [SL:CODE - - ] ]"),
    ("play symphony 9. now", "[IN:PLAY_MUSIC [SL:TITLE symphony 9 . ] ]"),
    ("play say (remix)", "[IN:PLAY_MUSIC [SL:TITLE say ( remix ) ] ]"),
    ("play (say) my name", "[IN:PLAY_MUSIC [SL:TITLE ( say ) my name ] ]"),
    ("play (say my name).", "[IN:PLAY_MUSIC [SL:TITLE ( say my name ) . ] ]"),
    ("play say ) my", "[IN:PLAY_MUSIC [SL:TITLE say ) ] ]"),
    ("play, ！！wham！ ok", "[IN:PLAY_MUSIC [SL:TITLE ！ ！ wham ！ ] ]"),
    ("play e\u0301.\u0301 ok", "[IN:PLAY_MUSIC [SL:TITLE e\u0301 .\u0301 ] ]"),
    ("remind me at 7 p.m.", "[IN:CREATE_REMINDER [SL:DATE_TIME at 7 p . m . ] ]"),
    ("remind me at 7 p.m..", "[IN:CREATE_REMINDER [SL:DATE_TIME at 7 p . m . . ] ]"),
    ("remind me tomorrow m.", "[IN:CREATE_REMINDER [SL:DATE_TIME tomorrow m . ] ]"),
    ("remind me at -5% or + 5 %", "[IN:CREATE_REMINDER [SL:DATE_TIME - 5 % ] [SL:TODO + 5 % ] ]"),
    (
        "remind me to call mary?",
        "[IN:CREATE_REMINDER [SL:TODO [IN:CREATE\\u{20}CALL [SL:CON\\u{20}TACT mary ? ] ] ] ]",
    ),
    (
        "call - mary t., tomorrow 🎉🎉",
        "[IN:CREATE_REMINDER [SL:TODO [IN:CREATE\\u{20}CALL [SL:CON\\u{20}TACT - mary t . , ] "
        "[SL:DATE_TIME tomorrow 🎉 🎉 ] ] ] ]",
    ),
    (
        "... mary, ok.",
        "[IN:CREATE_REMINDER [SL:TODO [IN:CREATE\\u{20}CALL [SL:DATE_TIME . . . ] "
        "[SL:CON\\u{20}TACT mary , ] [SL:DATE_TIME ok . ] ] ] ]",
    ),
    (
        "call; my, mum.",
        "[IN:CREATE_REMINDER [SL:TODO [IN:CREATE\\u{20}CALL [SL:CON\\u{20}TACT [IN:GET "
        "[SL:TODO ; my , ] [SL:TODO mum . ] ] ] ] ] ]",
    ),
    ("remind me ?!", "[IN:CREATE_REMINDER [SL:TODO [IN:GET [SL:TODO ? ! ] ] ] ]"),
]
"""Texts, and trees in which punctuation stands where a model may put it: inside of slots."""

WORDS = [
    "wake me at 7pm",
    "7AM 12:30pm 9am-5pm 5 pm",
    "Rob's Rob’s 'S s's 's",
    "“quoted words”, (and) brackets!",
    "#tag @name $5 -5 --- ...",
    "a/b a-b a:b a,b a_b _a_",
    "कल, ७pm",
    "٧am x7am 7amx",
    "🙂smile🙂 🎉",
    "tab\tand\u00a0hard\u2003space\u200bzero\x1cfile\x85next\ufeffmark",
    "'’s' '",
    "MAYſ mum'ſ 5AM's",
    "",
    "1,000.50 e.g. U.S.A.",
    "¿Qué? ¡hola!",
    "𠮷's 𝟕am",
]


def logits(
    random: np.random.Generator, labels: LabelSet, length: int, margin: float, grain: int
) -> Any:
    """Random logits; with a margin, along a random sequence that may or may not be valid."""
    intent = random.normal(scale=2.0, size=len(labels.intents))
    slots = random.normal(scale=1.5, size=(length, len(labels.tags)))
    if margin:
        sequence: list[int] = []
        for t in range(length):
            name = labels.tags[sequence[-1]] if t else "O"
            same = [
                column
                for column, tag in enumerate(labels.tags)
                if tag[0] in "IG" and tag[2:] == name[2:] and name != "O"
            ]
            free = [column for column, tag in enumerate(labels.tags) if tag[0] in "OB"]
            choices = same if same and random.random() < 0.7 else free
            sequence.append(int(random.choice(choices)))
        slots[np.arange(length), sequence] += margin
    return tuple(np.round(values * grain) / grain for values in (intent, slots))


def nested_logits(
    random: np.random.Generator,
    labels: LabelSet,
    length: int,
    slots: tuple[DecodedSlot, ...],
    margin: float,
    grain: int,
) -> Any:
    """Random logits; with a margin, along a random sequence in each slot that may or may not be a tree."""
    logits = random.normal(scale=1.5, size=(length, len(labels.nested)))
    steps = [nested_steps(tag) for tag in labels.nested]
    for slot in slots if margin else ():
        tokens = [token for first, last in slot.ranges for token in range(first, last)]
        sequence: list[int] = []
        words_alone = random.random() < 0.2
        for _ in tokens:
            before = steps[sequence[-1]] if sequence else ()
            fitting = [
                column
                for column, levels in enumerate(steps)
                if levels
                and (levels[0].intent == before[0].intent if before else levels[0].begins)
                and (not labels.slots_of_nested or slot.name in labels.slots_of_nested[column])
            ]
            if words_alone or not fitting:
                sequence.append(0)
            elif random.random() < 0.85:
                sequence.append(int(random.choice(fitting)))
            else:
                sequence.append(int(random.integers(len(steps))))
        logits[tokens, sequence] += margin
    return np.round(logits * grain) / grain


def utf16(text: str, code_points: int) -> int:
    """UTF-16 units of the first code points of a text."""
    return len(text[:code_points].encode("utf-16-le")) // 2


def case(
    random: np.random.Generator,
    index: int,
    text: str,
    margin: float,
    *,
    grain: int = 1024,
    nested_grain: int = 64,
    version: int = 1,
    confidence: int | None = None,
    alternatives: int = 0,
) -> dict[str, Any]:
    """A recorded parse of random logits.

    They are multiples of 1 / grain, mostly a power of two: exact in float32 and short in decimals. Nested ones
    may be whole numbers, so that sequences have equal sums.
    """
    labels = LABEL_SETS[index]
    spec = SPECS[version]
    fitted = fit_text(text, spec.max_code_points, version=version)
    length = len(tokenize(fitted.text, spec)[0])
    intent, slots = logits(random, labels, length, margin, grain)
    nested = None
    if labels.nested:
        plain = slots_of(intent, slots, labels) if length else ()
        nested = nested_logits(random, labels, length, plain, margin, nested_grain)
    return record(
        index,
        text,
        intent,
        slots,
        nested,
        version=version,
        confidence=confidence,
        alternatives=alternatives,
    )


def slots_of(intent: Any, slots: Any, labels: LabelSet) -> tuple[DecodedSlot, ...]:
    """The top-level slots, which do not depend on nested logits."""
    plain = Decoder(dataclasses.replace(labels, edges=()))
    return plain(intent.astype(np.float32), slots.astype(np.float32), len(slots)).slots


def tree_case(
    random: np.random.Generator, text: str, tree: str, *, alternatives: int, version: int = 2
) -> dict[str, Any]:
    """A recorded parse of logits that say a tree of `EDGES`."""
    fitted = fit_text(text, SPECS[version].max_code_points, version=version)
    spans = tokenize(fitted.text, SPECS[version])[0]
    spans = fitted.caller_spans(np.array(spans, np.int32).reshape(-1, 2)).tolist()
    example = example_from_tree(text, tree, source="")
    assert example.slots is not None, tree
    tags = [EDGES.tags.index(tag) for tag in tag_names(spans, example.slots)]
    nested = [EDGES.nested.index(tag or "O") for tag in nested_tag_names(spans, example)]
    intent, slots = logits(random, EDGES, len(spans), 0.0, 100)
    below = np.round(random.normal(size=(len(spans), len(EDGES.nested))))
    intent[EDGES.intents.index(example.intent)] += 6
    slots[np.arange(len(spans)), tags] += 7
    below[np.arange(len(spans)), nested] += 7
    intent, slots = (np.round(values * 100) / 100 for values in (intent, slots))
    return record(
        LABEL_SETS.index(EDGES),
        text,
        intent,
        slots,
        below,
        version=version,
        alternatives=alternatives,
    )


def crowded_case() -> dict[str, Any]:
    """A recorded parse that one partial tree more or fewer in the search would change."""
    random = np.random.default_rng(1016)
    length = 9
    nested = random.normal(scale=1.5, size=(length, len(CROWDED.nested)))
    # The last token goes on with a slot that it was not cheap to begin.
    nested[-1] -= 12
    nested[-1, 2::2] += 6
    nested[-1, 2 * int(random.integers(1, 9))] += 12
    slots = np.zeros((length, len(CROWDED.tags)))
    slots[np.arange(length), [1] + [2] * (length - 1)] = 8
    text = "one two three four five six seven eight nine"
    return record(LABEL_SETS.index(CROWDED), text, np.ones(1), slots, np.round(nested * 64) / 64)


def record(
    index: int,
    text: str,
    intent: Any,
    slots: Any,
    nested: Any | None = None,
    *,
    version: int = 1,
    confidence: int | None = None,
    alternatives: int = 0,
) -> dict[str, Any]:
    """What is recorded of a text and its logits."""
    labels, spec = LABEL_SETS[index], SPECS[version]
    fitted = fit_text(text, spec.max_code_points, version=version)
    spans, output_truncated = tokenize(fitted.text, spec)
    logits = {"intent": intent, "slots": slots, **({} if nested is None else {"nested": nested})}
    outputs = {
        **{name: value.astype(np.float32) for name, value in logits.items()},
        "spans": fitted.caller_spans(np.array(spans, np.int32).reshape(-1, 2)),
        "length": len(spans),
    }
    parsed = {} if confidence is None else CONFIDENCES[confidence]
    decoder = Decoder(
        labels,
        calibration=Calibration.from_dict(parsed["calibration"])
        if "calibration" in parsed
        else None,
        rejection=Rejection.from_dict(parsed["rejection"]) if "rejection" in parsed else None,
    )
    if alternatives and spans:
        check_ranks(outputs, decoder, alternatives, text)
    tokens, parse = decode_outputs(outputs, decoder, text=text, alternatives=alternatives)
    return {
        "text": text,
        "labels": index,
        **({} if version == SPEC.version else {"version": version}),
        **({} if confidence is None else {"confidence": confidence}),
        **({"alternatives": alternatives} if alternatives else {}),
        "intent": intent.tolist(),
        "slots": slots.tolist(),
        **({} if nested is None else {"nested": nested.tolist()}),
        "spans": spans,
        "output_truncated": output_truncated,
        "expected": recorded_parse(
            text,
            tokens,
            parse,
            truncated=output_truncated or fitted.more,
            nested=nested is not None,
        ),
    }


def check_ranks(outputs: dict[str, Any], decoder: Decoder, alternatives: int, text: str) -> None:
    """Other implementations sum in another order: no two of these parses may be as good as each other."""
    plain = Decoder(decoder.labels, rejection=decoder.rejection)
    _, parse = decode_outputs(outputs, plain, text=text, alternatives=alternatives + 1)
    logs = [math.log(one.score) for one in (parse, *parse.alternatives)]
    assert all(one - other > 1e-6 for one, other in itertools.pairwise(logs))


def recorded_parse(
    text: str, tokens: Any, parse: DecodedParse, *, truncated: bool, nested: bool
) -> dict[str, Any]:
    """A parse, with offsets in both units."""
    parsed = render_parse(text, tokens, parse, truncated=truncated)
    alternatives = [
        recorded_parse(text, tokens, one, truncated=truncated, nested=nested)
        for one in parse.alternatives
    ]
    return {
        "intent": parsed.intent,
        "score": parsed.score,
        "intent_score": parsed.intent_score,
        "tags": parse.tags,
        **({"nested": parse.nested} if nested else {}),
        "pieces": [slot.ranges for slot in parse.slots],
        "slots": [recorded_slot(text, slot) for slot in parsed.slots],
        "tree": parsed.tree,
        "truncated": parsed.truncated,
        **({"alternatives": alternatives} if alternatives else {}),
    }


def recorded_slot(text: str, slot: Slot) -> dict[str, Any]:
    """A slot with offsets in both units, and what is nested in it as `[intent, [[name, start, end, nested]]]`."""
    values: dict[str, Any] = {
        "name": slot.name,
        "text": slot.text,
        "start": slot.start,
        "end": slot.end,
        "start_utf16": utf16(text, slot.start),
        "end_utf16": utf16(text, slot.end),
    }
    if slot.nested is not None:
        values["nested"] = recorded_intent(text, slot.nested)
    return values


def recorded_intent(text: str, nested: NestedIntent) -> list[Any]:
    """What is nested in a slot, with offsets in UTF-16 units."""
    return [
        nested.intent,
        [
            [
                slot.name,
                utf16(text, slot.start),
                utf16(text, slot.end),
                None if slot.nested is None else recorded_intent(text, slot.nested),
            ]
            for slot in nested.slots
        ],
    ]


def content() -> dict[str, Any]:
    """The whole file."""
    random = np.random.default_rng(SEED)
    parses = [
        case(random, index, text, margin)
        for text in TEXTS
        for index, margin in ((0, 9.0), (0, 4.0), (0, 0.0), (1, 0.0), (1, 6.0))
    ]
    parses += [
        case(random, index, text, margin, grain=64, nested_grain=nested_grain)
        for text in NESTED_TEXTS
        for index in (2, 3)
        for margin, nested_grain in ((9.0, 64), (5.0, 64), (9.0, 1), (3.0, 64))
    ]
    parses.append(crowded_case())
    parses += [
        case(random, LABEL_SETS.index(BRACKETS), text, margin, grain=64)
        for text in BRACKET_TEXTS
        for margin in (9.0, 9.0, 5.0, 0.0)
    ]
    parses += [
        case(random, index, text, margin, grain=64, version=version)
        for text in FOLDED_TEXTS
        for index, version, margin in ((0, 1, 6.0), (0, 2, 6.0), (3, 2, 6.0))
    ]
    parses += [
        case(
            random,
            index,
            text,
            margin,
            grain=FINE,
            confidence=confidence,
            alternatives=alternatives,
        )
        for text in (TEXTS[0], TEXTS[5], "lunch at 12", "")
        for confidence in range(len(CONFIDENCES))
        for index in ((0, 2) if confidence else (1, 3))
        for margin, alternatives in ((7.0, 0), (3.0, 3))
    ]
    parses += [
        # The whole of what there is: one token, three intents and few tags; and without calibration.
        case(random, 1, "lunch", 2.0, grain=FINE, confidence=0, alternatives=12),
        case(random, 1, "lunch", 2.0, grain=FINE, alternatives=12),
        case(random, 4, "one two", 2.0, grain=FINE, alternatives=20),
        case(random, 0, "wake me up", 2.0, grain=FINE, confidence=2, alternatives=20),
    ]
    parses += [
        case(
            random,
            LABEL_SETS.index(INTENTS_ONLY),
            text,
            0.0,
            grain=FINE,
            confidence=confidence,
            alternatives=3,
        )
        for text in (TEXTS[0], TEXTS[5], "lunch", "")
        for confidence in (None, *range(len(CONFIDENCES)))
    ]
    parses += [
        tree_case(random, text, tree, alternatives=number % 3)
        for number, (text, tree) in enumerate(EDGE_TREES)
    ]
    parses += [
        # Random parses, nearly all of them with marks at some edge, and many that are the same without.
        case(
            random,
            LABEL_SETS.index(EDGES),
            text,
            margin,
            grain=FINE,
            nested_grain=1,
            version=version,
            confidence=confidence,
            alternatives=3,
        )
        for text, version in (("«a» - (b)!", 2), ("“a” -5, b...", 1), ("! . ?", 2))
        for margin, confidence in ((3.0, None), (2.0, 0))
    ]
    return {
        "format": 1,
        "spec": SPEC.to_dict(),
        "label_sets": [labels.to_dict() for labels in LABEL_SETS],
        "confidences": CONFIDENCES,
        "parses": parses,
        "tree_words": [[text, tree_words(text)] for text in WORDS],
    }


def main() -> None:
    """Writes the file whole or not at all; one parse a line."""
    values = content()
    parses = ",\n".join(json.dumps(value, separators=(",", ":")) for value in values["parses"])
    rest = {name: value for name, value in values.items() if name != "parses"}
    head = json.dumps(rest, separators=(",", ":"))[:-1]
    write_bytes(PATH, f'{head},"parses":[\n{parses}\n]}}\n'.encode())


if __name__ == "__main__":
    main()
