"""Embeds the relations of a list of names, so that slots are linked by what is near (docs/entities.md).

OUTPUT gets vectors.json, which belongs to the list: keep it beside the list, and make it anew when the list changes. It
needs TensorFlow here, and only numpy where it is used. A killed run, started again with the same flags, resumes.

    pqrnn graph house.yaml --triples house.tsv --output runs/house
    pqrnn parse --model mine --entities house.yaml --triples house.tsv --entity_vectors runs/house/vectors.json
"""

from __future__ import annotations

import json
import pathlib

from pqrnn_tf.commands import config_flags, entity_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import log_to_stderr


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("lists")
    parser.words(
        "lists",
        "Files of names with relations, as `pqrnn parse --entities` takes them.",
        metavar="FILE",
    )
    entity_flags.declare_triples(parser)
    parser.section("configuration")
    parser.flag(
        "config",
        "A JSON file with fields of GraphConfig; missing ones have their defaults.",
        metavar="FILE",
    )
    parser.flag(
        "set",
        "One field of GraphConfig, such as width=64 or epochs=4.",
        repeat=True,
        metavar="NAME=VALUE",
    )
    config_flags.add_run(parser, "Folder for vectors.json, the log and the checkpoint.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.lists:
        raise UsageError("give files of names")
    from pqrnn_tf.runtime.entities import Entities

    entities = Entities.from_file(arguments.lists, triples=arguments.triples)
    log_to_stderr()
    config_flags.require_tensorflow()
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.knowledge.config import GraphConfig
    from pqrnn_tf.knowledge.eight_bits import FILE
    from pqrnn_tf.knowledge.training import embed_entities
    from pqrnn_tf.tasks.config import read_config

    config = read_config(arguments.config, arguments.set, GraphConfig)
    output = pathlib.Path(arguments.output)
    vectors = embed_entities(
        entities,
        output,
        config,
        callbacks=progress_callbacks("embedding", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    path = output / FILE
    written = {
        "written": str(path),
        "entities": len(entities),
        "width": vectors.width,
        "bytes": path.stat().st_size,
    }
    print(json.dumps(written))
