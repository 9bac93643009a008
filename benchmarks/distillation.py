"""What each recipe of distillation gives: the same student and as many steps, several seeds per row.

Every run trains a student on cached answers of the teacher, exports it in 8 bits and scores the .tflite on
the stock runtime on MTOP's development rows. Rows that need a folder of answers that is not given are left out; those
of `--teachers_together` come from several teachers (`recipes.distillation_answers`, given more than one), those of
`--teacher_longer` from one that was fine-tuned longer. How a killed sweep resumes: `benchmarks/sweep.py`.

    python -m benchmarks.distillation --data mtop --teacher runs/teacher --task_shards runs/task \\
        --transfer_shards runs/transfer --general_shards runs/general \\
        --general_shards_pretrained runs/general_pretrained \\
        --student_config recipes/students/distillation.json --steps 9000 --seeds 2 --workers 2
    python -m benchmarks.render
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import pathlib
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.distillation_rows import (
    ROWS,
    TEACHER,
    TEACHER_LONGER,
    TEACHERS_TOGETHER,
    TRANSFER_ANSWERS,
    Row,
)
from benchmarks.records import optimizer_steps
from benchmarks.sweep import Run, SweepError, add_sweep, sweep
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.files import write_json
from pqrnn_tf.tasks.label_collection import collect_labels

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.results import Parse
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.teachers.answers.shards import LabelledText

NAME = "distillation"

ANSWERS = {
    "task/fine-tuned": ("task_shards", "The fine-tuned teacher's answers to the training rows."),
    TRANSFER_ANSWERS: ("transfer_shards", "Its answers to transfer text."),
    "general/fine-tuned": ("general_shards", "Its answers to general text."),
    "general/pretrained": (
        "general_shards_pretrained",
        "The pretrained teacher's answers to general text.",
    ),
}
"""Flags of folders of answers and what they are, by the name that the recipes give them."""
OTHERS = {
    TEACHERS_TOGETHER: ("teachers_together", "answers_together"),
    TEACHER_LONGER: ("teacher_longer", "answers_longer"),
}
"""Flags of other teachers and of their answers, by the row of the teacher's own score."""


@dataclasses.dataclass(frozen=True)
class _Source:
    """A teacher's folder and its answers by name."""

    teacher: str
    answers: Mapping[str, str]


def _source(teacher: str, answers: Mapping[str, str | None]) -> _Source:
    """A teacher with those of its answers that there are; raises `ShardError` if they are another's."""
    from pqrnn_tf.teachers.answers.shards import LabelledText

    folders = {
        name: str(pathlib.Path(folder).absolute())
        for name, folder in answers.items()
        if folder is not None
    }
    for name, folder in folders.items():
        if name.endswith("/fine-tuned"):
            LabelledText(folder).check_teacher(teacher)
    return _Source(str(pathlib.Path(teacher).absolute()), folders)


def _sources(arguments: Arguments) -> dict[str, _Source]:
    """Teachers and their answers, by the row of the teacher's own score."""
    given = {name: getattr(arguments, flag) for name, (flag, _) in ANSWERS.items()}
    sources = {TEACHER: _source(arguments.teacher, given)}
    for name, (flag, answers_flag) in OTHERS.items():
        teacher, made = getattr(arguments, flag), getattr(arguments, answers_flag)
        if (teacher is None) != (made is None):
            raise UsageError(f"--{flag} and --{answers_flag} must be given together")
        if teacher is None:
            continue
        folder = pathlib.Path(made)
        answers = {
            text: str(folder / text.replace("/", "-"))
            for text in ("task/fine-tuned", TRANSFER_ANSWERS)
        }
        sources[name] = _source(teacher, answers)
    return sources


def _answers(names: Sequence[str], folders: Mapping[str, str], row: Row) -> dict[str, LabelledText]:
    """The cached answers that a row reads, by name."""
    from pqrnn_tf.teachers.answers.shards import LabelledText

    answers = {name: LabelledText(folders[name]) for name in names}
    if row.lines is not None:
        answers[TRANSFER_ANSWERS] = answers[TRANSFER_ANSWERS].take(row.lines)
    return answers


