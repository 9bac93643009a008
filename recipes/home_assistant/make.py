"""Makes a small model per language of Home Assistant's sentences.

    python -m recipes.home_assistant.make --data home_assistant --language de --general commonvoice --output runs/de
    python -m recipes.home_assistant.make --data home_assistant --general commonvoice --output runs/home_assistant

`OUTPUT/rows` gets training and development rows in the format of docs/data.md and `knowledge.json`, which says what
the .tflite carries beside the model; then `pqrnn train` trains on them. With several languages each has a folder of its
own. Names of devices, areas and floors are invented: a device has names that no model has seen.
"""

from __future__ import annotations

import pathlib
import random
import sys
from collections.abc import Sequence
from typing import Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.rows import Example
from recipes.home_assistant.names import LOCALES

CONFIG = pathlib.Path(__file__).resolve().parent.parent / "students" / "home_assistant.json"
ROWS = 12_000
"""Rows of templates."""
GENERAL, FOREIGN, OUTSIDE = 1_500, 2_000, 1_500
"""Most rows out of scope: general sentences, requests of other corpora, and those of `outside.TEMPLATES`."""
OTHER_LANGUAGES = 100
"""General sentences of each other language, which are out of scope too."""
_DEVELOPMENT = 300
_NAMES_SEED = 1


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("data")
    parser.flag(
        "data",
        "Folder of Home Assistant's sentences, lists and rules, and tests where it has some.",
        required=True,
        metavar="FOLDER",
    )
    parser.flag("language", "A language. May be repeated.", repeat=True, choices=sorted(LOCALES))
    parser.flag(
        "general",
        "Folder of general sentences, one a line in LANGUAGE.txt: they lend words to names, and are out of scope.",
        metavar="FOLDER",
    )
    parser.flag(
        "foreign",
        "Corpus of requests in the language; those whose intents a house lacks are out of scope.",
        repeat=True,
        metavar="DATA",
    )
    parser.section("training")
    parser.flag("config", "Configuration of the training.", default=str(CONFIG), metavar="FILE")
    parser.flag("rows", "About so many rows of templates.", type=at_least(1), default=ROWS)
    parser.flag("output", "Folder to write.", required=True, metavar="FOLDER")
    parser.switch("rows_only", "Write the rows and train nothing.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    languages = arguments.language or sorted(LOCALES)
    for language in languages:
        output = pathlib.Path(arguments.output)
        if len(languages) > 1:
            output = output / language
        write_rows_of(
            pathlib.Path(arguments.data),
            language,
            output / "rows",
            general=None if arguments.general is None else pathlib.Path(arguments.general),
            foreign=arguments.foreign,
            rows=arguments.rows,
        )
        if not arguments.rows_only:
            _train(output, arguments.config)


def write_rows_of(
    folder: pathlib.Path,
    language: str,
    output: pathlib.Path,
    *,
    general: pathlib.Path | None,
    foreign: Sequence[str] = (),
    rows: int = ROWS,
) -> None:
    """Writes the rows of a language and what a model of it must know.

    Args:
        folder: Home Assistant's folder.
        language: The language.
        output: Gets `train.jsonl`, `dev.jsonl` and `knowledge.json`.
        general: Folder of general sentences; `None` for none.
        foreign: Corpora of requests.
        rows: About so many rows of templates.
    """
    from pqrnn_tf.datasets import write_rows
    from pqrnn_tf.datasets.formats.home_assistant import read_home_assistant
    from pqrnn_tf.files import write_json
    from recipes.home_assistant.development import (
        TESTS,
        development_cases,
        labelled_cases,
        training_templates,
    )
    from recipes.home_assistant.knowledge import KEY, knowledge_of
    from recipes.home_assistant.names import Names
    from recipes.home_assistant.rows import MEASURED_WITH, draw_rows, read_sentences

    read = read_home_assistant(folder, language)
    cases, kind = development_cases(folder, language)
    sentences = read_sentences(general, language)[:-MEASURED_WITH] if general else []
    names = Names(language, sentences[::2], seed=_NAMES_SEED)
    templates = training_templates(read.templates, tested=kind == TESTS)
    drawn = draw_rows(templates, names, rows=rows, seed=_NAMES_SEED)
    outside, strange = _out_of_scope(language, sentences[1::2], general, foreign, names)
    development = labelled_cases(folder, language, cases)
    tested = {row.text.casefold() for row in [*development, *strange]}
    training = [row for row in [*drawn, *outside] if row.text.casefold() not in tested]
    output.mkdir(parents=True, exist_ok=True)
    write_rows(output / "train.jsonl", training)
    write_rows(output / "dev.jsonl", [*development, *strange])
    knowledge = knowledge_of(folder, language, read, sentences)
    write_json(output / "knowledge.json", {KEY: knowledge})
    print(
        f"{language}: {len(training):,} training rows, {len(outside):,} of them out of scope; "
        f"{len(development):,} development rows ({kind}) and {len(strange):,} out of scope"
    )


def _out_of_scope(
    language: str,
    sentences: Sequence[str],
    general: pathlib.Path | None,
    foreign: Sequence[str],
    names: Any,
) -> tuple[list[Example], list[Example]]:
    """Training rows and development rows that belong to no intent."""
    from pqrnn_tf.datasets import load_mixture
    from recipes.home_assistant.carriers import carried
    from recipes.home_assistant.outside import outside_texts
    from recipes.home_assistant.rows import foreign_requests, outside_rows, read_sentences

    requests: list[str] = []
    strange: list[str] = []
    for corpus in foreign:
        mixture = load_mixture([corpus], languages=language)
        requests += foreign_requests(mixture.training)
        strange += foreign_requests(mixture.development)
    rng = random.Random(3)
    values = {
        "words": tuple(names.value("search_query", (), rng) for _ in range(3000)),
        "place": tuple(names.value("area", (), rng) for _ in range(500)),
        "person": tuple(names.value("name", ("person",), rng) for _ in range(500)),
        "number": tuple(str(number) for number in range(1, 60)),
    }
    made = outside_texts(language, values, rows=OUTSIDE, seed=4)
    others: list[str] = []
    for other in sorted(LOCALES):
        if general is None or other == language:
            continue
        known = read_sentences(general, other)[:5000]
        others += random.Random(5).sample(known, min(OTHER_LANGUAGES, len(known)))
    held = outside_rows(
        [*strange, *sentences[-400:], *made[::25]], language, rows=_DEVELOPMENT, seed=6
    )
    training = [
        *outside_rows(sentences[:-400], language, rows=GENERAL, seed=7),
        *outside_rows(requests, language, rows=FOREIGN, seed=8),
        *outside_rows(
            [text for i, text in enumerate(made) if i % 25], language, rows=OUTSIDE, seed=9
        ),
        *outside_rows(others, language, rows=len(others), seed=10),
    ]
    return [carried(row, rng) if rng.random() < 0.1 else row for row in training], held


def _train(output: pathlib.Path, config: str) -> None:
    """Trains on the rows of a folder, and puts into the .tflite what it must know."""
    import json

    from pqrnn_tf.commands import train

    parser = CommandParser("pqrnn train", "")
    train.configure(parser)
    train.run(parser.parse([str(output / "rows"), "--config", config, "--output", str(output)]))
    knowledge = json.loads((output / "rows" / "knowledge.json").read_text(encoding="utf-8"))
    add_to_description(output / "model.tflite", knowledge)


def add_to_description(path: pathlib.Path, extra: dict[str, Any]) -> None:
    """Puts entries into the description of a .tflite; the model stays as it is."""
    import dataclasses

    from pqrnn_tf.files import write_bytes
    from pqrnn_tf.runtime.metadata import read_model, replace_metadata

    content, metadata = read_model(path)
    changed = dataclasses.replace(metadata, extra={**metadata.extra, **extra})
    write_bytes(path, replace_metadata(content, changed))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.home_assistant.make", __doc__, configure, run, sys.argv[1:])
    )
