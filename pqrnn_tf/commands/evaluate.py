"""Scores a model on labelled phrases: intent accuracy, slot F1 and flat exact match.

The model is a `.keras` file or a `.tflite` file; the latter runs on the stock runtime, as on a device. Every row
counts; rows that could not be aligned are reported and count as they stand. Where the data have rows out of scope,
`out_of_scope` says how well they are told from the others; the threshold is that of the file or is chosen on
development rows (on the split `dev` itself, on the half that is not scored), and left out where these have no rows of
both kinds. Of rows in several languages `languages` has the scores of each
and `mean` those of all, each language counting alike. --surface writes the rows again in every form that people and
speech recognisers use and with every kind of error, and prints a table of what each costs (docs/evaluation.md); --typos
scores them with keyboard errors; --attack looks for errors in the words that matter most (docs/search.md). The last
line of the output is the record as JSON.

    pqrnn evaluate phrases.csv --model runs/mine
    pqrnn evaluate snips --model snips --surface
    pqrnn evaluate snips --model snips --surface --form full_stop --form keyboard --errors 0.3
    pqrnn evaluate mtop:de,fr --model runs/six --split test
"""

from __future__ import annotations

import json
import pathlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands import data_flags, model_argument
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least, share
from pqrnn_tf.commands.running import log_to_stderr, say, without_native_messages

if TYPE_CHECKING:
    from pqrnn_tf.datasets.reading import Rows
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.labels import LabelSet

