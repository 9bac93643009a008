"""Scores our model, a BiLSTM and a Transformer trained on the same rows of MTOP's six languages for the same steps.

    python -m benchmarks.six_languages --data mtop_en --data mtop_flat:de,es,fr,hi,th --development mtop_parallel:all \\
        --templates recipes/mtop_templates --template_rows 6000 \\
        --config recipes/students/six_languages.json --output runs/six
    python -m benchmarks.render

`recipes.six_languages` has the systems and trains them here too. `--only bilstm` does a part, and what
`python -m pqrnn_tf.train` made with the same flags in OUTPUT/pqrnn is taken as it is. Results go to
benchmarks/results/six_languages.json, one system after the other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import read_results, stamp, write_results
from pqrnn_tf.commands import config_flags, data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.datasets.rows import Example
from recipes import six_languages
from recipes.six_languages import SYSTEMS, fingerprint, train_system

if TYPE_CHECKING:
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.scoring import FileModel

RESULTS = "six_languages"
TOGETHER = "the systems together"
"""The teacher of the first student, as the page calls it."""
ENCODER_FIELDS = (
    "bottleneck_units",
    "units",
    "layers",
    "kernel_width",
    "pooling",
    "zoneout",
    "dropout",
    "feature_dropout",
    "residual",
    "normalization",
)
"""Fields of the configuration that say what our encoder is; the baselines have sizes and dropout of their own."""


def measure_system(
    name: str,
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    folder: pathlib.Path,
    **options: Any,
) -> dict[str, Any]:
    """Trains one system, or resumes its training, and scores it.

    Args:
        name, config, examples, development, folder: As in `train_system`.
        **options: Keyword arguments of `train_system`.

    Returns:
        `title`, `parameters`, `learning_rate`, `steps`, `seconds` of training (`None` where a training was
        resumed), `languages` (scores of each) and `mean`; of ours, which is scored as 8-bit .tflite, also `bytes` and
        the scores of the float model in `float`.
    """
    from pqrnn_tf.tasks.parsing import answer_texts
    from pqrnn_tf.tasks.scoring import FileModel, open_model
    from tflite_export import convert

    trained = train_system(name, config, examples, development, folder, **options)
    model = trained.model
    record: dict[str, Any] = {
        "title": SYSTEMS[name].title,
        "parameters": model.count_params(),
        "learning_rate": trained.learning_rate,
        "steps": trained.steps,
        "seconds": trained.seconds,
    }
    scored = FileModel(model.labels, lambda texts: answer_texts(model, texts))
    if not SYSTEMS[name].words:
        path = folder / "model.tflite"
        convert(model, path=path)
        record |= {"bytes": path.stat().st_size, "float": by_language(scored, development)}
        scored = open_model(path)
    return {**record, **by_language(scored, development)}


def measure_teacher(
    folder: str,
    config: TrainingConfig,
    development: Sequence[Example],
    everywhere: Collection[str] = (),
) -> dict[str, Any]:
    """Scores a teacher: `languages` and `mean` as `by_language`, with its bytes and the weights of its members.

    `elsewhere` are the scores of the rows whose intent has no labelled rows in some language, by language; `everywhere`
    are the intents that have.
    """
    from pqrnn_tf.tasks.parsing import answer_texts
    from pqrnn_tf.tasks.scoring import FileModel
    from pqrnn_tf.teachers import load_teacher

    modules = [f"recipes.baselines.{name}" for name, system in SYSTEMS.items() if system.words]
    teacher = load_teacher(folder, modules=modules)
    if teacher.labels is None:
        raise ValueError(
            f"`teacher` must have heads. Received: {folder!r}, an encoder without heads. Fine-tune it first."
        )
    texts = list(dict.fromkeys(row.text for row in development))
    known = dict(zip(texts, answer_texts(teacher, texts, spec=config.spec), strict=True))
    scored = FileModel(teacher.labels, lambda texts: [known[text] for text in texts])
    record = by_language(scored, development)
    # Teachers answer with intents and slots; what is nested in slots is not theirs.
    for scores in (record["mean"], *record["languages"].values()):
        scores.pop("tree_exact_match", None)
    size = sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
    others = [row for row in development if row.intent not in everywhere]
    return {
        "weights": list(getattr(teacher, "weights", (1.0,))),
        "bytes": size,
        **record,
        **({"elsewhere": by_language(scored, others)} if everywhere and others else {}),
    }


def labelled_everywhere(examples: Sequence[Example], templates: Sequence[str]) -> set[str]:
    """Intents that have training rows beside those of templates in every language.

    Args:
        examples: Training rows.
        templates: Files or folders of templates, as the flag has them.
    """
    folders = tuple(str(pathlib.Path(path)) for path in templates)
    intents: dict[str, set[str]] = {}
    for example in examples:
        own = intents.setdefault(_language(example), set())
        if not folders or not example.source.startswith(folders):
            own.add(example.intent)
    return set.intersection(*intents.values()) if intents else set()


def _language(example: Example) -> str:
    return example.locale.split("_")[0]


def by_language(model: Any, examples: Sequence[Example]) -> dict[str, Any]:
    """Scores of each language in `languages`, and their `mean`, each language counting alike."""
    from tflite_export.model_card import mean_scores

    records = {
        language: model.score(own).to_dict() for language, own in _of_languages(examples).items()
    }
    mean = mean_scores(list(records.values()))
    return {
        "languages": records,
        "mean": {score: round(value, 2) for score, value in mean.items()},
    }


def _of_languages(examples: Sequence[Example]) -> dict[str, list[Example]]:
    rows: dict[str, list[Example]] = {}
    for example in examples:
        rows.setdefault(_language(example), []).append(example)
    return rows


def errors_by_language(
    model: FileModel, examples: Sequence[Example], everywhere: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Where a model errs, and how, in each language.

    Args:
        model: What is scored.
        examples: Development rows.
        everywhere: Intents that have labelled rows in every language, see `labelled_everywhere`.

    Returns:
        For each language the scores of the rows of these intents, `everywhere`, and of all others, `elsewhere`, and
        how many confusions there are of each kind, `kinds`.
    """
    from benchmarks.confusions import compare_models
    from pqrnn_tf.tasks.scoring import score_answers

    records: dict[str, dict[str, Any]] = {}
    for language, own in _of_languages(examples).items():
        answers = model.answers([example.text for example in own])
        records[language] = compare_models(own, {"kinds": answers}, count=0)["kinds"]
        for name, wanted in (("everywhere", True), ("elsewhere", False)):
            part = [n for n, row in enumerate(own) if (row.intent in everywhere) == wanted]
            scores = score_answers([own[n] for n in part], [answers[n] for n in part])
            records[language][name] = scores.to_dict()
    return records


