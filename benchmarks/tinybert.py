"""TinyBERTs and our student of 1 MB from one teacher: the same text, the same answers, as many rows each.

    python -m benchmarks.tinybert --data ../shared/data/mtop_en --bert runs/minilm/bert \\
        --teacher runs/minilm/teacher --general ../shared/data/commonvoice/en.txt --output runs/tinybert
    python -m benchmarks.render

A TinyBERT sees general text first, with the pretrained BERT, then the text of the task with the fine-tuned one, first
what is inside of it, then its outputs. Ours sees the text of the task in all of these steps. Without --teacher only the
general stage is done, which needs none. A killed run, started again, resumes.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import (
    ratios_of_medians,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands import config_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.config import TrainingConfig

NAME = "tinybert"
STUDENTS: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "tinybert_2": (
        "TinyBERT of 2 × 128",
        {"layers": 2, "width": 128, "heads": 4, "inner": 512},
    ),
    "tinybert_4": (
        "TinyBERT-4 (4 × 312)",
        {"layers": 4, "width": 312, "heads": 12, "inner": 1200},
    ),
}
"""Titles and sizes of the Transformers."""
OURS, PUBLISHED, TEACHER = "pqrnn_1mb", "mtop_en_1mb", "teacher"
TYPOS = 0.1
"""Share of the words that get a keyboard error."""
TIMED = 200
"""Utterances that are timed."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of MTOP English.", required=True, metavar="FOLDER")
    parser.flag("bert", "The pretrained BERT in TF-Hub's format.", required=True, metavar="FOLDER")
    parser.flag("teacher", "The fine-tuned teacher.", metavar="FOLDER")
    parser.flag("general", "General text.", repeat=True, required=True, metavar="FILE")
    parser.flag("general_lines", "Lines of it.", type=at_least(1), default=20_000)
    parser.flag(
        "student_config",
        "Configuration of our student.",
        default="recipes/students/mtop_en_1mb.json",
        metavar="FILE",
    )
    parser.flag("copies", "Copies of the rows with other values.", type=at_least(0), default=1)
    parser.flag("general_steps", "Steps on general text.", type=at_least(1), default=300)
    parser.flag("steps", "Steps on the text of the task.", type=at_least(2), default=700)
    parser.flag("output", "Folder for the trainings.", required=True, metavar="FOLDER")
    config_flags.add_bfloat16(parser)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.datasets import load_split, read_transfer_text
    from pqrnn_tf.distillation import TransformerSizes, distill_generally
    from pqrnn_tf.tasks.config import read_config

    config_flags.use_bfloat16(arguments)
    config = read_config(arguments.student_config, ["nested_weight=0"])
    training, development = (load_split(arguments.data, part) for part in ("train", "dev"))
    general = read_transfer_text(
        arguments.general, limit=arguments.general_lines, seed=config.seed, exclude=development
    )
    folder = pathlib.Path(arguments.output)
    for name, (_, sizes) in STUDENTS.items():
        distill_generally(
            config,
            arguments.bert,
            general,
            folder / f"{name}_general",
            sizes=TransformerSizes(**sizes),
            steps=arguments.general_steps,
            verbose=2,
        )
    if arguments.teacher is None:
        return
    settings = {
        "rows_per_step": config.batch_size,
        "general_steps": arguments.general_steps,
        "steps": arguments.steps,
        "rows_seen": config.batch_size * (arguments.general_steps + arguments.steps),
        "general_rows": len(general),
        "training_rows": len(training),
        "copies": arguments.copies,
        "typos": TYPOS,
        "development_rows": len(development),
        "bfloat16": arguments.bfloat16,
    }

    def keep(systems: Mapping[str, Any]) -> None:
        write_results(NAME, {**settings, "systems": systems}, made)

    measure(arguments, config, training, development, folder, keep)


