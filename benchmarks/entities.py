"""What lists of names do: exact match with names that training never saw, time and memory, as `results/entities.json`.

    python -m benchmarks.entities --data ../shared/data/mtop_en

The development rows of MTOP English are scored through the .tflite as they are, and with every contact, artist,
playlist and location replaced by one of the names in `entity_names.tsv`, drawn by a fixed seed: with no list, with a
list of these names, and with 1,000 names more that no row means, among them words of requests such as "May". "Rows of
names" are those with such a slot; the others do not change.

Relations are measured by themselves, on requests made here (`turn off the lamp in the kitchen`) whose slots are given:
which of the devices of that name is linked, from lists with and without relations.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.entity_names import SLOTS, ambiguous_names, made_names, read_names
from benchmarks.records import (
    CORPORA,
    mtop_texts,
    ratios_of_medians,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import Parse, Slot
from pqrnn_tf.runtime.trees import Tree, tree_words

NAME = "entities"
MODEL = "mtop_en_2mb_entities"
SEED = 1
DISTRACTORS = 1000
LIST = 10_000
HUGE = 1_000_000
WORDS = 10
"""Words of the requests that are timed."""
REQUESTS = 400
ROOMS = [
    "Kitchen",
    "Bedroom",
    "Bathroom",
    "Hallway",
    "Office",
    "Attic",
    "Garage",
    "Cellar",
    "Nursery",
    "Balcony",
]
DEVICES = ["Lamp", "Fan", "Heater", "Speaker", "Blind", "Radio", "Sensor", "Lock", "Plug", "Camera"]


class _Names:
    """Names that stand in the place of others, as `substitute_slot_values` asks for them."""

    def __init__(self, names: dict[str, list[str]]) -> None:
        self._of_slot = {
            slot: [(name, tuple(tree_words(name))) for name in names[kind]]
            for slot, kind in SLOTS.items()
        }

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, tuple[Tree | str, ...]]]:
        """The names for a slot; none for a slot of other things."""
        return self._of_slot.get(slot.name, ())


def with_other_names(rows: Sequence[Example]) -> list[Example]:
    """The rows with every value of `SLOTS` replaced, in the same order."""
    from pqrnn_tf.datasets.making.augmentation import substitute_slot_values

    return substitute_slot_values(rows, seed=SEED, probability=1.0, values=_Names(read_names()))


def names_in(rows: Sequence[Example]) -> list[dict[str, str]]:
    """The values of `SLOTS` as rows of a list, each once."""
    found = {
        (slot.text(row.text), SLOTS[slot.name])
        for row in rows
        for slot in row.slots or ()
        if slot.name in SLOTS
    }
    return [{"name": name, "type": kind} for name, kind in sorted(found)]


def distractors(meant: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Names that no row means: all of `AMBIGUOUS`, the others of `entity_names.tsv` by chance."""
    known = {entry["name"] for entry in meant}
    others = [pair for pair in made_names() if pair[1] not in known]
    chosen = ambiguous_names()
    chosen += random.Random(SEED).sample(others, DISTRACTORS - len(chosen))
    return [{"name": name, "type": kind} for kind, name in chosen]


def scores(parser: Parser, rows: Sequence[Example], entities: Entities | None) -> dict[str, Any]:
    """Scores of rows with a list of names."""
    from pqrnn_tf.tasks.scoring import score_parser

    parser.entities = entities
    found = score_parser(parser, rows).to_dict()
    parser.entities = None
    kept = ("rows", "flat_exact_match", "tree_exact_match", "intent_accuracy", "slot_f1")
    return {name: found[name] for name in kept if name in found}


def linked(parser: Parser, rows: Sequence[Example], entities: Entities | None) -> dict[str, Any]:
    """How many of the slots of names are found and linked to the entity that they name."""
    parser.entities = entities
    total = found = right = 0
    for row in rows:
        slots = {(slot.name, slot.start, slot.end): slot for slot in parser(row.text).slots}
        for slot in row.slots or ():
            if slot.name not in SLOTS or len(slot.spans) > 1:
                continue
            total += 1
            own = slots.get((slot.name, slot.start, slot.end))
            if own is None:
                continue
            found += 1
            entity = own.entity
            right += entity is not None and (entity.name, entity.type) == (
                slot.text(row.text),
                SLOTS[slot.name],
            )
    parser.entities = None
    return {"slots": total, "found": found, "linked": right}


def resolved() -> dict[str, float]:
    """Percent of requests whose device is the right one, from lists with and without relations."""
    devices = [
        {"name": device, "id": f"{device}.{room}", "type": "device", "relations": {"in": room}}
        for room in ROOMS
        for device in DEVICES
    ]
    rooms = [{"name": room, "type": "room"} for room in ROOMS]
    plain = [{**device, "relations": {}} for device in devices]
    result = {}
    for name, rows in (
        ("with_relations", [*devices, *rooms]),
        ("without_relations", [*plain, *rooms]),
        ("no_list", []),
    ):
        linker = Linker(Entities.from_rows(rows))
        right = total = 0
        for room in ROOMS:
            for device in DEVICES:
                text = f"turn off the {device.lower()} in the {room.lower()}"
                start = text.index(device.lower())
                end = start + len(device)
                for stop in (end, len(text)):  # the device by itself, and with its room
                    slot = Slot("DEVICE", start, stop, text[start:stop])
                    entity = linker(Parse(text, "TURN_OFF", 1.0, (slot,), "")).slots[0].entity
                    right += entity is not None and entity.id == f"{device}.{room}"
                    total += 1
        result[name] = round(100 * right / total, 1)
    return result


