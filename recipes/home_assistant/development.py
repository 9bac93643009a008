"""Development rows: test sentences with the places of their slots, as hassil finds them."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.extras import require
from recipes.home_assistant.cases import Case, Named
from recipes.home_assistant.strict import read_intents, slot_lists

NOT_FOUND = "hassil does not find the slots of this sentence"


def labelled_cases(folder: pathlib.Path, language: str, cases: Sequence[Case]) -> list[Example]:
    """Rows of test sentences.

    A sentence in which hassil does not find the expected slots has none, and counts as one that no model gets right.

    Args:
        folder: The folder of sentences, lists and rules.
        language: The language.
        cases: The test sentences.
    """
    recognize_best = require("hassil").recognize_best
    intents = read_intents(folder, language)
    lists: dict[tuple[Named, ...], Any] = {}
    rows = []
    for case in cases:
        if case.house not in lists:
            lists[case.house] = slot_lists(case.house)
        result = recognize_best(
            case.text, intents, slot_lists=lists[case.house], best_slot_name="name"
        )
        found = {} if result is None else {one.name: one for one in result.entities_list}
        known = {"locale": language, "source": case.source}
        spoken = set(case.slots) - ({"domain"} if "domain" not in found else set())
        if result is None or result.intent.name != case.intent or set(found) != spoken:
            rows.append(Example(case.text, case.intent, None, problem=NOT_FOUND, **known))
            continue
        spans = []
        for name, one in found.items():
            start, end = one.text_span
            while start < end and case.text[start].isspace():
                start += 1
            while start < end and case.text[end - 1].isspace():
                end -= 1
            if start < end:
                spans.append((start, end, name))
        slots = tuple(SlotSpan(name, ((start, end),)) for start, end, name in sorted(spans))
        rows.append(Example(case.text, case.intent, slots, **known))
    return rows
