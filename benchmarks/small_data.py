"""Few rows: seconds and scores of `IntentSlotModel.fit` with its own choices, beside TF-IDF and logistic regression.

    python -m benchmarks.small_data                                     # SNIPS, CLINC150 and Banking77, all sizes
    python -m benchmarks.small_data --corpora snips --sizes 50,350 --again

Both are trained on the same rows, drawn with the shares of the intents, and answer the development rows, which neither
sees before. Nothing is chosen per corpus or size: the model has the defaults of `fit`, the baseline the usual settings
in `BASELINE`. Runs that are in `results/small_data.json` already are left out unless `--again` is given.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.records import CORPORA, read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_split
from pqrnn_tf.datasets.rows import Example

NAME = "small_data"
FOLDERS = {"snips": "snips", "clinc150": "few_shot/clinc150", "banking77": "few_shot/banking77"}
TITLES = {"snips": "SNIPS", "clinc150": "CLINC150", "banking77": "Banking77"}
ALL, PER_INTENT = "all", "10 per intent"
SIZES = ("50", "100", "350", "1500", PER_INTENT, "5000", ALL)
BASELINE: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "sublinear_tf": True},
    "characters": {"analyzer": "char_wb", "ngram_range": (2, 5), "sublinear_tf": True},
    "regression": {"C": 10.0, "max_iter": 300},
}
"""Settings of scikit-learn's `TfidfVectorizer`s, side by side, and `LogisticRegression`."""


def draw(rows: Sequence[Example], size: str, seed: int) -> list[Example]:
    """Some rows of a corpus, in random order.

    Args:
        rows: All of them.
        size: A number of rows, with the shares that the intents have in `rows` and at least one row of each where
            there is room; `ALL`; or `PER_INTENT` for ten of each intent.
        seed: Seed of the draw.
    """
    rng = random.Random(f"{seed}-{size}")
    order = list(rows)
    rng.shuffle(order)
    if size == ALL or (size != PER_INTENT and int(size) >= len(rows)):
        return order
    total = Counter(row.intent for row in order)
    wanted = dict.fromkeys(total, 10) if size == PER_INTENT else _shares(total, int(size), rng)
    taken: Counter[str] = Counter()
    chosen = []
    for row in order:
        if taken[row.intent] < wanted[row.intent]:
            taken[row.intent] += 1
            chosen.append(row)
    return chosen


def _shares(total: Counter[str], size: int, rng: random.Random) -> dict[str, int]:
    """Rows to take of each intent: its share, rounded so that they are `size` together."""
    names = sorted(total)
    rng.shuffle(names)
    exact = {name: size * total[name] / total.total() for name in names}
    least = 1 if size >= len(names) else 0
    wanted = {name: max(least, int(exact[name])) for name in names}
    by_rest = sorted(names, key=lambda name: exact[name] - wanted[name])
    while (missing := size - sum(wanted.values())) != 0:
        if missing > 0:
            name = by_rest.pop()
            wanted[name] += 1
        else:
            wanted[max(names, key=wanted.__getitem__)] -= 1
    return wanted


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a function returns, and the seconds by the clock and of all processors that it took."""
    clock, processors = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "seconds": round(time.perf_counter() - clock, 1),
        "cpu_seconds": round(time.process_time() - processors, 1),
    }


def baseline(rows: Sequence[Example], development: Sequence[Example]) -> dict[str, Any]:
    """Intent accuracy of TF-IDF and logistic regression, with its seconds."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    model = make_pipeline(
        make_union(TfidfVectorizer(**BASELINE["words"]), TfidfVectorizer(**BASELINE["characters"])),
        LogisticRegression(**BASELINE["regression"]),
    )
    texts, intents = [row.text for row in rows], [row.intent for row in rows]
    _, took = timed(lambda: model.fit(texts, intents))
    answers = model.predict([row.text for row in development])
    right = sum(a == row.intent for a, row in zip(answers, development, strict=True))
    return {"intent_accuracy": round(100 * right / len(development), 2), **took}


def ours(rows: Sequence[Example], development: Sequence[Example], seed: int) -> dict[str, Any]:
    """Scores of a model that `fit` trains, with its seconds."""
    import keras

    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

    keras.utils.set_random_seed(seed)
    model = IntentSlotModel()
    _, took = timed(lambda: model.fit(rows, verbose=0))
    scores = model.evaluate(development)
    kept = ("intent_accuracy", "slot_f1", "flat_exact_match")
    return {**{name: scores[name] for name in kept if name in scores}, **took}


def warm_up() -> None:
    """Loads what a process needs once, so that the seconds are those of a warm one."""
    rows = [Example("play music", "play", ()), Example("wake me", "wake", ())] * 4
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

    IntentSlotModel().fit(rows, epochs=1, verbose=0)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("corpora", "Corpora, with commas between them.", default=",".join(FOLDERS))
    parser.flag("sizes", "Numbers of rows, with commas between them.", default=",".join(SIZES))
    parser.flag("seeds", "Draws of rows for each size.", type=at_least(1), default=1)
    parser.switch("again", "Measure also what there are results of.")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    corpora = arguments.corpora.split(",")
    known = _recorded()
    wanted = [
        (corpus, size, seed)
        for size in arguments.sizes.split(",")
        for corpus in corpora
        for seed in range(1, arguments.seeds + 1)
        if arguments.again or _name(corpus, size, seed) not in known
    ]
    if wanted:
        warm_up()
    for corpus, size, seed in wanted:
        folder = CORPORA / FOLDERS[corpus]
        rows, development = (load_split(folder, split) for split in ("train", "dev"))
        intents = {row.intent for row in rows}
        development = [row for row in development if row.intent in intents]
        chosen = draw(rows, size, seed)
        name = _name(corpus, size, seed)
        own = {
            "name": name,
            "corpus": corpus,
            "size": size,
            "seed": seed,
            "rows": len(chosen),
            "development_rows": len(development),
            "intents": len(intents),
            "load_before": round(os.getloadavg()[0], 1),
            "baseline": baseline(chosen, development),
            "ours": ours(chosen, development, seed),
        }
        print(own, flush=True)
        runs = {
            **_recorded(),
            name: own,
        }  # read again: other corpora may be measured at the same time
        ordered = sorted(runs.values(), key=lambda r: (r["corpus"], r["rows"], r["name"]))
        write_results(NAME, {"settings": BASELINE, "runs": ordered}, made)


def _recorded() -> dict[str, dict[str, Any]]:
    """The runs that are recorded, by their names."""
    return {record["name"]: record for record in (read_results(NAME) or {"runs": []})["runs"]}


def _name(corpus: str, size: str, seed: int) -> str:
    return f"{corpus}, {size}, seed {seed}"


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.small_data", __doc__, configure, run, sys.argv[1:]))
