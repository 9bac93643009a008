"""Labels text with a teacher, in sharded files that a distillation streams from; or checks such files.

The teacher is a folder that `pqrnn distill` left (OUTPUT/teacher), or a BERT encoder in TF-Hub's format (with
--hidden or --vectors). Input files are JSON lines (.jsonl) with "text" and, where known, "intent" and "slots", or plain
text, one a line. A killed run, started again with the same flags, resumes with the shards that are missing.

    pqrnn label logs.txt --teacher runs/distilled/teacher --output runs/logs --workers 2
    pqrnn label --output runs/logs --verify

On a cluster, name a Beam runner and give its options behind two dashes; every worker must see the folders:

    pqrnn label … --runner FlinkRunner -- --flink_master=host:8081
    pqrnn label … --runner DaskRunner -- --dask_client_address=tcp://host:8786
"""

from __future__ import annotations

import json
import pathlib

from pqrnn_tf.commands import config_flags, teacher_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import log_to_stderr


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("text and teacher")
    parser.words(
        "input",
        "Text files to label; with --runner its options follow behind `--`.",
        metavar="FILE",
        flag=True,
        behind="runner_options",
    )
    parser.flag(
        "teacher",
        "Folder of the teacher; a BERT checkpoint in safetensors is converted into OUTPUT/bert.",
        metavar="FOLDER",
    )
    teacher_flags.add_modules(parser)
    teacher_flags.add_streamed(parser)
    parser.switch("hidden", "Also store the teacher's hidden states.")
    parser.switch(
        "vectors", "Store sentence vectors, for `pqrnn pretrain`; the teacher has no heads."
    )
    config_flags.add_config(parser, "spec.max_tokens=48")
    config_flags.add_bfloat16(parser)
    parser.section("run")
    parser.flag("output", "Folder for the shards.", required=True, metavar="FOLDER")
    parser.flag("rows_per_shard", "Rows of a shard.", type=at_least(1), default=2048)
    parser.flag("batch_size", "Rows a forward pass.", type=at_least(1), default=32)
    parser.flag(
        "workers",
        "Processes on this machine, each on one core; 0: in this process, on all cores.",
        type=at_least(0),
        default=1,
    )
    parser.flag("runner", "A Beam runner other than the local one.", metavar="NAME")
    parser.switch(
        "overwrite", "Delete other answers that are in the folder; without it they are an error."
    )
    parser.switch("verify", "Check the digests of the shards, and label nothing.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.runner_options and arguments.runner is None:
        raise UsageError(f"only --runner has options behind --: {arguments.runner_options}")
    if arguments.verify:
        arguments.refuse(
            [
                *("input", "teacher", "module", "streamed", "hidden", "vectors", "bfloat16", "config", "set"),
                *("rows_per_shard", "batch_size", "workers", "runner", "overwrite"),
            ],
            "--verify labels nothing",
        )  # fmt: skip
    elif not arguments.teacher or not arguments.input:
        raise UsageError("give files and --teacher, or --verify")
    if arguments.runner is not None:
        arguments.refuse(["workers"], "the runner of --runner has its own")
    config_flags.refuse_settings(
        arguments, "labelling reads spec of a configuration, flags say the rest", read=("spec",)
    )
    log_to_stderr()
    from pqrnn_tf.teachers import LabelledText, SavedTeacher, label_text
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle

    if arguments.verify:
        store = LabelledText(arguments.output)
    else:
        store = label_text(
            arguments.input,
            SavedTeacher(
                tfhub_handle(arguments.teacher, pathlib.Path(arguments.output) / "bert"),
                modules=arguments.module,
                streamed=arguments.streamed,
            ),
            arguments.output,
            spec=config_flags.read_configuration(arguments).spec,
            rows_per_shard=arguments.rows_per_shard,
            hidden=arguments.hidden,
            vectors=arguments.vectors,
            bfloat16=arguments.bfloat16,
            batch_size=arguments.batch_size,
            workers=arguments.workers,
            runner=arguments.runner,
            pipeline_args=arguments.runner_options,
            overwrite=arguments.overwrite,
        )
    store.verify()
    print(
        json.dumps(
            {
                "rows": store.rows,
                "shards": len(store.shards),
                "bytes": sum(record.bytes for record in store.shards),
                "fingerprint": store.manifest["fingerprint"],
            }
        )
    )
