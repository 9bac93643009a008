"""Prompt tuning of a BERT against training all of it, and against its top only: score, bytes a task, seconds.

    python -m benchmarks.prompts --data ../shared/data/mtop_en --data ../shared/data/snips --bert minilm \\
        --output runs/prompts
    python -m benchmarks.prompts --data ../shared/data/mtop_en --bert minilm --rows 2000 --rates --output runs/rates
    python -m benchmarks.render

`full` trains the whole BERT at its usual rate, `top` its heads and highest layer only, `prompts` the heads and 100
vectors in front of each text. Rows, passes and seed are the same; each has the best of its passes on the development
rows. `--rates` trains prompts for one pass at several rates first, on the first corpus only, and `RATES` has what was
chosen by that. A killed run, started again, resumes.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example

NAME = "prompts"
WAYS = ("full", "prompts", "top")
PROMPTS = 100
RATES = {"prompts": 2e-2}
"""Peak learning rate where the BERT stays as it is; those of the other ways follow from its width."""
TRIED = (1e-3, 5e-3, 2e-2)
"""Rates that `--rates` compares."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of a corpus.", required=True, repeat=True, metavar="FOLDER")
    parser.flag("bert", "Folder of the BERT's checkpoint.", required=True, metavar="FOLDER")
    parser.flag("rows", "Training rows, evenly spread.", type=at_least(1), default=1000)
    parser.flag(
        "development_rows", "Development rows, evenly spread.", type=at_least(1), default=500
    )
    parser.flag("epochs", "Passes over the rows.", type=at_least(1), default=6)
    parser.flag("only", "A way; all if not given.", choices=list(WAYS), repeat=True)
    parser.switch("rates", "Compare learning rates instead, one pass each, on the first corpus.")
    parser.flag("output", "Folder for the trainings.", required=True, metavar="FOLDER")


def task_bytes(folder: pathlib.Path, way: str) -> int:
    """Bytes that a further task costs: those beside the BERT where that is not trained, else all files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if way == "prompts":
        files = [path for path in files if path.parent == folder]
    return sum(path.stat().st_size for path in files)


def curve(folder: pathlib.Path) -> list[dict[str, float]]:
    """What the log of a fine-tuning says of each pass."""
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    seconds = 0.0
    points = []
    for line in map(json.loads, lines):
        seconds += line["seconds"]
        points.append({"step": line["step"], "seconds": round(seconds, 1), **line["dev"]})
    return points


def tuned(
    way: str,
    rate: float | None,
    folder: pathlib.Path,
    arguments: Arguments,
    rows: tuple[Sequence[Example], Sequence[Example]],
    epochs: int,
) -> dict[str, Any]:
    """Trains one way, or finds it trained; what it reached and what it costs."""
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.teachers import fit_teacher

    config = json.loads((pathlib.Path(arguments.bert) / "config.json").read_text(encoding="utf-8"))
    how: dict[str, Any] = {"embeddings": "rows"}
    if way == "prompts":
        how = {"prompts": PROMPTS}
    elif way == "top":
        how = {"frozen_layers": config["num_hidden_layers"] - 1}
    teacher = folder / "teacher"
    fit_teacher(
        arguments.bert,
        TrainingConfig(surface=0.0, distortion=0.0, substitution=0.0),
        *rows,
        teacher,
        epochs=epochs,
        learning_rate=rate,
        verbose=0,
        **how,
    )
    points = curve(folder / "teacher.training")
    best = max(points, key=lambda point: point["flat_exact_match"])
    names = ("flat_exact_match", "intent_accuracy", "slot_f1")
    found = {
        **{name: best[name] for name in names},
        "bytes": task_bytes(teacher, way),
        "seconds": points[-1]["seconds"],
        "curve": [point["flat_exact_match"] for point in points],
    }
    print(folder.parent.name, way, rate, found, flush=True)
    return found


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.datasets.making.domains import spread

    results = read_results(NAME) or {"tasks": {}, "rates": {}}
    output = pathlib.Path(arguments.output)
    for data in arguments.data[:1] if arguments.rates else arguments.data:
        rows = (
            spread(load_split(data, "train"), arguments.rows),
            spread(load_split(data, "dev"), arguments.development_rows),
        )
        corpus = pathlib.Path(data).name
        if arguments.rates:
            for way in RATES:
                for rate in TRIED:
                    folder = output / corpus / f"{way}_{rate:g}"
                    found = tuned(way, rate, folder, arguments, rows, 1)
                    results["rates"].setdefault(way, {})[f"{rate:g}"] = found["flat_exact_match"]
                    write_results(NAME, {**results, "prompts": PROMPTS}, made)
            continue
        for way in arguments.only or WAYS:
            folder = output / corpus / way
            found = tuned(way, RATES.get(way), folder, arguments, rows, arguments.epochs)
            task = results["tasks"].setdefault(corpus, {"ways": {}})
            task |= {"rows": len(rows[0]), "development_rows": len(rows[1])}
            task["epochs"] = arguments.epochs
            task["ways"][way] = found
            write_results(NAME, {**results, "prompts": PROMPTS}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.prompts", __doc__, configure, run, sys.argv[1:]))
