"""Our model, a BiLSTM and a Transformer on the same rows of MTOP's six languages, for the same steps.

    python -m benchmarks.six_languages --data mtop_en --data mtop_flat:de,es,fr,hi,th --development mtop_parallel:all \\
        --templates benchmarks/mtop_templates --template_rows 6000 \\
        --config benchmarks/six_languages_config.json --output runs/six
    python -m benchmarks.render

All see the same batches in the same order, and share heads, losses, decoder, schedule and seed. A killed run goes on;
`--only bilstm` does a part, and what `python -m pqrnn_tf.train` made with the same flags in OUTPUT/pqrnn is taken as
it is. Results go to benchmarks/results/six_languages.json, one system after the other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from absl import app, flags, logging

from benchmarks.pages import read_results
from benchmarks.records import stamp, write_results
from pqrnn_tf.commands import training_flags
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import write_json

if TYPE_CHECKING:
    from pqrnn_tf.runtime.labels import LabelSet
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel
    from pqrnn_tf.tasks.scoring import FileModel
    from pqrnn_tf.tasks.training import TrainingConfig

RESULTS = "six_languages"
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

_STEPS = flags.DEFINE_integer(
    "steps", None, "Optimizer steps of each; by default the configuration's epochs."
)


@dataclasses.dataclass(frozen=True)
class System:
    """What is compared.

    Attributes:
        title: Its name on the page.
        model: Makes a new model from configuration, labels, training rows and output folder.
        words: Whether it is a model over words, see `benchmarks.baselines`.
        learning_rate: Peak learning rate; `None` for the configuration's.
    """

    title: str
    model: Callable[[TrainingConfig, LabelSet, Sequence[Example], pathlib.Path], IntentSlotModel]
    words: bool = True
    learning_rate: float | None = None


def _pqrnn(
    config: TrainingConfig, labels: LabelSet, _: Sequence[Example], __: pathlib.Path
) -> IntentSlotModel:
    from pqrnn_tf.tasks.training import build_model

    return build_model(config, labels)


def _bilstm(*arguments: Any) -> IntentSlotModel:
    from benchmarks.baselines.bilstm import PIECES, BiLSTMEncoder

    return _word_model(PIECES, BiLSTMEncoder, *arguments)


def _transformer(*arguments: Any) -> IntentSlotModel:
    from benchmarks.baselines.transformer import PIECES, TransformerEncoder

    return _word_model(PIECES, TransformerEncoder, *arguments)


def _word_model(
    pieces: int,
    encoder: Callable[[int], Any],
    config: TrainingConfig,
    labels: LabelSet,
    examples: Sequence[Example],
    folder: pathlib.Path,
) -> IntentSlotModel:
    """A baseline of the right size, its weights drawn by the configuration's seed."""
    import keras

    from benchmarks.baselines.words import WordModel, learn_vocabulary

    kept = folder.with_name(f"vocabulary_{pieces}_{fingerprint(examples)}.json")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_json(kept, list(learn_vocabulary(examples, config.spec, pieces)))
    vocabulary = json.loads(kept.read_text(encoding="utf-8"))
    keras.utils.set_random_seed(config.seed)
    model = WordModel(
        vocabulary=vocabulary,
        encoder=encoder(len(vocabulary)),
        labels=labels,
        spec=config.spec,
        dropout=config.head_dropout,
    )
    model.build_from_config({})
    return model


SYSTEMS = {
    "pqrnn": System("pQRNN", _pqrnn, words=False, learning_rate=4e-3),
    "bilstm": System("BiLSTM", _bilstm),
    "transformer": System("Transformer", _transformer, learning_rate=1e-3),
}

_ONLY = flags.DEFINE_multi_enum("only", list(SYSTEMS), list(SYSTEMS), "A system; may be repeated.")


_TEACHER = flags.DEFINE_string(
    "teacher",
    None,
    "Folder of a teacher, such as the one that `distill` made of these systems. It is scored, and nothing is trained.",
)
_MODEL = flags.DEFINE_string(
    "model",
    None,
    "A .tflite file whose errors are counted by language and kind. Nothing is trained.",
)
_RECORD = flags.DEFINE_bool(
    "record",
    True,
    "Whether scores are looked up in the file of results and written there; `--norecord` trains a system for another "
    "purpose, such as a teacher, and of any size.",
)


def fingerprint(examples: Sequence[Example]) -> str:
    """Digest of some rows."""
    from pqrnn_tf.tasks.training import ExampleData

    return ExampleData(examples).fingerprint


