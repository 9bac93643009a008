"""Makes the teacher of docs/distillation.md: all-MiniLM-L6-v2, fine-tuned on TOPv2's trees and then on MTOP.

The checkpoint is a folder with config.json, model.safetensors and vocab.txt. TOPv2 has seven of MTOP's
domains in a similar label set; one pass over 64,000 of its rows comes first. Its navigation domain and its
requests that nobody supports have nothing like them in MTOP. On two cores this takes an hour; a killed run
goes on after its last whole epoch.

    python -m benchmarks.minilm_teacher --checkpoint minilm --topv2 topv2 --data mtop --output runs/minilm
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
from collections.abc import Sequence

from absl import app, flags, logging

_CHECKPOINT = flags.DEFINE_string("checkpoint", None, "Folder of the checkpoint.", required=True)
_TOPV2 = flags.DEFINE_string("topv2", None, "Folder of TOPv2's TSV files.", required=True)
_DATA = flags.DEFINE_string("data", None, "Folder of MTOP files.", required=True)
_OUTPUT = flags.DEFINE_string("output", None, "Gets the teacher as `mtop`.", required=True)

ROWS = 64_000


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_split, load_topv2_split
    from pqrnn_tf.distillation.training import fit_teacher
    from pqrnn_tf.projection.spec import ProjectionSpec
    from pqrnn_tf.tasks.training import TrainingConfig

    output = pathlib.Path(_OUTPUT.value)
    config = TrainingConfig(spec=ProjectionSpec(max_tokens=48))
    first = [
        row
        for row in load_topv2_split(_TOPV2.value, "train", on_error="report")
        if row.domain != "navigation"
        and row.slots is not None
        and row.intent
        and "UNSUPPORTED" not in row.intent
    ]
    random.Random(config.seed).shuffle(first)
    fit_teacher(
        _CHECKPOINT.value,
        dataclasses.replace(config, substitution=0.0, distortion=0.0),
        first[:ROWS],
        [],
        output / "topv2",
        epochs=1,
        learning_rate=1.5e-4,
    )
    examples, development = (load_split(_DATA.value, split) for split in ("train", "dev"))
    fit_teacher(
        output / "topv2" / "encoder",
        config,
        examples,
        development,
        output / "mtop",
        epochs=10,
        learning_rate=1.2e-4,
    )


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