def list_of(count: int) -> list[dict[str, str]]:
    """As many entities with names of one to three invented words."""
    rng = random.Random(SEED)
    parts = [name[:4].lower() for kind, name in made_names() if name.isascii() and " " not in name]
    words = ["".join(rng.sample(parts, 2)).capitalize() for _ in range(max(1000, count // 3))]
    return [
        {"name": " ".join(rng.choices(words, k=rng.choice((1, 2, 2, 3)))), "id": str(number)}
        for number in range(count)
    ]


_LOADING = """
import json, sys, time
from benchmarks.entities import list_of
from benchmarks.records import peak_memory_kib
from pqrnn_tf.runtime.entities import Entities

texts, rows = json.load(sys.stdin), list_of(int(sys.argv[1]))
memory, begin = peak_memory_kib(), time.process_time()
entities = Entities.from_rows(rows, type="contact")
seconds, more = time.process_time() - begin, peak_memory_kib() - memory
for _ in range(2):
    begin = time.thread_time()
    for text in texts:
        entities.match(text)
    match = (time.thread_time() - begin) / len(texts)
print(json.dumps({
    "entities": len(entities), "cpu_seconds": round(seconds, 2), "memory_mib": round(more / 1024),
    "match_cpu_us": round(1e6 * match, 1),
}))
"""


def loaded(count: int, requests: Sequence[str]) -> dict[str, float]:
    """Seconds and memory that a list takes, in a process of its own, and the mean time of a request with it."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADING, str(count)],
        input=json.dumps(list(requests)),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def timed(requests: Sequence[str]) -> dict[str, Any]:
    """Time to match requests with a list beside that of their parses by `mtop_en_2mb`, one after the other."""
    entities = Entities.from_rows(list_of(LIST), type="contact")
    parser = Parser("mtop_en_2mb")
    begin = time.thread_time()
    for text in requests:
        entities.match(text)
    first = (time.thread_time() - begin) / len(requests)
    seconds = time_in_turns({"match": entities.match, "parse": parser.parse}, requests)
    return {
        "entities": len(entities),
        "requests": len(requests),
        "words": WORDS,
        "first_cpu_us": round(1e6 * first, 1),
        "match_mean_us": round(1e6 * float(np.mean(seconds["match"])), 1),
        **{name: summary(own) for name, own in seconds.items()},
        "ratio": ratios_of_medians(seconds, "match", ["parse"])["parse"],
    }


def measure(data: str, model: str) -> dict[str, Any]:
    """Everything but times."""
    from pqrnn_tf.datasets import load_split

    rows = load_split(data, "dev")
    new = with_other_names(rows)
    changed = [i for i, (row, other) in enumerate(zip(rows, new, strict=True)) if row != other]
    parts = {"all": range(len(rows)), "rows_of_names": changed}
    meant = names_in(new)
    lists: dict[str, Entities | None] = {
        "none": None,
        "names": Entities.from_rows(meant),
        "names_and_distractors": Entities.from_rows([*meant, *distractors(meant)]),
        "distractors": Entities.from_rows(distractors([*meant, *names_in(rows)])),
    }
    parser = Parser(model)
    result: dict[str, Any] = {"model": model, "names": len(meant), "distractors": DISTRACTORS}
    for part, places in parts.items():
        original, other = [rows[i] for i in places], [new[i] for i in places]
        result[part] = {
            "original": {
                name: scores(parser, original, lists[name]) for name in ("none", "distractors")
            },
            "replaced": {
                name: scores(parser, other, lists[name])
                for name in ("none", "names", "names_and_distractors")
            },
        }
    linkable = [new[i] for i in changed]
    result["linked"] = {
        name: linked(parser, linkable, lists[name]) for name in ("names", "names_and_distractors")
    }
    result["resolved"] = resolved()
    return result


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "data", "Folder of MTOP English.", default=str(CORPORA / "mtop_en"), metavar="FOLDER"
    )
    parser.flag("model", "Model that is told of names.", default=MODEL, metavar="MODEL")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    made = stamp()
    results = measure(arguments.data, arguments.model)
    texts = [text for text in mtop_texts(10_000) if len(text.split()) == WORDS][:REQUESTS]
    results["time"] = timed(texts)
    results["loading"] = [loaded(count, texts) for count in (LIST, HUGE)]
    path = write_results(NAME, results, made)
    print(json.dumps({"written": str(path)}))


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.entities", __doc__, configure, run, sys.argv[1:]))
