"""Searches students that are accurate, robust and quick: graphs as encoders, evolved or drawn at random.

Each candidate is distilled for some steps from a teacher's answers, which are made once; its 8-bit file is scored on
development rows, as they are, with errors of each kind and under an attack, and timed beside the student that the
search starts from. Parents are chosen by Pareto rank. A killed search, started again with the same flags, resumes with
the candidates that are missing; --generations may grow. OUTPUT gets log.jsonl, front.json and front.png, and for each
candidate candidates/NAME with config.json, for another training, its weights and model.tflite (docs/search.md).
Without --config, or sizes by --set, the search starts from the default student, made smaller until it fits.

    pqrnn search mtop --language en --teacher mtop_en_2mb --config recipes/students/mtop_en_1mb.json \\
        --max_bytes 1000000 --output runs/search
    pqrnn distill mtop --language en --fine_tuned runs/search/teacher --output runs/found \\
        --config runs/search/candidates/003-001/config.json

On a cluster, name a Beam runner and give its options behind two dashes, as for `pqrnn label`; every worker must see the
folders.
"""

from __future__ import annotations

import json
import pathlib
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pqrnn_tf.commands import config_flags, data_flags, keras_model, teacher_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least, share
from pqrnn_tf.commands.running import log_to_stderr, say

if TYPE_CHECKING:
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel
    from pqrnn_tf.teachers.saved import SavedTeacher

