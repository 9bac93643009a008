"""What relations and their vectors add to linking, on requests of houses, as `results/entity_graphs.json`.

    python -m benchmarks.entity_graphs --work runs/houses --houses 3

The requests are those of `benchmarks/houses.py`, with the slot given: how many of them are linked to the entity that is
meant, without a list, with a list without relations, by the rule of relations, by the vectors of `pqrnn graph`, which
embeds each house by itself, and by two things that need less: the vectors of TransE, and the length of the shortest way
in the graph. Lists are complete; `benchmarks/relations.py` has gaps in them, and parsers in the place of given slots.
Settings were chosen on the houses of `DEVELOPMENT`; the ones that are measured are those of `TEST`. A killed run
resumes in WORK.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks.houses import SLOTS, TEST, House, Request, house
from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.config_flags import require_tensorflow
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.knowledge.eight_bits import FILE
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_vectors import EntityVectors
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.results import Parse, Slot

NAME = "entity_graphs"
BY_LENGTH = (1.0, 0.95, 0.8, 0.65)
"""Relatedness of entities that are one to four relations from each other."""


class ShortestWays(EntityVectors):
    """Relatedness by the shortest way between two entities, without anything trained."""

    @classmethod
    def of(cls, entities: Entities) -> ShortestWays:
        """That of a list."""
        from pqrnn_tf.knowledge.graph import KnowledgeGraph
        from pqrnn_tf.runtime.entity_vectors import fingerprint_of

        graph = KnowledgeGraph.of(entities)
        nothing = np.zeros((len(entities), 1), np.int8)
        ways = cls(fingerprint_of(entities), nothing, (), np.zeros((0, 1), np.int8), 0.0, 1.0)
        vars(ways)["lengths"] = [_lengths(graph, node) for node in range(len(entities))]
        return ways

    def relatedness_to(self, start: int, ends: Sequence[int]) -> list[float]:
        """By `BY_LENGTH`."""
        lengths = (vars(self)["lengths"][start].get(end) for end in ends)
        return [BY_LENGTH[length - 1] if length else 0.0 for length in lengths]


def _lengths(graph: Any, start: int) -> dict[int, int]:
    """Relations to each node that is near enough, but for those to types."""
    lengths, waiting = {start: 0}, deque([start])
    while waiting:
        node = waiting.popleft()
        if lengths[node] < len(BY_LENGTH):
            for _, sign, other in graph.hops[node]:
                if other not in lengths and not graph.is_a(sign):
                    lengths[other] = lengths[node] + 1
                    waiting.append(other)
    return lengths


def transe_only(entities: Entities) -> EntityVectors:
    """The vectors that the encoder starts from."""
    from pqrnn_tf.knowledge.config import GraphConfig
    from pqrnn_tf.knowledge.eight_bits import eight_bits
    from pqrnn_tf.knowledge.graph import KnowledgeGraph
    from pqrnn_tf.knowledge.transe import embed_by_transe

    graph, config = KnowledgeGraph.of(entities), GraphConfig()
    nodes, relations = embed_by_transe(
        graph.triples, len(graph.nodes), len(graph.relations), width=config.width, seed=config.seed
    )
    return eight_bits(entities, graph, nodes[: graph.entities], graph.step_matrix @ relations)


def said_of_slot(linker: Linker, request: Request) -> str | None:
    """Id of the entity that a request's slot is linked to, with the slot given."""
    words = request.text[request.start : request.end]
    slot = Slot(request.slot, request.start, request.end, words)
    entity = linker(Parse(request.text, "X", 1.0, (slot,), "")).slots[0].entity
    return None if entity is None else entity.id


def linked(entities: Entities, requests: Iterable[Request]) -> tuple[Counter[str], float]:
    """How many requests of each part are linked to what is meant, and the seconds that it took."""
    linker = Linker(entities, SLOTS)
    right: Counter[str] = Counter()
    begin = time.thread_time()
    for request in requests:
        if said_of_slot(linker, request) == request.answer:
            right.update(parts_of(request))
    return right, time.thread_time() - begin


def parts_of(request: Request) -> tuple[str, ...]:
    """The parts of the table that a request belongs to."""
    return "all", request.way, "further name" if request.further else "no further name"


def trained(entities: Entities, work: pathlib.Path) -> EntityVectors:
    """The vectors of `pqrnn graph`; those in the folder where it is done."""
    if (work / FILE).is_file():
        return EntityVectors.read(work / FILE)
    require_tensorflow()
    from pqrnn_tf.knowledge.training import embed_entities

    return embed_entities(entities, work, verbose=0)


def lists_of(
    own: House, entities: Entities, work: pathlib.Path
) -> dict[str, Callable[[], Entities]]:
    """What is compared on a house, and how each list is made."""
    return {
        "no_list": lambda: Entities(),
        "no_relations": lambda: Entities.from_rows(own.rows),
        "rule": lambda: entities,
        "transe": lambda: entities.with_vectors(transe_only(entities)),
        "vectors": lambda: entities.with_vectors(trained(entities, work)),
        "shortest_ways": lambda: entities.with_vectors(ShortestWays.of(entities)),
    }


def measure(numbers: Sequence[int], work: pathlib.Path) -> dict[str, Any]:
    """Percent of requests that are linked rightly, by method and part."""
    rows: Counter[str] = Counter()
    right: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    sizes: list[int] = []
    counts: list[int] = []
    for number in numbers:
        own = house(number)
        rows.update(part for request in own.requests for part in parts_of(request))
        entities = Entities.from_rows(own.rows, triples=own.triples)
        folder = work / f"complete_{number}"
        for name, make in lists_of(own, entities, folder).items():
            counted, spent = linked(make(), own.requests)
            right.setdefault(name, Counter()).update(counted)
            seconds[name] = seconds.get(name, 0.0) + spent
        sizes.append((folder / FILE).stat().st_size)
        counts.append(len(entities))
    return {
        "houses": len(numbers),
        "rows": dict(sorted(rows.items())),
        "entities": round(float(np.mean(counts)), 1),
        "file_bytes": round(float(np.mean(sizes))),
        "link_us": {name: round(1e6 * own / rows["all"], 1) for name, own in seconds.items()},
        "complete": {
            name: {part: round(100 * counted[part] / rows[part], 1) for part in sorted(rows)}
            for name, counted in right.items()
        },
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("work", "Folder for the trainings.", required=True, metavar="FOLDER")
    parser.flag(
        "houses", "The first so many houses only.", type=at_least(1), default=len(TEST), metavar="N"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    log_to_stderr()
    made = stamp()
    found = measure(TEST[: arguments.houses], pathlib.Path(arguments.work))
    path = write_results(NAME, found, made)
    print(json.dumps({"written": str(path)}))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.entity_graphs", __doc__, configure, run, sys.argv[1:])
    )
