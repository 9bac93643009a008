"""What relations add where a parser finds the slots and where lists have gaps, as `results/relations.json`.

    python -m benchmarks.relations --work runs/relations

The requests are those of the houses `TEST` (`benchmarks/houses.py`), each of which names a device, a contact or a
playlist by a name that several have, and something that only one of them has to do with. They are linked with the slot
given, and from the text: a published model finds the slots, and the entity of the first of them that has a word of the
name and an entity is what is said. A request that the model rejects is not linked.

Lists lack a share of their triples or of their entries, at random. A house has one draw, in which what lacks with a
share lacks with a larger one too. Where the entry that is meant lacks, no answer is right. Intervals are those of
2,000 draws of houses.

Without --work the vectors of `pqrnn graph` are left out, which are trained for each list (about 9 seconds of a
processor) and need TensorFlow. They are trained for complete lists, and for those that lack `SHARE_OF_VECTORS` of the
triples. With --work a killed run resumes in WORK.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.entity_graphs import lists_of, said_of_slot
from benchmarks.houses import SLOTS, TEST, House, Request, house, with_gaps
from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import Parse, Slot

NAME = "relations"
MODELS = {
    "DEVICE": "home_assistant_en",
    "CONTACT": "mtop_en_2mb_entities",
    "PLAYLIST": "mtop_en_2mb_entities",
}
"""The published model that reads the requests of each slot of `SLOTS`."""
TYPES = {
    "home_assistant_en": {
        "name": "device",
        "device_class": "device",
        "area": "room",
        "floor": "floor",
    }
}
"""Types of entities by the slots of a model that does not say them itself."""
SHARES = (0.1, 0.3, 0.5)
"""Shares of the triples or of the entries that lists lack."""
SHARE_OF_VECTORS = 0.3
"""The share of the triples that lists lack for which vectors are trained, too."""
METHODS = ("no_list", "no_relations", "rule", "vectors", "shortest_ways")
"""What is compared, see `benchmarks.entity_graphs.lists_of`."""
WAYS = ("given", "parsed")
"""Whether the slot is given or a parser finds it."""
DRAWS = 2000
SEED = 1

Lists = Mapping[str, Callable[[], Entities]]
Said = dict[str, dict[str, list["str | None"]]]
"""Ids that were said of each request, by whether the slot was given and by method."""


def slots_of(slots: Sequence[Slot]) -> Iterator[Slot]:
    """Slots in the order of the text, each before what is nested in it."""
    for slot in slots:
        yield slot
        if slot.nested is not None:
            yield from slots_of(slot.nested.slots)


def said_in(parse: Parse, request: Request) -> str | None:
    """Id of the entity that a parse says is meant by the name of a request; `None` for none."""
    for slot in slots_of(parse.slots):
        touches = slot.start < request.end and slot.end > request.start
        if parse.intent and touches and slot.entity is not None:
            return slot.entity.id
    return None


def has_name(parse: Parse, request: Request) -> bool:
    """Whether a slot of a parse has all of the name."""
    return bool(parse.intent) and any(
        slot.start <= request.start and slot.end >= request.end for slot in slots_of(parse.slots)
    )


def said_of(own: House, lists: Lists, parsers: Mapping[str, Parser]) -> tuple[Said, dict[str, int]]:
    """What is said of the requests of a house with some lists, and in how many a slot has the name."""
    said: Said = {way: {} for way in WAYS}
    named: dict[str, int] = {}
    for method, make in lists.items():
        entities = make()
        linker = Linker(entities, SLOTS)
        for parser in parsers.values():
            parser.entities = entities
        parses = [parsers[MODELS[request.slot]](request.text) for request in own.requests]
        said["given"][method] = [said_of_slot(linker, request) for request in own.requests]
        said["parsed"][method] = [
            said_in(parse, request) for parse, request in zip(parses, own.requests, strict=True)
        ]
        pairs = zip(parses, own.requests, strict=True)
        named[method] = sum(has_name(parse, request) for parse, request in pairs)
    return said, named


def interval(values: np.ndarray, rows: np.ndarray) -> list[float]:
    """Percent of all rows, and the 2.5th and 97.5th percentile of that with houses drawn with replacement.

    Args:
        values: Counts of each house.
        rows: Requests of each house.
    """
    chosen = np.random.default_rng(SEED).integers(len(rows), size=(DRAWS, len(rows)))
    drawn = 100 * values[chosen].sum(axis=1) / rows[chosen].sum(axis=1)
    whole = 100 * values.sum() / rows.sum()
    return [round(float(one), 1) for one in (whole, *np.percentile(drawn, (2.5, 97.5)))]


def figures(requests: Sequence[Sequence[Request]], said: Sequence[Said]) -> dict[str, Any]:
    """Figures of a kind of list.

    Args:
        requests: Requests of each house.
        said: What is said of them, by house.

    Returns:
        By way and method: percents of the requests that are linked rightly (`right`, with `interval`; by kind of
        request in `slots`) and to another entity (`wrong`); and against a list without relations, where there is one,
        how much more is right (`gain`) and what is not right any more (`lost`).
    """
    rows = np.array([len(own) for own in requests])
    answers = [np.array([request.answer for request in own], object) for own in requests]
    kinds = np.array([request.slot for own in requests for request in own])
    result: dict[str, Any] = {way: {} for way in WAYS}
    for way in WAYS:
        plain: list[np.ndarray] = []
        for method in said[0][way]:
            given = [np.array(own[way][method], object) for own in said]
            right = [one == answer for one, answer in zip(given, answers, strict=True)]
            if method == "no_relations":
                plain = right
            counts = np.array([own.sum() for own in right])
            others = sum(
                int(np.sum([one is not None for one in own])) - int(good.sum())
                for own, good in zip(given, right, strict=True)
            )
            found: dict[str, Any] = {
                "right": interval(counts, rows)[0],
                "interval": interval(counts, rows)[1:],
                "wrong": round(100 * others / int(rows.sum()), 1),
                "slots": {
                    slot: round(100 * float(np.concatenate(right)[kinds == slot].mean()), 1)
                    for slot in SLOTS
                },
            }
            if plain and method != "no_relations":
                before = np.array([own.sum() for own in plain])
                gone = sum(int((a & ~b).sum()) for a, b in zip(plain, right, strict=True))
                found["gain"] = interval(counts - before, rows)
                found["lost"] = round(100 * gone / int(rows.sum()), 1)
            result[way][method] = found
    return result


def measure(numbers: Sequence[int], work: pathlib.Path | None) -> dict[str, Any]:
    """All figures, of complete lists and of lists with gaps."""
    parsers = {name: Parser(name) for name in MODELS.values()}
    for name, types in TYPES.items():
        parsers[name].entity_types = types
    houses = [house(number) for number in numbers]
    requests = [own.requests for own in houses]
    plain = [name for name in METHODS if name != "vectors"]
    methods = list(METHODS) if work is not None else plain
    named: dict[str, int] = {}

    def said_with(
        folder: str, names: Sequence[str], *, entries: float = 0.0, triples: float = 0.0
    ) -> list[Said]:
        found = []
        for number, whole in zip(numbers, houses, strict=True):
            own = with_gaps(whole, number, entries=entries, triples=triples)
            entities = Entities.from_rows(own.rows, triples=own.triples)
            every = lists_of(own, entities, (work or pathlib.Path()) / f"{folder}_{number}")
            said, counts = said_of(own, {name: every[name] for name in names}, parsers)
            found.append(said)
            if folder == "complete":
                named.update({name: named.get(name, 0) + count for name, count in counts.items()})
        return found

    complete = said_with("complete", methods)
    result = {
        "complete": figures(requests, complete),
        "triples": {
            f"{share:.0%}": figures(requests, _with_plain(complete, own))
            for share in SHARES
            for names in [methods if share == SHARE_OF_VECTORS else plain]
            for own in [said_with(f"triples_{share}", names[2:], triples=share)]
        },
        "entries": {
            f"{share:.0%}": figures(
                requests,
                said_with(f"entries_{share}", plain[1:], entries=share),
            )
            for share in SHARES
        },
    }
    total = sum(map(len, requests))
    return {
        "houses": len(numbers),
        "rows": {
            "all": total,
            **{slot: sum(one.slot == slot for own in requests for one in own) for slot in SLOTS},
        },
        "entities": round(float(np.mean([len(own.rows) for own in houses])), 1),
        "triples_of_a_house": round(float(np.mean([len(own.triples) for own in houses])), 1),
        "models": MODELS,
        "slot_has_name": {name: round(100 * own / total, 1) for name, own in named.items()},
        "lists": result,
    }


def _with_plain(complete: Sequence[Said], own: Sequence[Said]) -> list[Said]:
    """What is said of lists that lack triples, with that of a list without any, which is the same for all shares."""
    return [
        {way: {"no_relations": whole[way]["no_relations"], **some[way]} for way in WAYS}
        for whole, some in zip(complete, own, strict=True)
    ]


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("work", "Folder for the trainings of vectors; none without it.", metavar="FOLDER")
    parser.flag(
        "houses", "The first so many houses only.", type=at_least(1), default=len(TEST), metavar="N"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    log_to_stderr()
    made = stamp()
    work = None if arguments.work is None else pathlib.Path(arguments.work)
    path = write_results(NAME, measure(TEST[: arguments.houses], work), made)
    print(json.dumps({"written": str(path)}))


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.relations", __doc__, configure, run, sys.argv[1:]))
