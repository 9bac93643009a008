"""Threads that share one parser: how many texts per second they parse, and that all parses are right.

    python -m benchmarks.threads

Each thread parses all texts by itself, from another one on; numbers of threads take turns. The interpreter works
outside of Python's lock, what is around it inside, so that threads gain what the model takes of the time.
"""

from __future__ import annotations

import concurrent.futures
import statistics
import sys
import threading
import time
from collections.abc import Sequence

from benchmarks.records import mtop_texts, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import Parse


def parse_in_threads(parser: Parser, texts: Sequence[str], threads: int) -> float:
    """Texts per second of threads that begin together.

    Raises:
        RuntimeError: if a parse is another one than without threads.
    """
    expected = parser(texts)
    ready = threading.Barrier(threads + 1)

    def work(first: int) -> list[Parse]:
        ready.wait()
        return parser([*texts[first:], *texts[:first]])

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        starts = [number * len(texts) // threads for number in range(threads)]
        running = [pool.submit(work, first) for first in starts]
        ready.wait()
        begin = time.perf_counter()
        found = [future.result() for future in running]
        seconds = time.perf_counter() - begin
    for first, parses in zip(starts, found, strict=True):
        if parses != [*expected[first:], *expected[:first]]:
            raise RuntimeError(f"A parser that {threads} threads share gave another parse.")
    return threads * len(texts) / seconds


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "models", "Names of pretrained models.", repeat=True, default=["mtop_en_2mb", "mtop_en_1mb"]
    )
    parser.flag("texts", "Utterances of MTOP English.", type=at_least(1), default=300)
    parser.flag(
        "rounds", "Times that each number of threads has its turn.", type=at_least(1), default=7
    )


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    texts = mtop_texts(arguments.texts)
    models = {}
    for name in arguments.models:
        parser = Parser(name)
        rates: dict[int, list[float]] = {1: [], 2: [], 4: []}
        for _ in range(arguments.rounds):
            for threads, found in rates.items():
                found.append(parse_in_threads(parser, texts, threads))
        models[name] = {
            "texts_per_second": {
                str(threads): round(statistics.median(found), 1) for threads, found in rates.items()
            },
            "best_texts_per_second": {
                str(threads): round(max(found), 1) for threads, found in rates.items()
            },
        }
    path = write_results("threads", {"texts": len(texts), "models": models}, made)
    print(f"{path}: {models}")


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.threads", __doc__, configure, run, sys.argv[1:]))
