"""What a model says that is told of relations, and one that is told of names only, as `results/entity_relations.json`.

    python -m benchmarks.entity_relations --work runs/entity_relations

Small models are trained on requests of made houses (`benchmarks/houses.py`, the houses `TRAINING`), of every second
kind of request only, with the names that they mean as the one slot. Both have the input for names; one of them has the
feature for relations too. They read the requests of other houses, of the kinds that were trained and of those that
were not, and each house has its list, with triples and without. A request is right where the slot of the name is found
exactly, and no other one; its entity is right where linking gives that slot what is meant. Each model is trained with
several seeds.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import pathlib
import re
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.houses import KINDS as TEMPLATES
from benchmarks.houses import SLOTS, TEST, House, Request, house
from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.results import Parse
from pqrnn_tf.tasks.config import TrainingConfig

NAME = "entity_relations"
TRAINING = range(200, 212)
"""Numbers of the houses that are trained on."""
CONFIG = TrainingConfig(
    bottleneck_units=48,
    units=24,
    layers=1,
    epochs=12,
    batch_size=32,
    learning_rate=5e-3,
    average=0.99,
    surface=0.0,
    entity_types=SLOTS,
)
KINDS = ("trained", "new")
"""Kinds of requests that the models were trained on, and others."""
LISTS = ("no_list", "no_relations", "relations")
SEEDS = 2
MODELS = {"names": False, "names_and_relations": True}
"""Models by whether they have the feature for relations."""
Answers = dict[str, np.ndarray]
_LOG = logging.getLogger(__name__)


def kind_of(text: str) -> int:
    """The number of the kind of a request: of the templates that it may come from, the longest."""
    fitting = [
        (len(template), number)
        for number, (_, _, template, _, _) in enumerate(TEMPLATES)
        if re.match(re.sub(r"\{.\}", ".+", template), text)
    ]
    return max(fitting)[1]


def is_trained(request: Request) -> bool:
    """Whether a request is of a kind that is trained."""
    return kind_of(request.text) % 2 == 0


def rows_of(own: House) -> list[Example]:
    """Requests of the trained kinds as rows, their intents by what is meant."""
    return [
        Example(
            request.text,
            f"ASK_{request.slot}",
            (SlotSpan(request.slot, ((request.start, request.end),)),),
        )
        for request in own.requests
        if is_trained(request)
    ]


def lists_of(own: House) -> dict[str, Entities | None]:
    """The lists of a house, see `LISTS`."""
    return {
        "no_list": None,
        "no_relations": Entities.from_rows(own.rows),
        "relations": Entities.from_rows(own.rows, triples=own.triples),
    }


def judged(parse: Parse, request: Request) -> tuple[bool, bool]:
    """Whether the slots of a parse are right, and the entity of the one with the name."""
    found = [(slot.name, slot.start, slot.end) for slot in parse.slots]
    right = [(request.slot, request.start, request.end)]
    entities = [slot.entity for slot in parse.slots if slot.start == request.start]
    return found == right, any(entity and entity.id == request.answer for entity in entities)


def answers(model: Any, houses: Sequence[House]) -> Answers:
    """What a model says by list: bool `(2, requests)`, right slots and right entities."""
    from pqrnn_tf.tasks.parsing import predict_parses

    found: dict[str, list[tuple[bool, bool]]] = {name: [] for name in LISTS}
    for own in houses:
        texts = [request.text for request in own.requests]
        for name, entities in lists_of(own).items():
            parses = predict_parses(model, texts, batch_size=256, entities=entities)
            if entities is not None:
                parses = [Linker(entities, SLOTS)(parse) for parse in parses]
            pairs = zip(parses, own.requests, strict=True)
            found[name] += [judged(parse, request) for parse, request in pairs]
    return {name: np.array(own).T for name, own in found.items()}


def trained(related: bool, seed: int, folder: pathlib.Path) -> Any:
    """A model trained on the requests of the training houses."""
    from pqrnn_tf.tasks.training import train

    config = dataclasses.replace(CONFIG, entity_relations=related, seed=seed)
    rows = [row for number in TRAINING for row in rows_of(house(number))]
    return train(config, rows, (), folder, verbose=0)


def said_by(name: str, seed: int, houses: Sequence[House], work: pathlib.Path) -> Answers:
    """What a model says, see `answers`; read from its folder where it was trained before."""
    folder = work / f"{name}_{seed}"
    kept = folder / "answers.json"
    if not kept.is_file():
        said = answers(trained(MODELS[name], seed, folder), houses)
        write_json(kept, {own: values.tolist() for own, values in said.items()})
        _LOG.info("%s, seed %d, is done", name, seed)
    found = json.loads(kept.read_text(encoding="utf-8"))
    return {own: np.array(values) for own, values in found.items()}


def figures(requests: Sequence[Request], said: Sequence[Answers]) -> dict[str, Any]:
    """Percents of requests with the right slots and the right entity.

    Args:
        requests: The requests.
        said: What models of several seeds say, see `answers`.

    Returns:
        By list and by kind of request: `slots` and `entity`, the mean of the seeds, and of each seed in `each`.
    """
    of_kind = {"trained": np.array([is_trained(request) for request in requests])}
    of_kind["new"] = ~of_kind["trained"]
    result: dict[str, Any] = {}
    for name in LISTS:
        result[name] = {}
        for kind in KINDS:
            each = [100 * own[name][:, of_kind[kind]].mean(axis=1) for own in said]
            result[name][kind] = {
                **{
                    what: round(float(value), 1)
                    for what, value in zip(("slots", "entity"), np.mean(each, axis=0), strict=True)
                },
                "each": np.round(each, 1).tolist(),
            }
    return result


def measure(seeds: int, work: pathlib.Path) -> dict[str, Any]:
    """All figures."""
    houses = [house(number) for number in TEST]
    requests = [request for own in houses for request in own.requests]
    rows = [row for number in TRAINING for row in rows_of(house(number))]
    said = {
        name: [said_by(name, seed, houses, work) for seed in range(1, seeds + 1)] for name in MODELS
    }
    known = sum(map(is_trained, requests))
    return {
        "houses": {"training": len(TRAINING), "test": len(houses)},
        "rows": {"training": len(rows), "trained": known, "new": len(requests) - known},
        "seeds": seeds,
        "models": {name: figures(requests, own) for name, own in said.items()},
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("work", "Folder for the trainings and what the models say.", required=True)
    parser.flag("seeds", "Trainings of each model.", type=at_least(1), default=SEEDS)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    log_to_stderr()
    made = stamp()
    found = measure(arguments.seeds, pathlib.Path(arguments.work))
    print(json.dumps({"written": str(write_results(NAME, found, made))}))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.entity_relations", __doc__, configure, run, sys.argv[1:])
    )
