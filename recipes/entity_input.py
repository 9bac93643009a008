"""Gives a published model an input for names that only the device knows, and trains the weights of that input only.

Without names the model is what it was, bit for bit. The rows are those of its training, with other names, known and
made-up ones, and lists that hold some of them and some that the rows do not mean (`tasks.entity_sampling`). A student
of `pqrnn distill` gets the input here too: its teacher has no part in it.

    python -m recipes.entity_input --start mtop_en_2mb --data mtop:en --entity_type CONTACT=contact \\
        --steps 2400 --output runs/entities
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from typing import Any

from pqrnn_tf.commands import config_flags, data_flags, keras_model
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.files import CLAIM

CONFIG = "config.json"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    parser.flag(
        "start",
        "A model: a preset, or model.keras of `pqrnn train` or `pqrnn distill`, or its folder.",
        required=True,
        metavar="MODEL",
    )
    parser.flag(
        "entity_type",
        "The type of the entities whose names a slot holds.",
        repeat=True,
        required=True,
        metavar="SLOT=TYPE",
    )
    parser.switch(
        "entity_relations",
        "Tell the model too which names have to do with something that the text names elsewhere.",
    )
    parser.flag("steps", "Optimizer steps.", type=at_least(1), default=2400)
    parser.flag("learning_rate", "Peak learning rate.", type=float, default=5e-3)
    config_flags.add_run(parser, "Folder for the model, its log and its checkpoints.")


def settings_of(start: str) -> dict[str, Any]:
    """The configuration that a model was trained with: a preset's own, or that of a training's folder.

    Raises:
        UsageError: if its folder has neither.
    """
    from pqrnn_tf.runtime.presets import model_file

    path = pathlib.Path(start)
    if not path.exists():
        path = model_file(start)
    folder = path if path.is_dir() else path.parent
    if (folder / CONFIG).is_file():
        return json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if (folder / CLAIM).is_file():
        return json.loads((folder / CLAIM).read_text(encoding="utf-8"))["config"]
    raise UsageError(
        f"--start must be in a folder with {CONFIG} or {CLAIM}, which say how the model was trained. Received: "
        f"{start}, without them"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    log_to_stderr()
    types = dict(pair.partition("=")[::2] for pair in arguments.entity_type)
    if not all(types.values()):
        raise UsageError(f"--entity_type must be SLOT=TYPE. Received: {arguments.entity_type}")
    start = keras_model.load_student(arguments.start)
    settings = settings_of(arguments.start)
    rows = data_flags.read_training_data(arguments)
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.runtime.entity_features import EntityFeatures
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.training import fit_resumable, training_rows

    model = start.with_entity_features(
        EntityFeatures.of_slots(types, related=arguments.entity_relations)
    )
    config = dataclasses.replace(
        TrainingConfig.from_dict(settings),
        spec=model.spec,
        entity_types=types,
        entity_relations=arguments.entity_relations,
        learning_rate=arguments.learning_rate,
        weight_decay=0.0,
    )
    for layer in model.layers:
        layer.trainable = layer.name in ("entity_map", "entity_head")
    fit_resumable(
        model,
        model,
        config,
        training_rows(config, rows.training),
        (),
        pathlib.Path(arguments.output),
        evaluate_every=1,
        callbacks=progress_callbacks("training the input", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
        steps=arguments.steps,
        identity={"start": str(arguments.start)},
    )
    model.trainable = True


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.entity_input", __doc__, configure, run, sys.argv[1:]))