SHOWN_NAMES = 8


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser)
    parser.flag(
        "split",
        "Which rows; dev of data without such rows are those that a training holds out.",
        choices=["train", "dev", "test"],
        shown="dev where the data name such rows, else test, else all",
    )
    parser.section("scores")
    parser.flag("model", f"{model_argument.HELP} Or a .keras file.", required=True, metavar="MODEL")
    parser.flag(
        "typos",
        "Share of the words of each row that get a keyboard error.",
        type=share,
        repeat=True,
        metavar="X",
    )
    parser.flag("typos_seed", "Seed of --typos and --surface.", type=int, default=1)
    parser.switch("surface", "Print what it costs that the rows are written in other ways.")
    parser.flag(
        "form",
        "Form or kind of errors that --surface measures.",
        repeat=True,
        shown="all",
        metavar="NAME",
    )
    parser.flag(
        "errors",
        "Share of the words of each row that get an error of a kind.",
        type=share,
        repeat=True,
        shown="0.1 and 0.2",
        metavar="X",
    )
    parser.flag(
        "attack",
        "Attack each row with so many queries at most: errors in the words that matter most, until the parse is wrong.",
        type=at_least(1),
        metavar="N",
    )
    parser.flag("output", "A JSON file to write the scores to.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_data(arguments)
    if not arguments.surface:
        arguments.refuse(["form", "errors"], "it belongs to --surface")
        if not arguments.typos:
            arguments.refuse(["typos_seed"], "it belongs to --typos and --surface")
    log_to_stderr()
    record = evaluate(arguments)
    if arguments.output is not None:
        from pqrnn_tf.files import write_json

        write_json(arguments.output, record)
    if arguments.surface:
        print(f"{surface_report(record)}\n")
    print(json.dumps(record))


def evaluate(arguments: Arguments) -> dict[str, Any]:
    """The record of the scores that the flags ask for.

    Raises:
        UsageError: if there is no such form.
        DataError: if the data cannot be read or have no such rows.
        OSError, ValueError: if the model cannot be read.
    """
    from pqrnn_tf.datasets import rows_by_language
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.attack import Attack
    from pqrnn_tf.tasks.scoring import measure, open_model
    from pqrnn_tf.tasks.surface import SHARES, mean_losses, names_of_writings, writings
    from tflite_export.model_card import mean_scores

    for name in arguments.form:
        if name not in (known := names_of_writings()):
            raise UsageError(f"--form must be one of {', '.join(known)}, not {name}")
    ways = writings(arguments.errors or SHARES, only=arguments.form) if arguments.surface else []
    path = pathlib.Path(arguments.model)
    if path.suffix != ".keras":
        path = model_file(arguments.model)
    with without_native_messages():
        model = open_model(path)
        if path.suffix == ".tflite":
            model.answers([""])  # so that it has started
    rows = data_flags.read_data(arguments)
    split, examples = choose_rows(rows, arguments.split)
    lacking = labels_that_lack(model.labels, examples)
    for line in lacking.values():
        say("pqrnn evaluate", line)

    def scores(language: str, own: list[Example]) -> dict[str, Any]:
        def development() -> list[Example]:
            held_out, _ = development_rows(rows)
            return rows_by_language(held_out).get(language) or held_out

        return measure(
            model,
            own,
            development=None if split == "dev" else development,
            typos=arguments.typos,
            surface=ways,
            attack=None if arguments.attack is None else Attack(queries=arguments.attack),
            seed=arguments.typos_seed,
        )

    record: dict[str, Any] = {
        "model": path.name, "bytes": path.stat().st_size, "split": split, **lacking
    }  # fmt: skip
    languages = rows_by_language(examples)
    if len(languages) == 1:
        ((language, own),) = languages.items()
        named = {"language": language} if language else {}
        return {**record, **named, **scores(language, own)}
    records = {language: scores(language, own) for language, own in languages.items()}
    mean = mean_scores(list(records.values()))
    losses = [of["surface"] for of in records.values()] if ways else []
    return {
        **record,
        "languages": records,
        "mean": {
            **{name: round(value, 2) for name, value in mean.items()},
            **({"surface": mean_losses(losses)} if losses else {}),
        },
    }


def surface_report(record: Mapping[str, Any]) -> str:
    """The table of a record that was measured with --surface; of several languages their mean and each one's losses."""
    from tflite_export.model_card import losses_table, surface_table

    languages = record.get("languages", {})
    if not languages:
        return surface_table(record["surface"], record)
    losses = losses_table({code: of["surface"] for code, of in languages.items()})
    return f"{surface_table(record['mean']['surface'], record['mean'])}\n\n{losses}"


def development_rows(rows: Rows) -> tuple[list[Example], str]:
    """Development rows, and where they were held out a sentence that says so; none where there are none to be had."""
    from pqrnn_tf.datasets import training_and_development

    own = rows.splits.get("dev", [])
    if own or not rows.splits.get("train"):
        return own, ""
    _, held_out, note = training_and_development(rows)
    return held_out, note


def choose_rows(rows: Rows, split: str | None) -> tuple[str, list[Example]]:
    """The split to score and its rows.

    Args:
        rows: What was read.
        split: The split that is asked for; `None` for development rows, or else test rows, or else all.

    Raises:
        DataError: if there are no such rows.
    """
    from pqrnn_tf.datasets import DataError

    chosen = split or next((name for name in ("dev", "test", "train") if name in rows.splits), "")
    examples = rows.splits.get(chosen, [])
    if chosen == "dev" and not examples:
        examples, note = development_rows(rows)
        if note:
            say("pqrnn evaluate", note)
    if not examples:
        raise DataError(
            f"--split {chosen}: there are no such rows. There are: {', '.join(rows.splits) or 'none'}."
        )
    return chosen, examples


def labels_that_lack(labels: LabelSet, examples: Sequence[Example]) -> dict[str, str]:
    """Sentences about labels of rows that a model does not have; none where it has all."""
    from pqrnn_tf.datasets.rows import OUT_OF_SCOPE

    told = {}
    intents = Counter(row.intent for row in examples if row.intent and row.intent != OUT_OF_SCOPE)
    foreign = [intent for intent in intents if intent not in labels.intents]
    if intents and len(foreign) == len(intents):
        told["no_intent_shared"] = (
            f"the model has none of the intents of these rows, so all are wrong: it has "
            f"{_some(labels.intents)}; they have {_some(foreign)}"
        )
    elif foreign:
        told["intents_that_lack"] = (
            f"the model lacks {len(foreign)} intents, of {sum(intents[name] for name in foreign)} of "
            f"{len(examples)} rows, which are wrong therefore: {_some(foreign)}"
        )
    slots = Counter(name for row in examples for name in {slot.name for slot in row.slots or ()})
    strange = [name for name in slots if name not in labels.slot_names]
    if strange:
        told["slots_that_lack"] = f"the model lacks {len(strange)} slots: {_some(strange)}"
    return told


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
