"""Labels text with a teacher, in sharded files that a distillation streams from; or checks such files.

The teacher is a folder that `distill` left (OUTPUT/teacher), or a BERT encoder in TF-Hub's format (with --hidden).
Input files are JSON lines (.jsonl) with "text" and, where known, "intent" and "slots", or plain text, one a line. A
killed run, started again with the same flags, goes on with the shards that are missing.

    python -m pqrnn_tf.label --teacher runs/distilled/teacher --input logs.txt --output runs/logs --workers 2
    python -m pqrnn_tf.label --output runs/logs --verify

On a cluster, name a Beam runner and give its options behind two dashes; every worker must see the folders:

    python -m pqrnn_tf.label --teacher … --input … --output … --runner FlinkRunner -- --flink_master=host:8081
    python -m pqrnn_tf.label … --runner DaskRunner -- --dask_client_address=tcp://host:8786
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from absl import app, flags, logging

from pqrnn_tf.commands import labelling_flags

_TEACHER = flags.DEFINE_string("teacher", None, "Folder of the teacher.")
_INPUT = flags.DEFINE_multi_string("input", [], "A text file to label; may be repeated.")
_OUTPUT = flags.DEFINE_string("output", None, "Folder for the shards.", required=True)
_CONFIG = flags.DEFINE_string(
    "config",
    None,
    "A JSON file with fields of TrainingConfig, the student's; its spec decides the tokens.",
)
_SET = flags.DEFINE_multi_string(
    "set", [], "One field of TrainingConfig, as name=value. Example: --set spec.max_tokens=48."
)
_HIDDEN = flags.DEFINE_bool("hidden", False, "Also store the teacher's hidden states.")
_ROWS = flags.DEFINE_integer("rows_per_shard", 2048, "Rows of a shard.", lower_bound=1)
_BATCH = flags.DEFINE_integer("batch_size", 32, "Rows a forward pass.", lower_bound=1)
_WORKERS = flags.DEFINE_integer(
    "workers",
    1,
    "Processes on this machine, each on one core; 0: in this process, on all cores.",
    lower_bound=0,
)
_RUNNER = flags.DEFINE_string("runner", None, "A Beam runner other than the local one.")
_OVERWRITE = flags.DEFINE_bool(
    "overwrite",
    False,
    "Deletes other answers that are in the folder; without it they are an error.",
)
_VERIFY = flags.DEFINE_bool(
    "verify", False, "Checks the digests of the shards, and labels nothing."
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if argv[1:] and not _RUNNER.value:
        raise app.UsageError(f"unexpected arguments without --runner: {argv[1:]}")
    if not _VERIFY.value and not (_TEACHER.value and _INPUT.value):
        raise app.UsageError("--teacher and --input must be given, or --verify")
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import LabelledText, label_text

    try:
        if _VERIFY.value:
            store = LabelledText(_OUTPUT.value)
        else:
            store = label_text(
                _INPUT.value,
                _TEACHER.value,
                _OUTPUT.value,
                spec=read_config(_CONFIG.value, _SET.value).spec,
                rows_per_shard=_ROWS.value,
                hidden=_HIDDEN.value,
                batch_size=_BATCH.value,
                workers=_WORKERS.value,
                runner=_RUNNER.value,
                pipeline_args=argv[1:],
                modules=labelling_flags.MODULES.value,
                overwrite=_OVERWRITE.value,
            )
        store.verify()
    # Beam turns what happens in a worker process into a RuntimeError.
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"label: {error}", file=sys.stderr)
        sys.exit(1)
    record = {
        "rows": store.rows,
        "shards": len(store.shards),
        "bytes": sum(record.bytes for record in store.shards),
        "fingerprint": store.manifest["fingerprint"],
    }
    print(json.dumps(record))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    labelling_flags.quiet_beam()
    app.run(main)