def make_runs(arguments: Arguments) -> list[Run]:
    """The runs that the flags ask for.

    Raises:
        UsageError: if a flag is missing.
        OSError, ValueError: if an input cannot be read, or answers are not the teacher's.
    """
    if arguments.data is None or arguments.teacher is None:
        raise UsageError("--data and --teacher must be given")
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.files import folder_digest
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.training_data import ExampleData
    from pqrnn_tf.teachers.answers.shards import LabelledText, digest_of

    config = read_config(arguments.student_config, arguments.set)
    examples = {split: load_split(arguments.data, split) for split in ("train", "dev")}
    corpus = {split: ExampleData(rows).fingerprint for split, rows in examples.items()}
    sources = _sources(arguments)
    same: dict[str, dict[str, Any]] = {}
    inputs: dict[str, dict[str, str]] = {}
    runs = []
    for name, source in sources.items():
        same[name] = {"teacher": folder_digest(source.teacher)[:16], "corpus": corpus}
        spec = config.spec.to_dict()
        file = f"teacher-{digest_of([same[name], spec])[:8]}.json"
        inputs[name] = {
            "data": str(pathlib.Path(arguments.data).absolute()),
            "teacher": source.teacher,
            "teacher_answers": str(pathlib.Path(arguments.work).absolute() / NAME / file),
        }
        settings = {**same[name], "spec": spec}
        runs.append(Run(row=name, seed=0, settings=settings, inputs=inputs[name]))
    for row in ROWS.values():
        if row.teacher not in sources:
            print(f"left out: {row.name}, which needs --{OTHERS[row.teacher][0]}")
            continue
        folders = sources[row.teacher].answers
        changed = read_config(arguments.student_config, [*arguments.set, *row.changes])
        student = {k: v for k, v in changed.to_dict().items() if k not in ("epochs", "seed")}
        stages = row.stages(steps=arguments.steps, layers=changed.layers)
        names = sorted(set(_names(stages)))
        if absent := [ANSWERS[name][0] for name in names if name not in folders]:
            print(f"left out: {row.name}, which needs --{' and --'.join(absent)}")
            continue
        lines = LabelledText(folders[TRANSFER_ANSWERS]).rows if row.lines is not None else 0
        if row.lines is not None and row.lines >= lines:
            print(f"left out: {row.name}, because there are {lines:,} lines of transfer text")
            continue
        answers = _answers(names, folders, row)
        settings = {
            **same[row.teacher],
            "student": student,
            "steps": arguments.steps,
            "stages": [stage.to_dict() for stage in stages],
            "answers": {
                name: {"rows": text.rows, "fingerprint": text.fingerprint[:16]}
                for name, text in answers.items()
            },
        }
        read = {**inputs[row.teacher], **{name: folders[name] for name in names}}
        runs += [
            Run(row=row.name, seed=seed, settings=settings, inputs=read)
            for seed in range(1, arguments.seeds + 1)
        ]
    return runs


def _names(stages: Sequence[Any]) -> Iterator[str]:
    """Names of the cached answers that stages read."""
    for stage in stages:
        if stage.teacher is not None:
            yield from (f"{name}/{stage.teacher}" for name in stage.data)