def measure_system(
    name: str,
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    folder: pathlib.Path,
    *,
    steps: int | None = None,
    check_size: bool = True,
    evaluate_every: int = 10,
    verbose: int = 2,
) -> dict[str, Any]:
    """Trains one system, or goes on with its training, and scores it.

    Args:
        name: One of `SYSTEMS`.
        config: What all systems have in common; our model's sizes beside.
        examples: Training rows.
        development: Rows to score, of any number of languages.
        folder: Output folder of the training.
        steps: Optimizer steps; `None` for the configuration's epochs.
        check_size: Whether a baseline must have the parameters that the comparison allows.
        evaluate_every, verbose: As in `fit_resumable`.

    Returns:
        `title`, `parameters`, `learning_rate`, `steps`, `seconds` of training (`None` where a training was gone on
        with), `languages` (scores of each) and `mean`; of ours, which is scored as 8-bit .tflite, also `bytes` and
        the scores of the float model in `float`.
    """
    from benchmarks.baselines.words import WordModel, word_spec
    from pqrnn_tf.tasks.parsing import answer_texts
    from pqrnn_tf.tasks.scoring import FileModel, open_model
    from pqrnn_tf.tasks.training import (
        ExampleData,
        Rounds,
        augmentation,
        fit_resumable,
        labels_for,
    )
    from tflite_export import convert

    system = SYSTEMS[name]
    if system.words:
        config = dataclasses.replace(config, spec=word_spec(config.spec))
    if system.learning_rate is not None:
        config = dataclasses.replace(config, learning_rate=system.learning_rate)
    labels = labels_for(config, examples)
    model = system.model(config, labels, examples, folder)
    if check_size and isinstance(model, WordModel):
        model.check_size()
    data = ExampleData(examples, augmentation(config, examples), with_text=system.words)
    fresh = not folder.exists()
    begin = time.perf_counter()
    fit_resumable(
        model,
        model,
        config,
        data,
        development,
        folder,
        evaluate_every=evaluate_every,
        verbose=verbose,
        steps=steps,
        identity={"system": name} if system.words else None,
    )
    seconds = time.perf_counter() - begin
    rounds = Rounds.of(data, config.batch_size, epochs=config.epochs, steps=steps)
    record: dict[str, Any] = {
        "title": system.title,
        "parameters": model.count_params(),
        "learning_rate": config.learning_rate,
        "steps": rounds.total,
        "seconds": round(seconds, 1) if fresh else None,
    }
    scored = FileModel(labels, lambda texts: answer_texts(model, texts))
    if not system.words:
        path = folder / "model.tflite"
        convert(model, path=path)
        record |= {"bytes": path.stat().st_size, "float": by_language(scored, development)}
        scored = open_model(path)
    return {**record, **by_language(scored, development)}


def measure_teacher(
    folder: str, config: TrainingConfig, development: Sequence[Example]
) -> dict[str, Any]:
    """Scores a teacher: `languages` and `mean` as `by_language`, with the weights of its members."""
    from pqrnn_tf.tasks.parsing import answer_texts
    from pqrnn_tf.tasks.scoring import FileModel
    from pqrnn_tf.teachers import load_teacher

    modules = [f"benchmarks.baselines.{name}" for name, system in SYSTEMS.items() if system.words]
    teacher = load_teacher(folder, modules=modules)
    if teacher.labels is None:
        raise ValueError(
            f"`teacher` must have heads. Received: {folder!r}, an encoder alone. Fine-tune it first."
        )
    scored = FileModel(teacher.labels, lambda texts: answer_texts(teacher, texts, spec=config.spec))
    record = by_language(scored, development)
    # Teachers answer with intents and slots; what is nested in slots is not theirs.
    for scores in (record["mean"], *record["languages"].values()):
        scores.pop("tree_exact_match", None)
    return {"weights": list(getattr(teacher, "weights", (1.0,))), **record}


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
    from benchmarks.confusion_counts import compare_models
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
    from benchmarks.baselines.words import word_spec

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


def _measured(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the file of results has under the same conditions: `systems` and, where measured, `teacher` and `errors`."""
    before = read_results(RESULTS) or {}
    same = before.get("asked") == wanted
    return {key: before[key] for key in ("systems", "teacher", "errors") if same and key in before}


def _write(wanted: Mapping[str, Any], made: Mapping[str, Any], **more: Any) -> None:
    """Adds to the results. They are read again: another process may have measured something meanwhile."""
    content = _measured(wanted)
    systems = {**content.get("systems", {}), **more.pop("systems", {})}
    ordered = {known: systems[known] for known in SYSTEMS if known in systems}
    write_results(RESULTS, {"asked": wanted, **content, "systems": ordered, **more}, made)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.tasks.scoring import open_model
    from pqrnn_tf.tasks.training import read_config

    made = stamp()
    try:
        config = read_config(training_flags.CONFIG.value, training_flags.SET.value)
        examples, development = training_flags.load_rows()
        wanted = asked(config, examples, development, _STEPS.value)
        if _TEACHER.value is not None:
            teacher = measure_teacher(_TEACHER.value, config, development)
            _write(wanted, made, teacher=teacher)
            print(json.dumps({"teacher": teacher["mean"]}), flush=True)
            return
        if _MODEL.value is not None:
            everywhere = labelled_everywhere(examples, training_flags.TEMPLATES.value)
            path = pathlib.Path(_MODEL.value)
            languages = errors_by_language(open_model(path), development, everywhere)
            title = path.parent.name
            _write(wanted, made, errors={"model": title, "languages": languages})
            print(json.dumps({title: languages}), flush=True)
            return
        for name in _ONLY.value:
            if _RECORD.value and name in _measured(wanted).get("systems", {}):
                logging.info("%s is measured already", name)
                continue
            record = measure_system(
                name,
                config,
                examples,
                development,
                pathlib.Path(training_flags.OUTPUT.value) / name,
                steps=_STEPS.value,
                check_size=_RECORD.value,
                evaluate_every=training_flags.EVALUATE_EVERY.value,
                verbose=training_flags.VERBOSE.value,
            )
            if _RECORD.value:
                _write(wanted, made, systems={name: record})
            print(json.dumps({name: record["mean"]}), flush=True)
    except (OSError, ValueError, ImportError) as error:
        print(f"six_languages: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