SHOWN = (
    "name",
    "flat_exact_match",
    "errors_exact_match",
    "attacked_exact_match",
    "latency",
    "bytes",
)
"""What is printed of a candidate of the front."""
_SIZES = (
    "units",
    "bottleneck_units",
    "layers",
    "kernel_width",
    "graph",
    "spec.word_",
    "spec.ngram_",
)
"""How fields begin that say how large the student is that a search starts from."""
BYTES_BESIDE = 130_000
"""Bytes of a file that are no parameters, with all signatures."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser, behind="runner_options")
    parser.flag(
        "rows",
        "Training rows that the teacher answers, drawn from those of DATA.",
        type=at_least(1),
        shown="all",
    )
    parser.flag(
        "development_rows",
        "Development rows that candidates are measured on, drawn from those of DATA.",
        type=at_least(1),
        default=500,
    )
    parser.section("teacher")
    parser.flag(
        "teacher",
        "A teacher with the labels of DATA: a folder of `pqrnn finetune` or `pqrnn train`, or a pretrained model.",
        required=True,
        metavar="MODEL",
    )
    teacher_flags.add_modules(parser)
    parser.flag(
        "answers",
        "Folder for the teacher's answers, which searches over the same rows can share.",
        shown="OUTPUT/answers",
        metavar="FOLDER",
    )
    parser.section("search")
    parser.flag(
        "strategy",
        "evolution: parents by Pareto rank; random: as many students that are drawn, to compare with.",
        choices=["evolution", "random"],
        default="evolution",
    )
    parser.flag("population", "Candidates of a generation.", type=at_least(2), default=16)
    parser.flag("generations", "Generations, the first included.", type=at_least(1), default=8)
    parser.flag("steps", "Optimizer steps of each candidate.", type=at_least(1), default=1000)
    parser.flag("max_bytes", "Bytes of a file at most.", type=at_least(1), default=1_000_000)
    parser.flag(
        "max_parameters",
        "Trained parameters at most.",
        type=at_least(1),
        shown=f"as many as --max_bytes less {BYTES_BESIDE:,}",
    )
    parser.flag(
        "objective",
        "What is better or worse: flat_exact_match, robustness (the mean of errors_exact_match and "
        "attacked_exact_match, which may also stand by themselves), latency, bytes, parameters, multiply_accumulates.",
        repeat=True,
        shown="flat_exact_match, robustness, latency",
        metavar="NAME",
    )
    parser.flag("search_seed", "Seed of the search.", type=int, default=1)
    parser.flag(
        "also",
        "A JSON file, as --config takes it, of a further student of the first generation; of its fields only those of "
        "the encoder and the projection's features count.",
        repeat=True,
        metavar="FILE",
    )
    parser.switch(
        "drawn_weights",
        "Train every candidate from drawn weights: none has had more steps than another one. Such a search needs "
        "more --steps.",
    )
    parser.section("robustness and latency")
    parser.flag(
        "errors",
        "Share of the words of each row that get an error of a kind.",
        type=share,
        default=0.2,
    )
    parser.flag(
        "error_kind",
        "Kind of errors; see docs/evaluation.md.",
        repeat=True,
        shown="all",
        metavar="NAME",
    )
    parser.flag("attack_rows", "Rows that are attacked.", type=at_least(1), default=100)
    parser.flag(
        "attack_queries",
        "Texts that the attack asks for per row at most.",
        type=at_least(1),
        default=40,
    )
    parser.switch(
        "one_signature",
        "Write files for the longest texts only, in less than half of the time; short texts are slower then, and "
        "the full file is about 60 kB larger.",
    )
    config_flags.add_config(parser, "learning_rate=0.001 or spec.max_tokens=48")
    parser.section("run")
    parser.flag("output", "Folder for the search.", required=True, metavar="FOLDER")
    parser.flag(
        "workers",
        "Processes on this machine, each on one core; 0: in this process, on all cores.",
        type=at_least(0),
        default=0,
    )
    parser.flag("runner", "A Beam runner other than the local one.", metavar="NAME")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_data(arguments)
    if arguments.runner is not None:
        arguments.refuse(["workers"], "the runner of --runner has its own")
    elif arguments.runner_options:
        raise UsageError(f"only --runner has options behind --: {arguments.runner_options}")
    if arguments.strategy == "random":
        arguments.refuse(["also"], "a random search draws all of its students")
    elif len(arguments.also) >= arguments.population:
        raise UsageError(
            f"--also must leave room for the start in a --population of {arguments.population}, not name "
            f"{len(arguments.also)} students"
        )
    config_flags.refuse_settings(arguments, "--steps says how long", unread=("epochs", "patience"))
    config_flags.refuse_settings(
        arguments,
        "candidates are trained on the teacher's answers to the rows, without copies of them",
        unread=("substitution", "code_switching"),
    )
    config_flags.refuse_settings(
        arguments, "students of a search have no such head", unread=config_flags.FIELDS_OF_BAG_HEADS
    )
    max_parameters = arguments.max_parameters or arguments.max_bytes - BYTES_BESIDE
    if max_parameters < 1:
        raise UsageError(
            f"--max_bytes must be above {BYTES_BESIDE:,} unless --max_parameters is given, not {arguments.max_bytes:,}"
        )
    log_to_stderr()
    config = config_flags.read_configuration(arguments)
    from pqrnn_tf.datasets import ERRORS, load_mixture
    from pqrnn_tf.search.candidates import Measures
    from pqrnn_tf.search.evolution import Search, search
    from pqrnn_tf.search.genome import Genome
    from pqrnn_tf.search.pareto import DEFAULT_OBJECTIVES
    from pqrnn_tf.search.space import Space
    from pqrnn_tf.tasks.attack import Attack
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.label_collection import labels_for
    from tflite_export.converter import SHORT_TEXTS

    if foreign := sorted(set(arguments.error_kind) - set(ERRORS)):
        raise UsageError(f"--error_kind must be one of {', '.join(ERRORS)}, not {foreign[0]}")
    rows = load_mixture(
        arguments.data, languages=arguments.language, skip_bad_rows=arguments.skip_bad_rows
    )
    data_flags.tell(rows)
    output = pathlib.Path(arguments.output)
    measures = Measures(
        steps=arguments.steps,
        inherit=not arguments.drawn_weights,
        max_bytes=arguments.max_bytes,
        errors_share=arguments.errors,
        error_kinds=tuple(arguments.error_kind) or tuple(ERRORS),
        attack=Attack(queries=arguments.attack_queries),
        attack_rows=arguments.attack_rows,
        short_texts=() if arguments.one_signature else SHORT_TEXTS,
    )
    space = Space(labels=labels_for(config, rows.training), max_parameters=max_parameters)
    sized = any(given.startswith(_SIZES) for given in arguments.set)
    if arguments.config is None and not sized and (fitted := space.fitted(config)) != config:
        config = fitted
        say(
            "pqrnn search",
            f"starts from units={config.units}, bottleneck_units={config.bottleneck_units}, "
            f"spec.word_features={config.spec.word_features}, "
            f"spec.ngram_features={config.spec.ngram_features}, so that "
            "it fits; --config names another student",
        )
    how = Search(
        space=space,
        measures=measures,
        objectives=tuple(arguments.objective) or DEFAULT_OBJECTIVES,
        strategy=arguments.strategy,
        population=arguments.population,
        generations=arguments.generations,
        seed=arguments.search_seed,
        given=tuple(Genome.of(read_config(path, ())) for path in arguments.also),
    )
    front = search(
        how,
        config,
        open_teacher(arguments.teacher, output, modules=arguments.module),
        drawn_rows(rows.training, arguments.rows),
        drawn_rows(rows.development, arguments.development_rows),
        output,
        answers_folder=arguments.answers,
        workers=arguments.workers,
        runner=arguments.runner,
        pipeline_args=arguments.runner_options,
    )
    for record in front:
        print(json.dumps({name: record[name] for name in SHOWN}))


def drawn_rows(rows: Sequence[Any], count: int | None) -> list[Any]:
    """Some rows, the same ones in each call, in their order."""
    if count is None or count >= len(rows):
        return list(rows)
    return [rows[i] for i in sorted(random.Random("rows").sample(range(len(rows)), count))]


def open_teacher(name: str, output: pathlib.Path, *, modules: Sequence[str] = ()) -> SavedTeacher:
    """The teacher of a folder; a pretrained model is written to `output/teacher` first.

    Args:
        name: The folder, a preset's folder, or the name of a pretrained model.
        output: Folder of the search.
        modules: As in `load_teacher`.

    Raises:
        FileNotFoundError: if there is none.
        ResumeError: if another model is in `output/teacher`.
        ValueError: if it is no parser with labels.
    """
    from pqrnn_tf.files import ResumeError, atomic_folder
    from pqrnn_tf.runtime.presets import pretrained_models
    from pqrnn_tf.teachers import SavedTeacher

    folder = pathlib.Path(name)
    if name in pretrained_models() or (
        (folder / "model.json").is_file() and not (folder / "model.keras").is_file()
    ):
        folder = output / "teacher"
        model = keras_model.load_student(name)
        if not folder.is_dir():
            with atomic_folder(folder) as fresh:
                model.save(fresh / "model.keras")
        elif not _are_equal(model, keras_model.load_student(str(folder))):
            raise ResumeError(
                f"`output` must be a new folder or one of the same work. Received: {str(output)!r}, whose teacher is "
                f"not {name!r}. Choose another folder, or delete this one to start from scratch."
            )
    return SavedTeacher(folder, modules=modules)


def _are_equal(model: IntentSlotModel, other: IntentSlotModel) -> bool:
    """Whether two models give the same answers to all texts."""
    own, theirs = model.get_weights(), other.get_weights()
    return (model.labels, model.spec, len(own)) == (other.labels, other.spec, len(theirs)) and all(
        map(np.array_equal, own, theirs)
    )
