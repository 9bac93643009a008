"""Makes a sentence encoder of any encoder from raw text only (Mirror-BERT).

A pair is a text with itself. One side loses a span of its projected features, of its words or of its characters, and
dropout differs on both; the two vectors of a text should be nearest to each other (Liu et al. 2021, arXiv 2104.08027).
A killed run, started again with the same flags, resumes where it was. OUTPUT gets a preset.

    pqrnn mirror logs.txt --start runs/encoder --output runs/mirrored
    pqrnn mirror words.txt --temperature 0.2 --output runs/words
"""

from __future__ import annotations

import pathlib

from pqrnn_tf.commands import config_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.pretrain import add_configuration, add_start, add_text, tell, texts_of
from pqrnn_tf.commands.running import log_to_stderr

WITHOUT_TEACHER = {"vector_weight": 0.0, "similarity_weight": 0.0, "token_weight": 0.0}


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("text")
    add_text(parser)
    parser.flag(
        "span",
        "What one side of a pair loses a span of.",
        choices=["features", "words", "characters", "nothing"],
        default="features",
    )
    parser.flag("size", "Length of the span, in words or characters.", type=at_least(1), default=5)
    parser.flag(
        "temperature",
        "Temperature of the loss; the paper takes 0.2 for single words.",
        type=float,
        default=0.04,
    )
    add_start(parser)
    add_configuration(parser, "epochs=2 or dropout=0.1")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.text:
        raise UsageError("give files with text")
    if arguments.span not in ("words", "characters"):
        arguments.refuse(["size"], "only a span of words or characters has a length")
    log_to_stderr()
    config_flags.require_tensorflow()
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.distillation.pretraining import pretrain
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.mirrored_text import MirroredText
    from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder

    given = read_config(arguments.config, arguments.set, PretrainingConfig)
    config = PretrainingConfig.from_dict(
        {
            **given.to_dict(),
            **WITHOUT_TEACHER,
            "contrastive_weight": 1.0,
            "contrastive_temperature": arguments.temperature,
            "erased": given.erased if arguments.span == "features" else 0.0,
        }
    )
    start = None if arguments.start is None else SentenceEncoder.from_preset(arguments.start)
    rows = texts_of(arguments, config.seed)
    output = pathlib.Path(arguments.output)
    encoder = pretrain(
        config,
        MirroredText([row.text for row in rows], span=arguments.span, size=arguments.size),
        output,
        start=start,
        identity=config_flags.use_bfloat16(arguments),
        callbacks=progress_callbacks("mirroring", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    tell(encoder.count_params(), encoder.width, output)
