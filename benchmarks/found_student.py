"""Students of another structure, trained beside the hand-made one: `results/found_student.json`.

    python -m benchmarks.found_student --data ../shared/data/mtop_en --teacher mtop_en_2mb \\
        --config recipes/students/mtop_en_500kb.json --found runs/search/evolution/candidates/002-001 \\
        --title "found by the search" --output runs/found_student
    python -m benchmarks.found_student --data ../shared/data/mtop_en --teacher mtop_en_2mb \\
        --config recipes/students/mtop_en_1mb.json --found recipes/students/mtop_en_1mb_two_layers.json \\
        --title "1 MB" --output runs/two_layers_1mb
    python -m benchmarks.render

All begin from drawn weights and are distilled from the same stored answers, on the same rows, for as many steps, once
for each seed. Each 8-bit file is scored on all development rows, as written and with errors in words, and on some under
the greedy attack; text to parse is timed in turns. --found may be given several times. Each comparison has a title;
one of the same title is replaced. A killed run resumes.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from typing import Any

from benchmarks.records import (
    ratios_of_medians,
    read_results,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

NAME = "found_student"
HAND_MADE = "hand-made"
TIMED = 200
"""Utterances that are timed."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of the corpus.", required=True, metavar="FOLDER")
    parser.flag("teacher", "Teacher, as in `pqrnn search`.", required=True, metavar="MODEL")
    parser.flag("config", "The student that is made by hand.", required=True, metavar="FILE")
    parser.flag(
        "found",
        "A configuration, or the folder of a candidate of a search.",
        repeat=True,
        required=True,
        metavar="PATH",
    )
    parser.flag("title", "Title of the comparison.", required=True)
    parser.flag("copies", "Copies of the rows with other values.", type=at_least(1), default=2)
    parser.flag("steps", "Optimizer steps of a training.", type=at_least(1), default=4000)
    parser.flag("seeds", "Trainings of each student.", type=at_least(1), default=2)
    parser.flag("attack_rows", "Rows that are attacked.", type=at_least(1), default=200)
    parser.flag("attack_queries", "Queries per row at most.", type=at_least(1), default=40)
    parser.flag("output", "Folder for the trainings.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.commands.search import drawn_rows, open_teacher
    from pqrnn_tf.datasets import StudentText, load_split
    from pqrnn_tf.distillation import build_recipe
    from pqrnn_tf.distillation.recipes import FINE_TUNED
    from pqrnn_tf.distillation.training import distill_with_text
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.attack import Attack, attack_rows
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.scoring import open_model
    from pqrnn_tf.tasks.surface import Verdicts, Writing, surface_losses
    from tflite_export import convert

    training, development = (load_split(arguments.data, part) for part in ("train", "dev"))
    attacked = drawn_rows(development, arguments.attack_rows)
    attack = Attack(queries=arguments.attack_queries)
    folder = pathlib.Path(arguments.output)
    teachers = {FINE_TUNED: open_teacher(arguments.teacher, folder)}
    base = read_config(arguments.config, ["nested_weight=0"])
    configs = {HAND_MADE: base}
    for place in map(pathlib.Path, arguments.found):
        path = place / "config.json" if place.is_dir() else place
        configs[place.stem] = read_config(path, ["nested_weight=0"])
    settings = {
        name: getattr(arguments, name) for name in ("teacher", "config", "steps", "seeds", "copies")
    }
    settings |= {"batch_size": base.batch_size, "attack_rows": len(attacked), **vars(attack)}
    settings |= {"development_rows": len(development)}
    others = read_results(NAME) or {"comparisons": {}}

    def write(latency: dict[str, Any]) -> None:
        own = {"stamp": made, "settings": settings, "runs": runs, "latency": latency}
        comparisons = {**others["comparisons"], arguments.title: own}
        write_results(NAME, {"comparisons": comparisons}, made)

    runs: list[dict[str, Any]] = []
    paths: dict[str, pathlib.Path] = {}
    for seed in range(1, arguments.seeds + 1):
        for name, config in configs.items():
            place = folder / f"{name}_{seed}"
            student = distill_with_text(
                dataclasses.replace(config, seed=seed),
                build_recipe("task_specific", layers=1, transfer=False, steps=arguments.steps),
                teachers,
                training,
                (),
                place,
                text=StudentText(substitution=base.substitution, copies=arguments.copies),
                answers_folder=folder / "answers",
                verbose=2,
            )
            path = place / "model.tflite"
            if not path.is_file():
                convert(student, path=path)
            paths.setdefault(name, path)
            model = open_model(path)
            (chance,) = surface_losses(
                Verdicts(model.answers), development, [Writing(attack.kind, attack.share)]
            )
            runs.append(
                {
                    "student": name,
                    "seed": seed,
                    "bytes": path.stat().st_size,
                    "flat_exact_match": model.score(development).to_dict()["flat_exact_match"],
                    "errors_exact_match": chance["flat_exact_match"],
                    "attack": attack_rows(model.answers, attacked, attack).to_dict(),
                }
            )
            print(json.dumps(runs[-1]), flush=True)
            write({})
    texts = [row.text for row in development[:TIMED]]
    parses = {name: Parser(path).parse for name, path in paths.items()}
    for text in texts:  # plans every length once, outside of the measurement
        for parse in parses.values():
            parse(text)
    seconds = time_in_turns(parses, texts, rounds=7)
    latency = {
        name: {**summary(values), "times": ratios_of_medians(seconds, name, [HAND_MADE])[HAND_MADE]}
        for name, values in seconds.items()
    }
    write(latency)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.found_student", __doc__, configure, run, sys.argv[1:])
    )
