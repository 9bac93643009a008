"""The whole way once: teacher, distilled student, quantised .tflite, parses of raw text.

Without --data it works on utterances of the package's own grammar in six languages and takes a few minutes: a
small BERT is built with tf-models-official, saved in TF-Hub's format and fine-tuned; it answers copies of the
training rows and text without labels; a pQRNN student is distilled from its answers and exported with 8-bit
weights; a handful of sentences is parsed on the stock LiteRT runtime. With --data it does the same on a folder
of MTOP files, which takes longer. A killed run goes on where it was.

    pqrnn demo --output demo_out
    pqrnn demo --output demo_mtop --data mtop --languages en
"""

from __future__ import annotations

import os
import pathlib
import statistics
import time
from collections.abc import Sequence
from typing import Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least

SENTENCES = {
    "en": "wake me up at 7am tomorrow",
    "de": "stell den Wecker auf 7 Uhr morgen",
    "es": "pon una alarma a las 7 mañana",
    "fr": "mets une alarme à 7 heures demain",
    "hi": "कल सुबह 7 बजे का अलार्म लगाओ",
    "th": "ตั้งปลุกพรุ่งนี้ 7 โมง",
}


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("data")
    parser.flag("data", "Folder of MTOP files.", shown="the grammar's utterances", metavar="FOLDER")
    parser.flag(
        "languages",
        "Languages to train on together, with commas between them.",
        metavar="CODES",
        shown="all six of the grammar, or en with --data",
    )
    parser.flag("rows", "Training rows a language of the grammar.", type=at_least(10), default=500)
    parser.flag(
        "transfer",
        "File or folder of text without labels.",
        repeat=True,
        metavar="PATH",
        shown="with the grammar, as many sentences of it as there are rows",
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
        "Folder for data, teacher, student and results.",
        default="demo_out",
        metavar="FOLDER",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.data:
        arguments.refuse(["rows"], "it belongs to the grammar, not to --data")
    started = time.perf_counter()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from pqrnn_tf.datasets import StudentText, alignment_report, load_split
    from pqrnn_tf.datasets.making.grammar import generate, vocabulary, write_mtop_folder
    from pqrnn_tf.distillation import build_recipe
    from pqrnn_tf.distillation.recipes import FINE_TUNED
    from pqrnn_tf.distillation.training import distill_with_text, fit_teacher
    from pqrnn_tf.files import write_bytes, write_json
    from pqrnn_tf.runtime import ProjectionSpec
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.tasks.scoring import score_parser
    from pqrnn_tf.teachers.bert.build import build_bert, learn_vocabulary
    from tflite_export.converter import convert

    output = pathlib.Path(arguments.output)
    languages = (
        arguments.languages.split(",")
        if arguments.languages
        else ["en"]
        if arguments.data
        else list(SENTENCES)
    )
    transfer = list(arguments.transfer)
    data = arguments.data
    if data is None:
        data = output / "data"
        if not transfer:
            lines = [
                row.text
                for language in languages
                for row in generate(arguments.rows, language=language, seed=2)
            ]
            transfer = [str(output / "transfer.txt")]
            output.mkdir(parents=True, exist_ok=True)
            write_bytes(transfer[0], "\n".join(lines).encode("utf-8"))
        write_mtop_folder(data, languages=languages, train=arguments.rows, dev=60, test=60, seed=1)
    examples, development = (
        [row for language in languages for row in load_split(data, split, language=language)]
        for split in ("train", "dev")
    )
    for split, rows in (("train", examples), ("dev", development)):
        print(f"{split}: {alignment_report(rows)}")

    config = TrainingConfig(
        spec=ProjectionSpec(word_features=256, ngram_features=256),
        bottleneck_units=128,
        units=64,
        layers=2,
        kernel_width=2,
        dropout=0.1,
        epochs=arguments.student_epochs,
        batch_size=32,
        learning_rate=4e-3,
        average=0.99,
    )
    handle = arguments.teacher
    if handle is None:
        handle = output / "bert"
        if not handle.exists():
            print("\nTeacher: a small BERT, built with tf-models-official in TF-Hub's format")
            pieces = (
                vocabulary(languages)
                if arguments.data is None
                else learn_vocabulary((row.text for row in examples), size=4000)
            )
            build_bert(handle, pieces, initializer_range=0.05, seed=1)
    print("\nFine-tuning the teacher")
    teacher = fit_teacher(
        handle,
        config,
        examples,
        development,
        output / "teacher",
        epochs=arguments.teacher_epochs,
        learning_rate=1e-3 if arguments.teacher is None else 5e-5,
    )
    print("\nDistilling the student")
    student = distill_with_text(
        config,
        build_recipe("task_specific", layers=config.layers, transfer=bool(transfer)),
        {FINE_TUNED: output / "teacher"},
        examples,
        development,
        output / "student",
        text=StudentText(
            substitution=config.substitution,
            distortion=config.distortion,
            transfer=tuple(transfer),
        ),
    )

    print("\nExporting")
    path = output / "model.tflite"
    convert(student, path=path, licence="Made by pqrnn_tf.demo.")
    parser = Parser(path)
    size = path.stat().st_size
    scores = {
        "teacher": score_model(teacher, development, spec=config.spec),
        "student": score_model(student, development),
        ".tflite": score_parser(parser, development),
    }
    sentences = [SENTENCES[language] for language in languages if language in SENTENCES]
    sentences += [row.text for row in development[:: max(1, len(development) // 4)]]
    print("\nParses of the .tflite on the stock runtime")
    for sentence in sentences:
        parsed = parser.parse(sentence)
        print(f"  {sentence}\n    {parsed.tree}   ({parsed.score:.2f})")
    milliseconds = _latencies(parser, [row.text for row in development])
    print(f"\n{'':10}{'exact match':>12}{'intent':>9}{'slot F1':>9}   (development rows, %)")
    for name, score in scores.items():
        print(
            f"{name:10}{score.flat_exact_match:12.1f}{score.intent_accuracy:9.1f}{score.slot_f1:9.1f}"
        )
    print(f"size       {size:,} bytes")
    print(
        f"latency    median {milliseconds[0]:.2f} ms, p90 {milliseconds[1]:.2f} ms, text in, parse out, "
        "one thread"
    )
    seconds = time.perf_counter() - started
    print(f"time       {seconds:.0f} s")
    write_json(
        output / "result.json",
        {
            "bytes": size,
            "scores": {name: score.to_dict() for name, score in scores.items()},
            "latency_ms": {"median": milliseconds[0], "p90": milliseconds[1]},
            "seconds": seconds,
        },
    )


def _latencies(parser: Any, texts: Sequence[str]) -> tuple[float, float]:
    """Median and 90th percentile of one parse, in milliseconds, after a warm-up."""
    for text in texts[:20]:
        parser.parse(text)
    times = []
    for text in texts:
        begin = time.perf_counter()
        parser.parse(text)
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times), statistics.quantiles(times, n=10)[-1]
