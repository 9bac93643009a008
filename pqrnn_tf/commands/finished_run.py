"""What a training ends with: the .tflite, its scores and its card beside the .keras file."""

from __future__ import annotations

import dataclasses
import json
import logging
import pathlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser, share
from pqrnn_tf.commands.running import without_native_messages
from pqrnn_tf.files import write_bytes, write_json
from pqrnn_tf.runtime.presets import FILE

if TYPE_CHECKING:
    from pqrnn_tf.datasets.making.mixture import Mixture
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

CARD = "card.md"
SCORES_FILE = "scores.json"
_LOG = logging.getLogger(__name__)


def add_export(parser: CommandParser) -> None:
    """Declares the flags for the .tflite."""
    parser.section("model.tflite")
    parser.flag(
        "quantization",
        "What has 8 bits in it: the weights; the weights and the activations, with ranges that are measured on the "
        "training rows; nothing.",
        choices=["int8_weights", "int8", "none"],
        default="int8_weights",
    )
    add_rejection(parser)
    parser.flag(
        "licence",
        "Note on the terms of model and data, kept in the file.",
        shown="that of the published corpora among the data",
    )


def add_rejection(parser: CommandParser) -> None:
    """Declares the flags for the threshold below which a request is rejected."""
    parser.flag(
        "reject_at",
        "Wanted share of the requests out of scope that get an intent nevertheless; below the threshold for it the "
        "intent of a parse is null (docs/scores.md).",
        type=share,
        metavar="RATE",
        shown="with rows out of scope the threshold that suits both kinds of rows best, else no threshold",
    )
    parser.flag(
        "outside_text",
        "Texts that belong to no intent, one per line, such as general sentences; where the data have no rows out of "
        "scope, they choose the threshold for --reject_at too.",
        repeat=True,
        metavar="FILE",
        shown="words that are drawn from the rows, in texts as long as these",
    )


def check_rejection(arguments: Arguments) -> None:
    """Refuses texts without a rate.

    Raises:
        UsageError: if there are some.
    """
    if arguments.reject_at is None:
        arguments.refuse(["outside_text"], "it belongs to --reject_at")


def check_rows_of_rejection(arguments: Arguments, rows: Mixture) -> None:
    """Refuses a rate where nothing can choose its threshold, before a training that would end with it.

    Raises:
        UsageError: if there are neither development rows nor texts out of scope.
        DataError: if a file of --outside_text cannot be read.
    """
    if not rows.development and not arguments.outside_text:
        arguments.refuse(
            ["reject_at"], "there are no development rows; name some, or give --outside_text"
        )
    read_outside_text(arguments, [*rows.training, *rows.development])


def read_outside_text(arguments: Arguments, rows: Iterable[Example] = ()) -> list[str]:
    """The texts that --outside_text names.

    Args:
        arguments: The flags.
        rows: Rows of the model: a text of one that has an intent in scope is not out of scope and left out.

    Raises:
        DataError: if a file cannot be read, or no text is left.
    """
    from pqrnn_tf.datasets import read_transfer_text
    from pqrnn_tf.datasets.rows import OUT_OF_SCOPE

    if not arguments.outside_text:
        return []
    known = (row for row in rows if row.intent != OUT_OF_SCOPE)
    return [row.text for row in read_transfer_text(arguments.outside_text, exclude=known)]


@dataclasses.dataclass(frozen=True)
class Finished:
    """What `finish_run` made.

    Attributes:
        folder: Where it is.
        size: Bytes of the .tflite.
        scores: Scores of the .tflite on the development rows; empty without such rows.
        worst: Lines about the intents that are most often taken for others.
    """

    folder: pathlib.Path
    size: int
    scores: Mapping[str, Any]
    worst: Sequence[str]

    def tell(self, record: Mapping[str, Any]) -> None:
        """Prints a summary to a terminal, and JSON to a pipe.

        Args:
            record: The JSON.
        """
        if sys.stdout is None or not sys.stdout.isatty():
            print(json.dumps(record))
            return
        from tflite_export.model_card import SCORES, confidence_lines, score_fields

        print(f"{self.folder / FILE}: {self.size:,} bytes")
        for field in score_fields([self.scores]):
            print(f"  {SCORES[field]:28} {self.scores[field]:6.2f} %")
        for line in confidence_lines(self.scores):
            print(f"  {line}")
        for line in self.worst:
            print(f"  {line}")
        print(f"{self.folder / CARD} has scores by intent, confusions and commands. Try it:")
        print(f"  pqrnn parse --model {self.folder}")


def finish_run(
    model: IntentSlotModel,
    folder: pathlib.Path,
    rows: Mixture,
    arguments: Arguments,
    *,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Sequence[str] = (),
) -> Finished:
    """Exports a trained model into its folder, scores the file, and writes scores and card.

    Args:
        model: The model.
        folder: Its folder.
        rows: Its training rows, for ranges of activations, and the development rows, which are scored.
        arguments: Flags of `add_export`, and the call for the card.
        others: Scores of others on the same development rows, such as a teacher's, by what the card calls them.
        notes: Sentences for the card, such as what the training started from.
    """
    from pqrnn_tf.commands.run_card import count_intents, count_slots, render_run_card
    from pqrnn_tf.runtime.metadata import read_metadata
    from pqrnn_tf.tasks.calibrated_file import calibrate_file
    from pqrnn_tf.tasks.scoring import measure_answers, open_model
    from tflite_export.converter import convert
    from tflite_export.reliability import PLOT, draw_reliability

    path = folder / FILE
    _LOG.info("writing %s", path)
    calibration = rows.training if arguments.quantization == "int8" else []
    with without_native_messages():
        convert(
            model,
            path=path,
            quantization=arguments.quantization,
            calibration=[row.text for row in calibration],
            licence=_licence(rows) if arguments.licence is None else arguments.licence,
        )
    development = rows.development
    outside = read_outside_text(arguments, [*rows.training, *development])
    with without_native_messages():
        if development or outside:
            calibrate_file(path, development, general=outside, reject_at=arguments.reject_at)
        scored = open_model(path)
        answers = scored.answers([row.text for row in development])
    scores = measure_answers(scored, development, answers) if development else {}
    intents, confusions = count_intents(development, answers)
    plot = draw_reliability(scores.get("reliability", ()), folder / PLOT)
    table = {**({FILE: scores} if scores else {}), **(others or {})}
    write_json(folder / SCORES_FILE, table)
    card = render_run_card(
        folder,
        read_metadata(path),
        size=path.stat().st_size,
        data=[*map(str, rows.sources), *rows.notes, str(rows), *notes],
        scores=table,
        intents=intents,
        confusions=confusions,
        slots=count_slots(development, answers),
        example=(development or rows.training)[0].text,
        call=arguments.call,
        plot=PLOT if plot else "",
    )
    write_bytes(folder / CARD, card.encode("utf-8"))
    worst = [
        f"{times} × {true} taken for {said}: {example}"
        for true, said, times, example, _ in map(dataclasses.astuple, confusions[:5])
    ]
    return Finished(folder, path.stat().st_size, scores, worst)


def _licence(rows: Mixture) -> str:
    from pqrnn_tf.datasets import model_licence

    corpora = [corpus for source in rows.sources for corpus in source.corpora]
    return model_licence(corpora) if corpora else ""