def measure(
    arguments: Arguments,
    config: TrainingConfig,
    training: Sequence[Example],
    development: Sequence[Example],
    folder: pathlib.Path,
    keep: Callable[[Mapping[str, Any]], Any],
) -> None:
    """Trains, exports and measures all students; `keep` is told of what is measured so far."""
    from pqrnn_tf.datasets import StudentText
    from pqrnn_tf.distillation import (
        TransformerSizes,
        build_recipe,
        distill_transformer,
        tinybert,
    )
    from pqrnn_tf.distillation.recipes import FINE_TUNED, TASK
    from pqrnn_tf.distillation.training import distill_with_text
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.tasks.scoring import open_model
    from pqrnn_tf.tasks.surface import KEYBOARD, Writing
    from pqrnn_tf.teachers import SavedTeacher
    from tflite_export import TransformerFile, convert, convert_transformer

    teachers = {FINE_TUNED: SavedTeacher(arguments.teacher)}
    mistyped = Writing(KEYBOARD, TYPOS).rows(development, seed=1)
    systems: dict[str, Any] = {}

    def scored(name: str, title: str, score: Callable[..., Any], **more: Any) -> None:
        systems[name] = {
            "title": title,
            **more,
            "scores": _scores(score(development)),
            "typos": _scores(score(mistyped)),
        }
        print(name, json.dumps(systems[name]), flush=True)
        keep(systems)

    common: dict[str, Any] = {
        "text": StudentText(
            substitution=config.substitution if arguments.copies else 0.0,
            copies=max(1, arguments.copies),
        ),
        "answers_folder": folder / "answers",
        "verbose": 2,
    }
    place = folder / OURS
    steps = arguments.general_steps + arguments.steps
    own = distill_with_text(
        config,
        build_recipe("task_specific", layers=config.parts - 1, transfer=False, steps=steps),
        teachers,
        training,
        (),
        place,
        **common,
    )
    content = convert(own, path=place / "model.tflite")
    for name, title, path, more in (
        (
            OURS,
            "pQRNN of 1 MB",
            place / "model.tflite",
            {
                "bytes": len(content),
                "parameters": own.count_params(),
            },
        ),
        (
            PUBLISHED,
            "pQRNN of 1 MB as published",
            model_file(PUBLISHED),
            {"bytes": model_file(PUBLISHED).stat().st_size},
        ),
    ):
        scored(name, title, open_model(path).score, **more)
    vocabulary: Sequence[str] = ()
    for name, (title, sizes) in STUDENTS.items():
        place = folder / name
        student = distill_transformer(
            config,
            tinybert(data=(TASK,), general=False, steps=arguments.steps),
            teachers,
            training,
            (),
            place,
            sizes=TransformerSizes(**sizes),
            start=folder / f"{name}_general",
            **common,
        )
        content = convert_transformer(student, path=place / "model.tflite")
        file = TransformerFile(place / "model.tflite", student)
        vocabulary = student.vocabulary
        scored(
            name,
            title,
            lambda rows, file=file: file.score(rows, spec=config.spec),
            bytes=len(content),
            parameters=sum(int(v.shape.num_elements()) for v in student.trainable_variables),
        )
    scored(
        TEACHER,
        "the teacher, MiniLM-6",
        lambda rows: score_model(teachers[FINE_TUNED], rows, spec=config.spec),
    )
    _time(systems, folder, vocabulary, [row.text for row in development[:TIMED]])
    keep(systems)


def _scores(scores: Any) -> dict[str, Any]:
    """Scores of intents and slots; what is nested in slots is nobody's here."""
    record = dict(scores.to_dict())
    record.pop("tree_exact_match", None)
    return record


def _time(
    systems: dict[str, Any], folder: pathlib.Path, vocabulary: Sequence[str], texts: Sequence[str]
) -> None:
    """Text to parse in turns, one thread; word pieces are cut in the same runtime, as in `end_to_end`."""
    from benchmarks.peers import PeerModel, WordPieces
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.runtime.results import parse_outputs

    parser = Parser(folder / OURS / "model.tflite")
    outputs = {text: parser.logits(text) for text in texts}
    tokenize = WordPieces(vocabulary)

    def parse_of(name: str) -> Callable[[str], Any]:
        model = PeerModel(folder / name / "model.tflite")

        def parse(text: str) -> Any:
            model(tokenize(text))
            return parse_outputs(text, outputs[text], parser.decoder)

        return parse

    parses = {OURS: parser.parse, **{name: parse_of(name) for name in STUDENTS}}
    for text in texts:  # plans every length once, outside of the measurement
        for parse in parses.values():
            parse(text)
    seconds = time_in_turns(parses, texts, rounds=5)
    for name, values in seconds.items():
        systems[name]["parse"] = summary(values)
        systems[name]["times"] = ratios_of_medians(seconds, name, [OURS])[OURS]


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.tinybert", __doc__, configure, run, sys.argv[1:]))
