"""Test sentences of Home Assistant: what is said, in which house, and what must be understood."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.formats.home_assistant_tests import expected_sentences
from pqrnn_tf.datasets.rows import DataError
from pqrnn_tf.extras import require

FIXTURES = "_fixtures.yaml"
_DROPPED = re.compile(r"[.。,，?¿？؟!！;；:：]")
_KINDS = ("entities", "areas", "floors")


@dataclasses.dataclass(frozen=True)
class Named:
    """Something in a house that has a name.

    Attributes:
        kind: `"name"` for a device, `"area"`, or `"floor"`: the slot that it fills.
        id: Its identifier.
        name: Its name.
        domain: The kind of device, such as `"light"`; empty for areas and floors.
        area: Identifier or name of the area that it is in; empty where unknown.
    """

    kind: str
    id: str
    name: str
    domain: str = ""
    area: str = ""


@dataclasses.dataclass(frozen=True)
class Case:
    """A test sentence.

    Attributes:
        text: The sentence.
        intent: Its intent.
        slots: Values that must be found, by slot. A list means that each of its values is right.
        house: What has a name in the house.
        source: The file.
    """

    text: str
    intent: str
    slots: Mapping[str, Any]
    house: tuple[Named, ...]
    source: str


def read_cases(folder: str | os.PathLike[str], language: str) -> list[Case]:
    """The test sentences of a language.

    Args:
        folder: A folder with `tests/LANGUAGE/INTENT/*.yaml`.
        language: The language.

    Returns:
        The sentences in the order of the files; none where the folder has no tests of the language.

    Raises:
        DataError: If a file has another form; the message names it.
    """
    root = pathlib.Path(folder) / "tests" / language
    if not root.is_dir():
        return []
    yaml = require("yaml")
    fixtures: Mapping[str, Any] = {}
    if (root / FIXTURES).is_file():
        fixtures = yaml.safe_load((root / FIXTURES).read_text(encoding="utf-8")) or {}
    cases = []
    for path in sorted(root.glob("*/*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        sentences = list(expected_sentences(content, path))
        try:
            house = _house(content, fixtures)
        except (AttributeError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}:1: `entities:`, `areas:` and `floors:` must be lists of things with a name. Found: "
                f"{type(error).__name__} {error}."
            ) from error
        cases += [Case(one.text, one.intent, one.slots, house, str(path)) for one in sentences]
    return cases


def _house(content: Mapping[str, Any], fixtures: Mapping[str, Any]) -> tuple[Named, ...]:
    """What has a name: that of the file, and of the fixtures where the file says nothing of a kind."""
    entities, areas, floors = (
        content[kind] if kind in content else fixtures.get(kind) or () for kind in _KINDS
    )
    found = [Named("area", _id(area), name) for area in areas for name in _names(area)]
    found += [Named("floor", _id(floor), name) for floor in floors for name in _names(floor)]
    for entity in entities:
        domain = str(entity.get("domain") or str(entity.get("id", "")).split(".")[0])
        area = str(entity.get("area") or "")
        found += [Named("name", _id(entity, domain), name, domain, area) for name in _names(entity)]
    return tuple(found)


def _names(thing: Mapping[str, Any]) -> Sequence[str]:
    """The name of a thing and its other names."""
    name = thing["name"]
    written = name.get("in") if isinstance(name, dict) else name
    return [str(written), *map(str, thing.get("aliases") or ())]


def _id(thing: Mapping[str, Any], domain: str = "") -> str:
    if "id" in thing:
        return str(thing["id"])
    name = _names(thing)[0].lower().replace(" ", "_")
    return f"{domain}.{name}" if domain else name


def is_right(found: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether values of slots are those of a test.

    Every value of the test must be found, and nothing else; only a `domain` that the test does not mention may be.
    Texts agree but for case, white space and the punctuation that hassil drops from a request.

    Args:
        found: Values by slot.
        expected: Those of the test; a list has values of which each is right.
    """
    if set(found) - {"domain"} != set(expected) - {"domain"}:
        return False
    return all(
        name in found
        and any(
            _same(found[name], value)
            for value in ([values, *values] if isinstance(values, list) else [values])
        )
        for name, values in expected.items()
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    return one == other


def _plain(text: str) -> str:
    return " ".join(_DROPPED.sub(" ", text).split()).casefold()
