"""Microseconds from text to vector: encoders beside model2vec with random weights of potion's sizes, in one run.

    pip install '.[benchmarks]'
    python -m benchmarks.vectors [--model encoder_en_2mb]

One thread, one text per call, and a thousand per call, in time of the processor; and the nearest of 100,000 vectors by
numpy. model2vec (github.com/MinishLab/model2vec) looks up a vector for each word piece and takes their mean; random
weights cost as much as trained ones. Its vocabulary has potion's size and holds every word of the texts, so that no
word is cut into pieces: its best case.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.peers import stand_in_vocabulary
from benchmarks.records import mtop_texts, stamp, summary, time_in_turns, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command, say
from pqrnn_tf.runtime.metadata import EncoderMetadata
from pqrnn_tf.runtime.presets import model_file, pretrained_models
from pqrnn_tf.runtime.text_encoder import Encoder

POTION = {"potion-base-2M": (29_528, 64), "potion-base-8M": (29_528, 256)}
"""Word pieces and width, of the files at huggingface.co/minishlab."""
TEXTS_AT_ONCE = 1000
LINES = 100_000


def static_model(pieces: Sequence[str], width: int) -> Any:
    """A model2vec model with random vectors for word pieces.

    Raises:
        ImportError: if model2vec is not installed.
    """
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(
        models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    vectors = np.random.default_rng(0).normal(size=(len(pieces), width)).astype(np.float32)
    return StaticModel(vectors, tokenizer, normalize=True)


def potion_vocabulary(texts: Sequence[str], size: int) -> list[str]:
    """As many word pieces as potion has: those of the texts, and invented ones."""
    pieces = stand_in_vocabulary(texts)[:size]
    return [*pieces, *(f"[{number}]" for number in range(size - len(pieces)))]


def per_text_of_many(
    systems: dict[str, Callable[[list[str]], Any]], texts: list[str], rounds: int
) -> dict[str, float]:
    """Microseconds of the processor for a text where all are given at once, the least of several turns."""
    best = dict.fromkeys(systems, np.inf)
    for _ in range(rounds):
        for name, encode in systems.items():
            begin = time.process_time()
            encode(texts)
            best[name] = min(best[name], time.process_time() - begin)
    return {name: round(seconds / len(texts) * 1e6, 1) for name, seconds in best.items()}


def search_ms(width: int, rounds: int) -> float:
    """Milliseconds of the processor to find the ten nearest of `LINES` vectors by numpy, the least of several."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(LINES, width)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    best = np.inf
    for _ in range(rounds):
        begin = time.process_time()
        np.argpartition(-(vectors @ vectors[0]), 10)[:10]
        best = min(best, time.process_time() - begin)
    return round(best * 1e3, 2)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "An encoder: a pretrained one's name, or a .tflite file.",
        repeat=True,
        shown="all pretrained encoders",
        metavar="MODEL",
    )
    parser.flag("texts", "Utterances of MTOP's development rows.", type=at_least(1), default=300)
    parser.flag("rounds", "Turns of each system; the best counts.", type=at_least(1), default=10)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    names = arguments.model or [
        name
        for name, model in pretrained_models().items()
        if isinstance(model.metadata, EncoderMetadata)
    ]
    if not names:
        raise UsageError("there is no pretrained encoder; name one with --model")
    made = stamp()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    texts = mtop_texts(arguments.texts)
    many = mtop_texts(TEXTS_AT_ONCE)
    results: dict[str, Any] = {}
    single: dict[str, Callable[[str], Any]] = {}
    several: dict[str, Callable[[list[str]], Any]] = {}
    for name in names:
        encoder = Encoder(name)
        key = model_file(name).parent.name
        results[key] = {"bytes": model_file(name).stat().st_size, "width": encoder.width}
        single[key] = several[key] = encoder.encode
    pieces = mtop_texts(10**6, split="train") + mtop_texts(10**6)
    try:
        for name, (size, width) in POTION.items():
            model = static_model(potion_vocabulary(pieces, size), width)
            results[name] = {"bytes": 4 * size * width, "width": width}
            single[name] = model.encode
            several[name] = functools.partial(model.encode, use_multiprocessing=False)
    except ImportError as error:
        say(
            "benchmarks.vectors",
            f"model2vec is left out ({error}); install the extra `benchmarks`",
        )
    for name, seconds in time_in_turns(single, texts, rounds=arguments.rounds).items():
        results[name]["one"] = summary(seconds)
    for name, per_text in per_text_of_many(several, many, arguments.rounds).items():
        results[name]["many_us"] = per_text
    width = results[next(iter(results))]["width"]
    search = {"lines": LINES, "width": width, "ms": search_ms(width, arguments.rounds)}
    measured = {"texts": len(texts), "systems": results, "search": search}
    path = write_results("vectors", measured, made)
    print(f"{path}: {results}")


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.vectors", __doc__, configure, run, sys.argv[1:]))
