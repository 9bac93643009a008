"""Evolution against random search, with as many candidates, steps and rows each.

    python -m benchmarks.search --data ../shared/data/mtop_en --teacher mtop_en_2mb \\
        --config recipes/students/mtop_en_500kb.json --max_bytes 500000 --output runs/search
    python -m benchmarks.render

Generation by generation, one of each strategy in turn, so that a run that is stopped has spent equally on both;
`results/search.json` is written after each pair. It has all candidates with what they cost in seconds of the processor,
both fronts, and the rank correlation of parts of the structure with robustness. A killed run, started again, resumes;
more --generations resume it too. Candidates are chosen by development rows, so that their scores are a little too good.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

NAME = "search"
KEPT = (
    "name", "generation", "how", "parents", "rank", "fits", "inherited", "parameters", "multiply_accumulates", "bytes",
    "flat_exact_match", "errors_exact_match", "attacked_exact_match", "robustness", "latency", "latency_us",
    "processor_seconds",
)  # fmt: skip
"""What the results keep of a candidate, beside its structure."""

SETTINGS = (
    "teacher", "config", "set", "max_bytes", "rows", "development_rows", "attack_rows", "attack_queries", "steps",
    "population",
)  # fmt: skip
"""Flags that the results name."""


def structure(genome: Mapping[str, Any]) -> dict[str, float]:
    """Numbers that describe the structure of a student, by their names in the table.

    Args:
        genome: A candidate's `genome`.
    """
    from pqrnn_tf.encoder.graph import EncoderGraph

    graph = EncoderGraph.from_dict(genome["graph"])
    edges = [edge for state in graph.states for edge in state.edges]
    qrnns = [edge for edge in edges if edge.operation == "qrnn"]

    def share(part: Sequence[Any], whole: Sequence[Any]) -> float:
        return len(part) / len(whole) if whole else 0.0

    return {
        "n-gram features": genome["ngram_features"],
        "features of whole words": genome["word_features"],
        "shortest n-gram": min(genome["ngram_orders"], default=0),
        "orders of n-grams": len(genome["ngram_orders"]),
        "width of the bottleneck": graph.bottleneck_units,
        "width of the output": graph.width,
        "states": len(graph.states),
        "QRNNs on the longest way": graph.depths[graph.states[-1].name],
        "steps that QRNNs see, mean": float(np.mean([e.kernel_width or 0 for e in qrnns] or [0])),
        "QRNNs with ifo-pooling": share([e for e in qrnns if e.pooling == "ifo"], qrnns),
        "QRNNs in both directions": share([e for e in qrnns if e.direction == "both"], qrnns),
        "depthwise convolutions": sum(e.operation == "depthwise" for e in edges),
        "dense layers": sum(e.operation == "dense" for e in edges),
        "layer norms": sum(e.operation == "layer_norm" for e in edges),
        "states with several edges": sum(len(state.edges) > 1 for state in graph.states),
    }


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rank correlation; equal values share their ranks. `None` where all values of one are equal."""
    ranks = [_ranks(values) for values in (one, other)]
    if any(np.ptp(own) == 0 for own in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray:
    array = np.asarray(values, float)
    return np.array([(array < v).sum() + ((array == v).sum() - 1) / 2 for v in array])


def correlations(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """How parts of the structure go with exact match, with robustness, and with what is left under the attack.

    Args:
        records: Candidates with `structure`, of one strategy or of several.
    """
    measures = {
        "flat_exact_match": [r["flat_exact_match"] for r in records],
        "robustness": [r["robustness"] for r in records],
        "share that stands": [
            r["robustness"] / max(1e-9, r["flat_exact_match"]) for r in records
        ],
    }  # fmt: skip
    return {
        part: {
            name: None if (rho := rank_correlation(own, values)) is None else round(rho, 2)
            for name, values in measures.items()
        }
        for part in records[0]["structure"]
        for own in [[r["structure"][part] for r in records]]
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of the corpus.", required=True, metavar="FOLDER")
    parser.flag("teacher", "Teacher, as in `pqrnn search`.", required=True, metavar="MODEL")
    parser.flag("config", "The student to start from.", required=True, metavar="FILE")
    parser.flag(
        "set",
        "One field of the configuration, as in `pqrnn train`.",
        repeat=True,
        metavar="NAME=VALUE",
    )
    parser.flag("max_bytes", "Bytes of a file at most.", type=at_least(1), required=True)
    parser.flag("rows", "Training rows.", type=at_least(1), default=4000)
    parser.flag("development_rows", "Development rows.", type=at_least(1), default=200)
    parser.flag("attack_rows", "Rows that are attacked.", type=at_least(1), default=60)
    parser.flag("attack_queries", "Queries per row at most.", type=at_least(1), default=30)
    parser.flag("steps", "Optimizer steps of a candidate.", type=at_least(1), default=300)
    parser.flag("population", "Candidates of a generation.", type=at_least(2), default=4)
    parser.flag("generations", "Generations of each strategy.", type=at_least(1), default=5)
    parser.flag("output", "Folder for the searches.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.commands.search import drawn_rows, open_teacher
    from pqrnn_tf.datasets import ERRORS, load_split
    from pqrnn_tf.search import STRATEGIES, Measures, Search, Space, search
    from pqrnn_tf.tasks.attack import Attack
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.label_collection import labels_for

    config = read_config(arguments.config, arguments.set)
    whole = load_split(arguments.data, "train")
    training = drawn_rows(whole, arguments.rows)
    development = drawn_rows(load_split(arguments.data, "dev"), arguments.development_rows)
    folder = pathlib.Path(arguments.output)
    how = Search(
        space=Space(labels=labels_for(config, whole), max_parameters=arguments.max_bytes - 70_000),
        measures=Measures(
            steps=arguments.steps,
            max_bytes=arguments.max_bytes - 60_000,  # for the signatures that are left out
            error_kinds=tuple(ERRORS),
            attack=Attack(queries=arguments.attack_queries),
            attack_rows=arguments.attack_rows,
            latency_rows=30,
            latency_rounds=5,
            short_texts=(),
        ),
        population=arguments.population,
    )
    for generation in range(1, arguments.generations + 1):
        found: dict[str, list[dict[str, Any]]] = {}
        for strategy in STRATEGIES:
            search(
                dataclasses.replace(how, strategy=strategy, generations=generation),
                config,
                open_teacher(arguments.teacher, folder),
                training,
                development,
                folder / strategy,
                answers_folder=folder / "answers",
            )
            found[strategy] = read_candidates(folder / strategy)
            print(generation, strategy, *summary(found[strategy]), flush=True)
        write_results(
            NAME,
            {
                "settings": {name: getattr(arguments, name) for name in SETTINGS},
                "generations": generation,
                "strategies": {
                    name: {
                        "candidates": records,
                        "processor_seconds": round(sum(r["processor_seconds"] for r in records)),
                        "evaluated": len(records),
                    }
                    for name, records in found.items()
                },
                "correlations": correlations([r for records in found.values() for r in records]),
            },
            made,
        )


def read_candidates(folder: pathlib.Path) -> list[dict[str, Any]]:
    """The candidates of a search, as results keep them."""
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        {
            **{name: record[name] for name in KEPT},
            "structure": structure(record["genome"]),
            "genome": record["genome"],
        }
        for record in map(json.loads, lines)
    ]


def summary(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The candidates of the front in a few words."""
    front = [record for record in records if record["rank"] == 0]
    return [
        f"{r['name']}: {r['flat_exact_match']} / {r['robustness']} at {r['latency']}"
        for r in sorted(front, key=lambda r: r["latency"])
    ]


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.search", __doc__, configure, run, sys.argv[1:]))