def execute(run: Run, folder: pathlib.Path) -> dict[str, Any]:
    """Does one run: the teacher's score, or a student's training, export and score.

    Args:
        run: One of `make_runs`.
        folder: Its work folder; keeps `model.tflite` and the training's `log.jsonl`.

    Raises:
        SweepError: if the recipe is no longer the one that the run was made for.
    """
    import keras

    from pqrnn_tf.datasets import corpus_of, load_split, model_licence
    from pqrnn_tf.distillation import distill_in_stages
    from pqrnn_tf.distillation.recipes import TASK
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.scoring import score_parser
    from pqrnn_tf.tasks.training_data import ExampleData, augmentation
    from tflite_export.converter import convert

    settings = run.plain_settings
    development = load_split(run.inputs["data"], "dev")
    if run.row not in ROWS:
        config = TrainingConfig.from_dict({"spec": settings["spec"]})
        return {"scores": _ask_teacher(run, development, config)["scores"]}
    config = TrainingConfig.from_dict({**settings["student"], "seed": run.seed})
    row = ROWS[run.row]
    stages = row.stages(steps=settings["steps"], layers=config.layers)
    if json.loads(json.dumps([stage.to_dict() for stage in stages])) != settings["stages"]:
        raise SweepError(f"The recipe of {run.row!r} has changed. Start the sweep again.")
    examples = load_split(run.inputs["data"], "train")
    labels = collect_labels(examples)
    answers = _answers(sorted(settings["answers"]), run.inputs, row)
    training = folder / "training"
    student = distill_in_stages(
        config,
        stages,
        labels=labels,
        data={TASK: ExampleData(examples, augmentation(config, examples)), **answers},
        output=training,
        verbose=2,
    )
    log = training / "log.jsonl"
    path = folder / "model.tflite"
    licence = model_licence([corpus_of(run.inputs["data"])])
    content = convert(student, path=path, licence=licence)
    keras.backend.clear_session()
    parser = Parser(path)
    parses = [parser.parse(example.text) for example in development]
    theirs = _ask_teacher(run, development, config)["parses"]
    same = sum(_plain(ours) == other for ours, other in zip(parses, theirs, strict=True))
    measured = {
        "scores": score_parser(parser, development).to_dict(),
        "agreement": round(100.0 * same / len(development), 2),
        "bytes": len(content),
        "parameters": student.count_params(),
        "steps": optimizer_steps(log),
    }
    shutil.copyfile(log, folder / "log.jsonl")
    shutil.rmtree(training)  # checkpoints, ten times as large as what is worth keeping
    return measured


def _ask_teacher(run: Run, development: Sequence[Example], config: TrainingConfig) -> Any:
    """The teacher's scores and parses of the development rows; asked once for all runs."""
    from pqrnn_tf.runtime.results import render_parse
    from pqrnn_tf.tasks.metrics import score_parsed
    from pqrnn_tf.tasks.parsing import parse_texts
    from pqrnn_tf.teachers import load_teacher

    path = pathlib.Path(run.inputs["teacher_answers"])
    with path.with_suffix(".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run may be asking it
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        texts = [example.text for example in development]
        parsed = parse_texts(load_teacher(run.inputs["teacher"]), texts, spec=config.spec)
        answers = {
            "scores": score_parsed(development, parsed).to_dict(),
            "parses": [
                _plain(render_parse(text, spans, parse))
                for text, (spans, parse) in zip(texts, parsed, strict=True)
            ],
        }
        write_json(path, answers)
    return answers


def _plain(parse: Parse) -> list[Any]:
    """Intent and slots as plain JSON values."""
    return [parse.intent, [[slot.name, slot.start, slot.end] for slot in parse.slots]]


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("runs")
    parser.flag("data", "Folder of MTOP files.", metavar="FOLDER")
    parser.flag("student_config", "JSON file with fields of TrainingConfig.", metavar="FILE")
    parser.flag("set", "One field of TrainingConfig.", repeat=True, metavar="NAME=VALUE")
    parser.flag("steps", "Optimizer steps of every run.", type=at_least(1), default=4000)
    parser.flag("seeds", "Runs of every row.", type=at_least(1), default=2)
    parser.section("teachers")
    parser.flag("teacher", "Folder of the fine-tuned teacher.", metavar="FOLDER")
    for name, what in ANSWERS.values():
        parser.flag(name, what, metavar="FOLDER")
    for (name, answers), what in zip(
        OTHERS.values(),
        ("Folder of several teachers as one.", "Folder of one fine-tuned for more epochs."),
        strict=True,
    ):
        parser.flag(name, what, metavar="FOLDER")
        parser.flag(answers, f"What distillation_answers made with --{name}.", metavar="FOLDER")
    add_sweep(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    sweep(NAME, "benchmarks.distillation", arguments, lambda: make_runs(arguments), execute)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.distillation", __doc__, configure, run, sys.argv[1:])
    )
