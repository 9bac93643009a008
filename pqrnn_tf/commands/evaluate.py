"""Scores a model on labelled phrases: intent accuracy, slot F1 and flat exact match.

The model is a `.keras` file or a `.tflite` file; the latter runs on the stock runtime, as on a device. Every row
counts; rows that could not be aligned are reported and count as they stand. Where the corpus has rows out of scope,
`out_of_scope` says how well they are told from the others; the threshold is chosen on development rows (on the
split `dev` itself, on the half that is not scored). --typos also scores the rows with typing errors in that share
of their words, and says what they cost. With several languages (--language de,fr or all), `languages` has the
scores of each and `mean` those of all, each language counting alike.

    pqrnn evaluate mtop --model runs/en --split dev
    pqrnn evaluate snips --model runs/en/model.tflite --typos 0.1 --typos 0.2
    pqrnn evaluate mtop --model runs/six --language all
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

from pqrnn_tf.commands import data_flags, model_argument
from pqrnn_tf.commands.arguments import Arguments, CommandParser, share


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser)
    parser.flag("split", "Which rows.", choices=["train", "dev", "test"], default="dev")
    parser.section("scores")
    parser.flag("model", f"{model_argument.HELP} Or a .keras file.", required=True, metavar="MODEL")
    parser.flag(
        "typos",
        "Share of the words of each row that get a typing error.",
        type=share,
        repeat=True,
        metavar="X",
    )
    parser.flag("typos_seed", "Seed of the typing errors.", type=int, default=1)
    parser.flag("output", "A JSON file to write the scores to.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_data(arguments)
    if not arguments.typos:
        arguments.refuse(["typos_seed"], "it belongs to --typos")
    record = evaluate(arguments)
    if arguments.output is not None:
        from pqrnn_tf.files import write_json

        write_json(arguments.output, record)
    print(json.dumps(record))


def evaluate(arguments: Arguments) -> dict[str, Any]:
    """The record of the scores that the flags ask for."""
    from pqrnn_tf.datasets import load_languages, load_split
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.scoring import measure, open_model
    from tflite_export.model_card import mean_scores

    path = pathlib.Path(arguments.model)
    if path.suffix != ".keras":
        path = model_file(arguments.model)
    (data,) = arguments.data
    rows = load_languages(data, arguments.split, languages=arguments.language)
    model = open_model(path)

    def scores(language: str) -> dict[str, Any]:
        def development() -> list[Example]:
            return load_split(data, "dev", language=language)

        return measure(
            model,
            rows[language],
            development=None if arguments.split == "dev" else development,
            typos=arguments.typos,
            seed=arguments.typos_seed,
        )

    record = {"model": path.name, "bytes": path.stat().st_size, "split": arguments.split}
    if len(rows) == 1:
        (language,) = rows
        return {**record, "language": language, **scores(language)}
    records = {language: scores(language) for language in rows}
    mean = mean_scores(list(records.values()))
    return {
        **record,
        "languages": records,
        "mean": {name: round(value, 2) for name, value in mean.items()},
    }
