"""Meta-KD against plain distillation, with equal steps: MTOP's six languages as domains.

    python -m benchmarks.meta_kd --data ../shared/data/mtop_en --data ../shared/data/mtop_flat:de,es,fr,hi,th \\
        --development ../shared/data/mtop_parallel:all --output runs/meta_kd
    python -m benchmarks.render

Two kinds of teachers. `preset` is `mtop_6_2mb`, a good one that cannot be trained as a meta-teacher: its student weighs
rows or does not. `bert` is a BERT of two layers from scratch, fine-tuned as it is usually done and as a meta-teacher;
the first teaches plainly, the second with weights of rows. Every student has the same size, rows, batches and steps.
Everything is small, so that all of it takes about ten minutes of one core; `results/meta_kd.json` has the scores by
language. A killed run, started again, resumes; `--only` does a part.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import read_results, stamp, write_results
from pqrnn_tf.commands import data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.teachers.saved import SavedTeacher

NAME = "meta_kd"
PRESET = "mtop_6_2mb"
KINDS = ("preset", "bert")
CONFIG = "recipes/students/six_languages.json"
STUDENT: dict[str, Any] = {
    "bottleneck_units": 64,
    "units": 32,
    "layers": 2,
    "batch_size": 32,
    "learning_rate": 4e-3,
    "surface": 0.0,
    "distortion": 0.0,
    "substitution": 0.0,
}
REGULARISATION = 0.2
BERT = {"hidden_size": 96, "layers": 2, "heads": 2, "intermediate_size": 384}
PIECES = 4000
BERT_RATE = 1e-3


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    parser.flag(
        "rows", "Training rows of each language, evenly spread.", type=at_least(1), default=1500
    )
    parser.flag("steps", "Optimizer steps of each student.", type=at_least(1), default=1200)
    parser.flag("epochs", "Passes of each BERT over the rows.", type=at_least(1), default=5)
    parser.flag("seeds", "Seeds of the students, from 1.", type=at_least(1), default=2)
    parser.flag("only", "A kind of teacher; both if not given.", choices=list(KINDS), repeat=True)
    parser.flag("output", "Folder for teachers and students.", required=True, metavar="FOLDER")


def by_language(rows: Sequence[Example]) -> dict[str, list[Example]]:
    """Rows by their locale."""
    found: dict[str, list[Example]] = {}
    for row in rows:
        found.setdefault(row.locale, []).append(row)
    return found


def scores(model: Any, development: Sequence[Example], config: TrainingConfig) -> dict[str, float]:
    """Flat exact match of a model or a teacher by language."""
    from pqrnn_tf.tasks.parsing import inference, score_model

    forward = inference(model)
    return {
        language: score_model(model, rows, spec=config.spec, forward=forward).flat_exact_match
        for language, rows in by_language(development).items()
    }


def preset_teacher(folder: pathlib.Path) -> SavedTeacher:
    """The published model as a teacher."""
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel
    from pqrnn_tf.tasks.training import save_model
    from pqrnn_tf.teachers import SavedTeacher

    if not (folder / "model.keras").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        save_model(IntentSlotModel.from_preset(PRESET), folder)
    return SavedTeacher(folder)


def bert_teacher(
    folder: pathlib.Path,
    config: TrainingConfig,
    training: Sequence[Example],
    *,
    epochs: int,
    domains: str | None,
) -> SavedTeacher:
    """A small BERT from scratch, fine-tuned."""
    from pqrnn_tf.teachers import build_bert, fit_teacher, learn_vocabulary

    bert = folder / "bert"
    if not bert.is_dir():
        build_bert(bert, learn_vocabulary([row.text for row in training], size=PIECES), **BERT)  # type: ignore[arg-type]
    return fit_teacher(
        bert,
        config,
        training,
        (),
        folder / ("plain" if domains is None else "meta") / "teacher",
        epochs=epochs,
        learning_rate=BERT_RATE,
        domains=domains,
        verbose=0,
    )


def weights_by_language(stores: Any, training: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Mean and deviation of the rows' weights, by language."""
    import numpy as np

    weights = np.concatenate([stores.shard(n).weights for n in range(len(stores.shards))])
    locales = np.array([row.locale for row in training])
    return {
        name: {"mean": float(own.mean()), "deviation": float(own.std())}
        for name in dict.fromkeys(locales.tolist())
        for own in (weights[locales == name],)
    }


def students(
    teacher: SavedTeacher,
    ways: Mapping[str, bool],
    training: Sequence[Example],
    development: Sequence[Example],
    folder: pathlib.Path,
    config: TrainingConfig,
    arguments: Arguments,
) -> dict[str, Any]:
    """Students of one teacher: for each way, which weighs rows or not, the scores of its seeds."""
    from pqrnn_tf.distillation import Stage, distill_in_stages, label_for_stages, with_row_weights

    plain = [Stage(name="task", steps=arguments.steps, regularisation=REGULARISATION)]
    weighted = with_row_weights(plain)
    answers = label_for_stages(
        weighted,
        {"task": training},
        {"fine-tuned": teacher},
        folder / "answers",
        config=config,
        domains=training,
    )
    found: dict[str, Any] = {
        "teacher": scores(teacher, development, config),
        "weights": weights_by_language(answers["task/fine-tuned"], training),
        "ways": {way: [] for way in ways},
    }
    for seed in range(1, arguments.seeds + 1):
        for way, weigh in ways.items():
            model = distill_in_stages(
                dataclasses.replace(config, seed=seed),
                weighted if weigh else plain,
                labels=teacher.labels,  # type: ignore[arg-type]  # it has heads
                data=answers,
                output=folder / f"{way}_{seed}",
                verbose=0,
            )
            found["ways"][way].append(scores(model, development, config))
            print(way, seed, found["ways"][way][-1], flush=True)
    return found


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    data_flags.check_training_data(arguments)
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.datasets.making.domains import in_domains, spread
    from pqrnn_tf.tasks.config import read_config

    config = dataclasses.replace(read_config(CONFIG, []), **STUDENT)
    rows = data_flags.read_training_data(arguments)
    training = [
        row for own in by_language(rows.training).values() for row in spread(own, arguments.rows)
    ]
    training = in_domains(training, "language")
    output = pathlib.Path(arguments.output)
    results = dict((read_results(NAME) or {}).get("kinds", {}))
    for kind in arguments.only or KINDS:
        if kind == "preset":
            found = students(
                preset_teacher(output / kind / "teacher"),
                {"plain": False, "weighted": True},
                training,
                rows.development,
                output / kind,
                config,
                arguments,
            )
        else:
            found = {"teachers": {}, "ways": {}, "weights": {}}
            for way, domains in (("plain", None), ("meta", "language")):
                teacher = bert_teacher(
                    output / kind, config, training, epochs=arguments.epochs, domains=domains
                )
                own = students(
                    teacher,
                    {way: domains is not None},
                    training,
                    rows.development,
                    output / kind / way,
                    config,
                    arguments,
                )
                found["teachers"][way] = own["teacher"]
                found["weights"][way] = own["weights"]
                found["ways"] |= own["ways"]
        asked = {name: getattr(arguments, name) for name in ("rows", "steps", "epochs", "seeds")}
        results[kind] = {"stamp": made, "asked": asked, "student": STUDENT, **found}
        write_results(
            NAME,
            {
                "training_rows": len(training),
                "development_rows": len(rows.development),
                "kinds": results,
            },
            made,
        )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.meta_kd", __doc__, configure, run, sys.argv[1:]))
