"""What is left of published models under the greedy attack, as `results/attack.json`.

    python -m benchmarks.attack --data ../shared/data/mtop_en --model mtop_en_500kb --model mtop_en_1mb \\
        --model mtop_en_2mb
    python -m benchmarks.render

Development rows, drawn by a fixed seed. Beside the attack stands what errors of all kinds mixed cost, by chance, in as
large a share of the words. Any file may be named; `pqrnn evaluate --attack` attacks one model.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.commands.search import drawn_rows

NAME = "attack"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of the corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "model", "Pretrained model, or a file.", repeat=True, required=True, metavar="MODEL"
    )
    parser.flag("rows", "Development rows.", type=at_least(1), default=300)
    parser.flag("queries", "Queries per row at most.", type=at_least(1), default=40)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.attack import Attack, attack_rows
    from pqrnn_tf.tasks.scoring import open_model
    from pqrnn_tf.tasks.surface import Verdicts, Writing, surface_losses

    made = stamp()
    attack = Attack(queries=arguments.queries)
    rows = drawn_rows(load_split(arguments.data, "dev"), arguments.rows)
    found: dict[str, Any] = {}
    for name in arguments.model:
        path = model_file(name)
        model = open_model(path)
        # As many words as the attack may change, in error by chance.
        (chance,) = surface_losses(
            Verdicts(model.answers), rows, [Writing(attack.kind, attack.share)]
        )
        found[name] = {
            "bytes": path.stat().st_size,
            **attack_rows(model.answers, rows, attack).to_dict(),
            "errors_exact_match": chance["flat_exact_match"],
        }
        print(name, found[name], flush=True)
    settings = {"rows": len(rows), **vars(attack)}
    write_results(NAME, {"settings": settings, "models": found}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.attack", __doc__, configure, run, sys.argv[1:]))
