"""Home Assistant's own way to understand a sentence: hassil's matcher with the same templates and the same house."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.extras import require
from recipes.home_assistant.cases import Named

if TYPE_CHECKING:
    import hassil

_LISTS = ("name", "area", "floor")


def read_intents(folder: pathlib.Path, language: str) -> hassil.Intents:
    """The templates, lists and rules of a language as hassil takes them.

    What a block says of the kinds of devices that `{name}` may be becomes a condition on the context, as in Home
    Assistant.

    Args:
        folder: A folder with `sentences`, `lists`, `rules` and `intents.yaml`.
        language: The language.
    """
    hassil, yaml = require("hassil"), require("yaml")
    whole: dict[str, Any] = {
        "language": language,
        "intents": {},
        "lists": {},
        "expansion_rules": {},
        "skip_words": [],
    }
    groups = domain_groups(folder)
    files = [
        *sorted((folder / "lists").glob("*.yaml")),
        *(
            path
            for room in ("lists", "rules", "sentences")
            for path in sorted((folder / room / language).rglob("*.yaml"))
        ),
    ]
    for path in files:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key in ("lists", "expansion_rules"):
            whole[key] |= content.get(key) or {}
        whole["skip_words"] += content.get("skip_words") or []
        for block in content.get("data") or ():
            block = dict(block)
            domains = (
                groups.get((path.parent.name, path.stem, block["name_domains"]))
                if isinstance(block.get("name_domains"), str)
                else block.get("name_domains")
            )
            block.pop("name_domains", None)
            if domains:
                context = dict(block.get("requires_context") or {})
                block["requires_context"] = {**context, "domain": list(domains)}
            whole["intents"].setdefault(path.parent.name, {"data": []})["data"].append(block)
    return hassil.Intents.from_dict(whole)


def domain_groups(folder: pathlib.Path) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Kinds of devices by intent, combination of slots, and name of the group; from `intents.yaml`."""
    path = folder / "intents.yaml"
    if not path.is_file():
        return {}
    content = require("yaml").safe_load(path.read_text(encoding="utf-8"))
    return {
        (intent, combination, name): tuple(domains)
        for intent, described in content.items()
        for combination, own in (described.get("slot_combinations") or {}).items()
        for name, domains in (own.get("name_domain_groups") or {}).items()
    }


def slot_lists(house: Sequence[Named]) -> dict[str, hassil.SlotList]:
    """The names of a house as lists of hassil."""
    hassil = require("hassil")
    lists: Mapping[str, list[tuple[str, str, dict[str, str]]]] = {name: [] for name in _LISTS}
    for thing in house:
        context = {"domain": thing.domain} if thing.domain else {}
        lists[thing.kind].append((thing.name, thing.name, context))
    return {
        name: hassil.TextSlotList.from_tuples(values, allow_template=False, name=name)
        for name, values in lists.items()
    }


class Matcher:
    """Hassil with the templates of a language.

    Args:
        folder: The folder of sentences, lists and rules.
        language: The language.
    """

    def __init__(self, folder: pathlib.Path, language: str) -> None:
        self._intents = read_intents(folder, language)
        self._recognize = require("hassil").recognize_best
        self._lists: dict[tuple[Named, ...], Any] = {}
        self._house: tuple[Named, ...] | None = None
        self._own_lists: Any = {}

    def enter(self, house: tuple[Named, ...]) -> None:
        """Makes the names of a house known, those of the texts that follow."""
        if house is self._house:
            return
        if house not in self._lists:
            self._lists[house] = slot_lists(house)
        self._house, self._own_lists = house, self._lists[house]

    def recognize(self, text: str, house: tuple[Named, ...]) -> hassil.RecognizeResult | None:
        """The best match of a text in a house."""
        self.enter(house)
        return self._recognize(
            text, self._intents, slot_lists=self._own_lists, best_slot_name="name"
        )

    @staticmethod
    def values(found: hassil.RecognizeResult) -> dict[str, Any]:
        """The values of all slots, with the domain that the sentence means."""
        values = {name: one.value for name, one in found.entities.items()}
        if found.intent_data.inferred_domain:
            values.setdefault("domain", found.intent_data.inferred_domain)
        return values
