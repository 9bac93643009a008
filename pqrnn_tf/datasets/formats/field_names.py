"""What people call the fields of a row, in the headers of tables and as keys of JSON objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text",
        "utterance",
        "utterances",
        "sentence",
        "sentences",
        "phrase",
        "phrases",
        "query",
        "queries",
        "question",
        "questions",
        "utt",
        "message",
        "messages",
        "example",
        "examples",
        "input",
    ),
    "intent": (
        "intent",
        "label_text",  # beside `label` with its number
        "label_name",
        "label",
        "category",
        "class",
        "class_name",
        "intent_name",
        "intent_label",
        "intents",
        "labels",
        "categories",
        "classes",
        "target",
    ),
    "slots": ("slots", "entities", "slot_labels", "tags", "bio", "slot_tags", "bio_tags"),
    "tree": ("tree",),
    "domain": ("domain", "scenario"),
    "locale": ("locale", "language", "lang"),
    "split": ("split", "partition"),
}
"""Each field with its names, the likeliest first."""

_NOT_LETTERS = re.compile(r"[\W_]+")


def _plain(name: str) -> str:
    return _NOT_LETTERS.sub("", name.casefold())


def named_fields(names: Iterable[str]) -> dict[str, str]:
    """Which of some names means which field; case, blanks and underscores make no difference.

    Args:
        names: The header of a table, or the keys of an object.

    Returns:
        The name of each field that is there.
    """
    given: dict[str, str] = {}
    for name in names:
        given.setdefault(_plain(name), name)
    found = {}
    for field, known in FIELDS.items():
        named = [given[_plain(name)] for name in known if _plain(name) in given]
        if named:
            found[field] = named[0]
    return found
