"""Words per second of the projection op against tokenizers that only emit ids, and against memset.

    python -m benchmarks.projection [--vocabulary vocab.txt]

One core, batches of utterances of MTOP's training rows, each in `tf.data`. Words are those between
spaces for everybody.
"""

from __future__ import annotations

import ctypes
import pathlib
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.peers import stand_in_vocabulary
from benchmarks.records import mtop_texts, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.projection.op import is_available, project_strings
from pqrnn_tf.runtime.spec import ProjectionSpec

BUCKETS = 1 << 16
PASSES = 8
LARGE = 1 << 28  # bytes: beyond every cache


def _dataset(batches: tf.data.Dataset, function: Callable[[tf.Tensor], Any]) -> tf.data.Dataset:
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    return batches.map(function, num_parallel_calls=1).with_options(options)


def _memset_bytes_a_second(size: int) -> float:
    """Bandwidth of writing a buffer of a batch's size again and again."""
    buffer = ctypes.create_string_buffer(size)
    best = float("inf")
    for _ in range(20):
        begin = time.perf_counter()
        for _ in range(10):
            ctypes.memset(buffer, 1, size)
        best = min(best, (time.perf_counter() - begin) / 10)
    return size / best


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("vocabulary", "vocab.txt of an uncased BERT.", metavar="FILE")
    parser.flag("batch", "Utterances per batch.", type=int, default=256)
    parser.flag("rounds", "Passes over the utterances, in turns.", type=int, default=7)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    if not is_available():
        raise RuntimeError("the projection op is not built: see docs/native.md")
    import tensorflow_text

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    made = stamp()
    texts = mtop_texts(10**6, split="train")
    words = sum(len(text.split()) for text in texts)
    if arguments.vocabulary:
        vocabulary = pathlib.Path(arguments.vocabulary).read_text(encoding="utf-8").split("\n")[:-1]
    else:
        vocabulary = stand_in_vocabulary(texts)
    tokenizer = tensorflow_text.FastBertTokenizer(
        vocab=vocabulary, token_out_type=tf.int32, lower_case_nfd_strip_accents=True
    )
    specs = {
        "default": ProjectionSpec(),
        "words_only_512": ProjectionSpec(ngram_features=0, ngram_orders=(), shape=False),
    }
    once = tf.data.Dataset.from_tensor_slices(texts).batch(arguments.batch).cache()
    batches = once.repeat(PASSES)  # starting a pipeline takes as long as some thousand words

    def projection(spec: ProjectionSpec) -> Callable[[tf.Tensor], Any]:
        return lambda batch: project_strings(batch, spec)

    datasets = {
        f"projection_{name}": _dataset(batches, projection(spec)) for name, spec in specs.items()
    }
    datasets["fast_bert_tokenizer"] = _dataset(
        batches, lambda batch: tokenizer.tokenize(batch).flat_values
    )
    datasets["split_and_hash"] = _dataset(
        batches,
        lambda batch: tf.strings.to_hash_bucket_fast(tf.strings.split(batch).flat_values, BUCKETS),
    )
    datasets["only_reading"] = batches
    best = dict.fromkeys(datasets, float("inf"))
    for dataset in datasets.values():
        for _ in dataset:
            pass
    for _ in range(arguments.rounds):
        for name, dataset in datasets.items():
            begin = time.perf_counter()
            dataset.reduce(np.int64(0), lambda count, _: count + 1).numpy()
            best[name] = min(best[name], time.perf_counter() - begin)

    written = {}
    tokens = 0
    for name, spec in specs.items():
        written[f"projection_{name}"] = 0
        for batch in once:
            features, lengths, _, _ = project_strings(batch, spec)
            written[f"projection_{name}"] += int(tf.size(features))
            tokens += int(tf.reduce_sum(lengths)) if name == "default" else 0
    systems: dict[str, dict[str, Any]] = {}
    for name, seconds in best.items():
        systems[name] = {"words_a_second": round(PASSES * words / seconds)}
        if name != "only_reading":
            rest = seconds - best["only_reading"]
            systems[name]["words_a_second_without_reading"] = round(PASSES * words / rest)
        if name in written:
            systems[name]["tokens_a_second"] = round(PASSES * tokens / rest)
            systems[name]["bytes_written_a_second"] = round(PASSES * written[name] / rest)
    memset = {
        "in_cache": _memset_bytes_a_second(written["projection_default"] // len(list(once))),
        "in_memory": _memset_bytes_a_second(LARGE),
    }
    for name in written:
        systems[name]["share_of_memset"] = {
            where: round(systems[name]["bytes_written_a_second"] / bandwidth, 3)
            for where, bandwidth in memset.items()
        }
    write_results(
        "projection",
        {
            "texts": len(texts),
            "words": words,
            "tokens": tokens,
            "batch": arguments.batch,
            "features": {name: spec.features for name, spec in specs.items()},
            "memset_bytes_a_second": {where: round(value) for where, value in memset.items()},
            "systems": systems,
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.projection", __doc__, configure, run, sys.argv[1:]))
