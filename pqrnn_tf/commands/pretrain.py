"""Pretrains a sentence encoder on general text: a teacher's sentence vectors are its targets.

The teacher is an encoder that was trained for sentence vectors, such as all-MiniLM-L6-v2: a folder with config.json,
model.safetensors and vocab.txt, which is converted into OUTPUT/bert, or an encoder in TF-Hub's format. It answers the
text once (OUTPUT/answers); each pass then writes the text again as people write, with typing errors, and the encoder
is trained to give the teacher's vectors to it. A killed run, started again with the same flags, resumes where it was.
OUTPUT gets a preset that `IntentSlotModel.from_preset` and `SentenceEncoder.from_preset` read.

    pqrnn pretrain logs.txt phrases.csv --teacher minilm --output runs/encoder

Answers that `pqrnn label --vectors` has stored can be trained on too, or only these:

    pqrnn pretrain --answers runs/answers --start runs/encoder --output runs/longer
"""

from __future__ import annotations

import json
import logging
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pqrnn_tf.commands import config_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import log_to_stderr
from pqrnn_tf.datasets.rows import Example

if TYPE_CHECKING:
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.teachers import LabelledText

_LOG = logging.getLogger(__name__)

FIELDS_OF_LABELS = (
    *("head_dropout", "label_smoothing", "slot_weight", "nested_weight", "substitution", "code_switching"),
    *("entity_types", "entity_relations", "patience", *config_flags.FIELDS_OF_BAG_HEADS),
)  # fmt: skip
"""Fields of TrainingConfig that have no meaning without labels."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("text and teacher")
    add_text(parser)
    parser.flag(
        "teacher",
        "Folder of the teacher that answers TEXT: a BERT checkpoint in safetensors, or an encoder in TF-Hub's format.",
        metavar="FOLDER",
    )
    parser.flag(
        "answers",
        "Folder with answers of the same teacher, as `pqrnn label --vectors` writes them.",
        repeat=True,
        metavar="FOLDER",
    )
    parser.flag(
        "workers",
        "Processes that run the teacher over the text; 0: this one, with all its threads.",
        type=at_least(0),
        default=0,
    )
    add_start(parser)
    add_configuration(parser, "epochs=4 or similarity_weight=1")


def add_text(parser: CommandParser) -> None:
    """Declares the flags for text without labels."""
    parser.words(
        "text",
        "Files or folders with text: .txt with a text per line, or rows of any format, without their labels.",
        metavar="TEXT",
        flag=True,
    )
    parser.flag(
        "exclude",
        "Files of texts to leave out: those that models are scored on.",
        repeat=True,
        metavar="PATH",
    )
    parser.flag("limit", "At most so many texts.", type=at_least(1))


def add_configuration(
    parser: CommandParser, example: str, fields: str = "PretrainingConfig"
) -> None:
    """Declares the flags for the configuration, and those of each run.

    Args:
        parser: The parser.
        example: Assignments that `--set` may take.
        fields: Whose fields they are.
    """
    parser.section("configuration")
    parser.flag(
        "config",
        f"A JSON file with fields of {fields}; missing ones have their defaults.",
        metavar="FILE",
    )
    parser.flag(
        "set",
        f"One field of {fields}, such as {example}.",
        repeat=True,
        metavar="NAME=VALUE",
    )
    config_flags.add_bfloat16(parser)
    config_flags.add_run(parser, "Folder for the encoder, its log and its checkpoints.")


def add_start(parser: CommandParser) -> None:
    """Declares the flag for the encoder that a training starts from."""
    parser.flag(
        "start",
        "A sentence encoder of the same sizes whose weights the training starts from: a preset's name or folder.",
        metavar="PRESET",
    )


def texts_of(arguments: Arguments, seed: int) -> list[Example]:
    """The rows of text that the flags name, without those to leave out."""
    from pqrnn_tf.datasets import read_transfer_text

    held_out = read_transfer_text(arguments.exclude) if arguments.exclude else ()
    return read_transfer_text(
        arguments.text,
        limit=arguments.limit,
        seed=seed,
        exclude=held_out,
        report=_LOG.info,
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.text:
        arguments.refuse(["exclude", "limit", "teacher", "workers"], "they belong to TEXT")
        if not arguments.answers:
            raise UsageError("give files with text and --teacher, or --answers")
    elif arguments.teacher is None:
        raise UsageError("text needs --teacher, which answers it")
    config_flags.refuse_settings(
        arguments, "a sentence encoder has no labels", unread=FIELDS_OF_LABELS
    )
    log_to_stderr()
    config_flags.require_tensorflow()
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.distillation.pretraining import check_pretraining, pretrain
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
    from pqrnn_tf.teachers import LabelledText, SavedTeacher, label_text
    from pqrnn_tf.teachers.answers.shards import MixedText
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle

    config = read_config(arguments.config, arguments.set, PretrainingConfig)
    start = None if arguments.start is None else SentenceEncoder.from_preset(arguments.start)
    check_pretraining(config, start)
    output = pathlib.Path(arguments.output)
    hidden = config.token_weight > 0
    # Without TEXT they are opened as they are, so that the records of older trainings stay true.
    wanted = hidden if arguments.text else None
    stores = [LabelledText(folder, hidden=wanted) for folder in arguments.answers]
    if arguments.text:
        rows = texts_of(arguments, config.seed)
        teacher = SavedTeacher(tfhub_handle(arguments.teacher, output / "bert"))
        if stores:
            check_answers(stores, teacher.digest, config.spec, vectors=True)
        own = label_text(
            rows,
            teacher,
            output / "answers",
            spec=config.spec,
            vectors=True,
            hidden=hidden,
            workers=arguments.workers,
        )
        stores.insert(0, own)
    else:
        check_answers(stores, stores[0].manifest["teacher"], config.spec, vectors=False)
    encoder = pretrain(
        config,
        MixedText(stores),
        output,
        start=start,
        identity=config_flags.use_bfloat16(arguments),
        callbacks=progress_callbacks("pretraining", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    tell(encoder.count_params(), encoder.width, output)


def check_answers(
    stores: Sequence[LabelledText], teacher: str, spec: ProjectionSpec, *, vectors: bool
) -> None:
    """Refuses stored answers that a pretraining cannot take beside others, before a teacher answers anything.

    Args:
        stores: The stored answers.
        teacher: Digest of the teacher that all are to be of.
        spec: Projection of the encoder.
        vectors: Whether they must have sentence vectors, as the others have.

    Raises:
        ShardError: if their tokens are not those of the encoder, or a shard is damaged.
        UsageError: if they are of another teacher, or have no sentence vectors.
    """
    for store in stores:
        if store.manifest["teacher"] != teacher:
            raise UsageError(f"--answers {store.folder} has the answers of another teacher")
        if vectors and store.vector_width is None:
            raise UsageError(
                f"--answers {store.folder} has no sentence vectors: label its text with --vectors"
            )
        store.check_tokens(spec)
        store.verify()


def tell(weights: int, width: int, output: pathlib.Path) -> None:
    """Prints one line of JSON: the losses of the last round, and the sizes."""
    last = json.loads((output / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    losses = {name: value for name, value in last.items() if name.endswith("loss")}
    print(json.dumps({"weights": weights, "width": width, "passes": last["epoch"], **losses}))
