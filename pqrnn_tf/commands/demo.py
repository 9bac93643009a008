"""The whole way once: files of phrases, teacher, distilled student, quantised .tflite, parses of raw text.

Without --data it starts from phrases of the package's own grammar in six languages, written as people have them: as
nlu.yml, as CSV and as JSON lines. They are inspected; a small BERT is built with tf-models-official, saved in TF-Hub's
format and fine-tuned; it answers copies of the training rows and text without labels; a pQRNN student is distilled from
its answers and exported with 8-bit weights; a handful of sentences is parsed on the stock LiteRT runtime. Each step is
a command, and is shown. It takes a few minutes; a killed run, started again, resumes.

    pqrnn demo --output demo_out
    pqrnn demo --output demo_mine --data phrases.yaml
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import pathlib
import shlex
import statistics
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.model_argument import open_parser
from pqrnn_tf.files import write_bytes, write_json

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.parser import Parser

SENTENCES = {
    "en": "wake me up at 7am tomorrow",
    "de": "stell den Wecker auf 7 Uhr morgen",
    "es": "pon una alarma a las 7 mañana",
    "fr": "mets une alarme à 7 heures demain",
    "hi": "कल सुबह 7 बजे का अलार्म लगाओ",
    "th": "ตั้งปลุกพรุ่งนี้ 7 โมง",
}
STUDENT = {
    "spec": {"word_features": 256, "ngram_features": 256},
    "bottleneck_units": 128,
    "units": 64,
    "layers": 2,
    "kernel_width": 2,
    "dropout": 0.1,
    "batch_size": 32,
    "learning_rate": 4e-3,
    "average": 0.99,
}
"""Configuration of the student: smaller than the default, for a few minutes."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("data")
    parser.flag(
        "data",
        "File or folder with labelled phrases.",
        repeat=True,
        metavar="DATA",
        shown="phrases of the grammar",
    )
    parser.flag(
        "languages",
        "Languages of the grammar, with commas between them.",
        default=",".join(SENTENCES),
        metavar="CODES",
    )
    parser.flag("rows", "Phrases per language of the grammar.", type=at_least(30), default=560)
    parser.flag(
        "transfer",
        "File or folder of text without labels.",
        repeat=True,
        metavar="PATH",
        shown="with the grammar, as many sentences of it as there are phrases",
    )
    parser.section("training")
    parser.flag(
        "teacher",
        "TF-Hub handle or folder of a BERT to fine-tune.",
        shown="a small untrained one",
        metavar="HANDLE",
    )
    parser.flag("teacher_epochs", "Epochs of the teacher.", type=at_least(1), default=8)
    parser.flag(
        "student_epochs",
        "Passes of the student over its text: the training rows, a copy of them with other slot values, and the "
        "transfer text.",
        type=at_least(1),
        default=6,
    )
    parser.flag(
        "output",
        "Folder for phrases, teacher, student and results.",
        default="demo_out",
        metavar="FOLDER",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.data:
        arguments.refuse(["rows", "languages"], "it belongs to the grammar, not to --data")
    started = time.perf_counter()
    output = pathlib.Path(arguments.output)
    data, transfer = list(arguments.data), list(arguments.transfer)
    languages = arguments.languages.split(",")
    if not data:
        print("Phrases of a grammar, in files as people have them")
        for path in write_phrases(output / "phrases", languages, arguments.rows):
            print(f"  {path}")
        data = [str(output / "phrases")]
        transfer = transfer or [str(write_texts(output / "texts.txt", languages, arguments.rows))]
    _step("inspect", *data)
    teacher = arguments.teacher
    if teacher is None:
        teacher = str(output / "bert")
        if not pathlib.Path(teacher).exists():
            print("\nA small BERT, built with tf-models-official in TF-Hub's format")
            _build_teacher(teacher, data, () if arguments.data else languages)
    student = output / "student"
    write_json(output / "student.json", {**STUDENT, "epochs": arguments.student_epochs})
    _step(
        *("distill", *data, "--teacher", teacher, "--teacher_epochs", arguments.teacher_epochs),
        *(() if arguments.teacher is not None else ("--teacher_learning_rate", 1e-3)),
        *("--copies", 1, *(part for path in transfer for part in ("--transfer", path))),
        *("--config", output / "student.json", "--output", student),
    )
    parser = open_parser(student)
    development = _development(data)
    sentences = [] if arguments.data else [SENTENCES[language] for language in languages]
    sentences += development[:: max(1, len(development) // 4)]
    _step("parse", "--model", student, "--text", "--", *sentences)
    median, p90 = _latencies(parser, development)
    scores = json.loads((student / "scores.json").read_text(encoding="utf-8"))
    size = (student / "model.tflite").stat().st_size
    print(f"\n{'':14}{'exact match':>12}{'intent':>9}{'slot F1':>9}   (development rows, %)")
    for name, score in scores.items():
        cells = [score.get(field) for field in ("flat_exact_match", "intent_accuracy", "slot_f1")]
        told = ["" if cell is None else f"{cell:.1f}" for cell in cells]
        print(f"{name:14}{told[0]:>12}{told[1]:>9}{told[2]:>9}")
    print(f"size          {size:,} bytes")
    print(f"latency       median {median:.2f} ms, p90 {p90:.2f} ms: text in, parse out, one thread")
    seconds = time.perf_counter() - started
    print(f"time          {seconds:.0f} s")
    print(f"card          {student / 'card.md'}")
    write_json(
        output / "result.json",
        {
            "bytes": size,
            "scores": scores,
            "latency_ms": {"median": median, "p90": p90},
            "seconds": seconds,
        },
    )


def write_phrases(folder: pathlib.Path, languages: Sequence[str], rows: int) -> list[pathlib.Path]:
    """Writes phrases of the grammar as people have them: a file a language, of three formats in turn.

    Args:
        folder: Where to write.
        languages: Languages of the grammar.
        rows: Phrases per language.

    Returns:
        The files.
    """
    from pqrnn_tf.datasets import generate, write_rows

    paths = []
    for number, language in enumerate(languages):
        # None of the formats has intents inside slots, and two of them no slots with a gap.
        examples = [
            dataclasses.replace(row, tree=None)
            for row in generate(rows, language=language, seed=1)
            if all(len(slot.spans) == 1 for slot in row.slots or ())
        ]
        if number % 3 == 0:
            path = folder / language / "nlu.yml"
            write_bytes(path, _rasa(examples).encode("utf-8"))
        elif number % 3 == 1:
            path = folder / f"{language}.csv"
            write_bytes(path, _table(examples).encode("utf-8"))
        else:
            path = folder / f"{language}.jsonl"
            write_rows(path, examples)
        paths.append(path)
    return paths


def write_texts(path: pathlib.Path, languages: Sequence[str], rows: int) -> pathlib.Path:
    """Writes sentences of the grammar without labels, as many per language as asked for, and returns the file."""
    from pqrnn_tf.datasets import generate

    lines = [row.text for code in languages for row in generate(rows, language=code, seed=2)]
    write_bytes(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    return path


def _rasa(examples: Sequence[Example]) -> str:
    by_intent: dict[str, list[str]] = {}
    for row in examples:
        by_intent.setdefault(row.intent, []).append(f"    - {_marked(row)}\n")
    entries = [
        f"- intent: {intent}\n  examples: |\n{''.join(lines)}"
        for intent, lines in by_intent.items()
    ]
    return 'version: "3.1"\nnlu:\n' + "".join(entries)


def _table(examples: Sequence[Example]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["text", "intent"])
    writer.writerows((_marked(row), row.intent) for row in examples)
    return stream.getvalue()


def _marked(row: Example) -> str:
    """The text with its slots written into it: `wake me [at 7](time)`."""
    parts, end = [], 0
    for slot in sorted(row.slots or (), key=lambda slot: slot.start):
        parts += [row.text[end : slot.start], f"[{slot.text(row.text)}]({slot.name})"]
        end = slot.end
    return "".join([*parts, row.text[end:]])


def _build_teacher(folder: str, data: Sequence[str], languages: Sequence[str]) -> None:
    from pqrnn_tf.commands.config_flags import require_tensorflow

    require_tensorflow()
    from pqrnn_tf.datasets import read_rows, vocabulary
    from pqrnn_tf.teachers.bert.build import build_bert, learn_vocabulary

    pieces = (
        vocabulary(languages)
        if languages
        else learn_vocabulary((row.text for row in read_rows(data).splits["train"]), size=4000)
    )
    build_bert(folder, pieces, initializer_range=0.05, seed=1)


def _development(data: Sequence[str]) -> list[str]:
    from pqrnn_tf.datasets import read_rows, training_and_development

    return [row.text for row in training_and_development(read_rows(data))[1]]


def _step(*line: object) -> None:
    """Shows a command and runs it.

    Raises:
        RuntimeError: if it fails; it has said why.
    """
    from pqrnn_tf.commands.main import main

    words = [str(word) for word in line]
    print(f"\n$ {shlex.join(['pqrnn', *words])}", flush=True)
    if code := main(words):
        raise RuntimeError(f"`pqrnn {words[0]}` ended with the exit code {code}")


def _latencies(parser: Parser, texts: Sequence[str]) -> tuple[float, float]:
    """Median and 90th percentile of one parse, in milliseconds, after a warm-up."""
    for text in texts[:20]:
        parser(text)
    times = []
    for text in texts:
        begin = time.perf_counter()
        parser(text)
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times), statistics.quantiles(times, n=10)[-1]