def asked(
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    steps: int | None,
) -> dict[str, Any]:
    """What must be the same for systems to be compared: all of the configuration that they share, rows and steps."""
    from recipes.baselines.words import word_spec

    common = dataclasses.replace(config, spec=word_spec(config.spec)).to_dict()
    for field in ENCODER_FIELDS:
        del common[field]
    content = json.dumps([common, steps], sort_keys=True)
    return {
        "config": hashlib.sha256(content.encode()).hexdigest()[:16],
        "training": {"rows": len(examples), "fingerprint": fingerprint(examples)},
        "development": {"rows": len(development), "fingerprint": fingerprint(development)},
        "batch_size": config.batch_size,
    }


def _systems(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The systems that the file of results has under the same conditions."""
    before = read_results(RESULTS) or {}
    return before["systems"] if before.get("asked") == wanted else {}


def _write_system(
    name: str, record: Mapping[str, Any], wanted: Mapping[str, Any], made: Mapping[str, Any]
) -> None:
    """Adds a system; those of other conditions go. Results are read again: others may be measured meanwhile."""
    before = read_results(RESULTS) or {}
    systems = {**_systems(wanted), name: record}
    ordered = {known: systems[known] for known in SYSTEMS if known in systems}
    own = {part: before[part] for part in ("teachers", "errors") if part in before}
    write_results(RESULTS, {"asked": wanted, "systems": ordered, **own}, made)


def _write_own(
    part: str, own: Mapping[str, Any], wanted: Mapping[str, Any], made: Mapping[str, Any]
) -> None:
    """Writes what has conditions of its own, a teacher or the errors of the published model; the rest stays."""
    before = read_results(RESULTS) or {"asked": wanted, "systems": {}, "stamp": made}
    earlier = before.pop("stamp")
    if part == "teachers":
        own = {**before.get(part, {}), **own}
    write_results(RESULTS, {**before, part: own}, earlier)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    six_languages.configure(parser)
    parser.section("what is scored, and nothing trained")
    parser.flag(
        "teacher",
        "Folder of a teacher, such as the one that `distill` made of these systems.",
        metavar="FOLDER",
    )
    parser.flag("title", "What the page calls the teacher.", default=TOGETHER)
    parser.flag(
        "model",
        "A .tflite file whose errors are counted by language and kind.",
        metavar="FILE",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_training_data(arguments)
    log_to_stderr()
    config = config_flags.read_configuration(arguments)
    rows = data_flags.read_training_data(arguments)
    examples, development = rows.training, rows.development
    from pqrnn_tf.tasks.scoring import open_model

    made = stamp()
    wanted = asked(config, examples, development, arguments.steps)
    if arguments.teacher is not None:
        everywhere = labelled_everywhere(examples, arguments.templates)
        teacher = measure_teacher(arguments.teacher, config, development, everywhere)
        _write_own("teachers", {arguments.title: {**teacher, "stamp": made}}, wanted, made)
        print(json.dumps({arguments.title: teacher["mean"]}), flush=True)
        return
    if arguments.model is not None:
        everywhere = labelled_everywhere(examples, arguments.templates)
        path = pathlib.Path(arguments.model)
        languages = errors_by_language(open_model(path), development, everywhere)
        title = path.parent.name
        errors = {"model": title, "languages": languages, "stamp": made}
        _write_own("errors", errors, wanted, made)
        print(json.dumps({title: languages}), flush=True)
        return
    for name in arguments.only or SYSTEMS:
        if name in _systems(wanted):
            print(f"{name} is measured already", file=sys.stderr)
            continue
        record = measure_system(
            name,
            config,
            examples,
            development,
            pathlib.Path(arguments.output) / name,
            steps=arguments.steps,
            check_size=True,
            evaluate_every=arguments.evaluate_every,
            verbose=arguments.verbose,
        )
        _write_system(name, record, wanted, made)
        print(json.dumps({name: record["mean"]}), flush=True)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.six_languages", __doc__, configure, run, sys.argv[1:])
    )
