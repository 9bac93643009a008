"""Text in, intent out, on real utterances: ours against fastText, which knows no slots.

    python -m benchmarks.intent

fastText (Joulin et al. 2016, arXiv 1607.01759) is trained here, on the intents of MTOP's training rows
in lower case with symbols as words of their own, which is part of its time; so is everything on our
side but decoding slots. It is an extra, `pip install -e '.[benchmarks]'`; without it the results say
so.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import pathlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.records import (
    CORPORA,
    ratios_of_medians,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_split
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.presets import model_file


def _ours(name: str) -> Callable[[str], str]:
    parser = Parser(name)
    intents = parser.labels.intents
    return lambda text: intents[int(parser.logits(text)["intent"].argmax())]


SETTINGS: Mapping[str, float] = {
    "epoch": 25,
    "lr": 0.5,
    "wordNgrams": 2,
    "dim": 50,
    "bucket": 50_000,
    "minCount": 1,
}
_WORDS = re.compile(r"\w+|[^\w\s]")
LABEL = "__label__"
_ATTEMPTS = 20
"""fastText 0.9 finds NaN at random where it was trained on little text, with the same text, seed and settings."""


def words_of(text: str) -> str:
    """A text as fastText wants it: lower case, a space between words and symbols."""
    return " ".join(_WORDS.findall(text.lower()))


def _classifier(model: Any) -> Callable[[str], str]:
    # `predict` of one string fails under numpy 2; that of a list does not.
    return lambda text: model.predict([words_of(text)])[0][0][0].removeprefix(LABEL)


def _trained(
    path: pathlib.Path, settings: Mapping[str, float]
) -> tuple[dict[str, Callable[[str], str]], float]:
    """Both classifiers, which have answered once, and the seconds that the training took."""
    import fasttext

    begin = time.perf_counter()
    model = fasttext.train_supervised(input=str(path), thread=1, verbose=0, **settings)
    seconds = round(time.perf_counter() - begin, 1)
    model.save_model(str(path.with_name("fasttext.bin")))
    quantized = fasttext.load_model(str(path.with_name("fasttext.bin")))
    quantized.quantize(input=str(path), retrain=False, qnorm=True)
    quantized.save_model(str(path.with_name("fasttext.ftz")))
    classifiers = {"fasttext": _classifier(model), "fasttext_quantized": _classifier(quantized)}
    for classify in classifiers.values():
        classify("a")
    return classifiers, seconds


def fasttext_systems(
    folder: pathlib.Path, rows: Sequence[tuple[str, str]], settings: Mapping[str, float]
) -> tuple[dict[str, Callable[[str], str]], dict[str, dict[str, Any]]]:
    """Trains fastText.

    Args:
        folder: Where its files go.
        rows: Texts and intents.
        settings: Arguments of `train_supervised`, as in `SETTINGS`.

    Returns:
        What classifies, as trained and quantised, by name; and what is known of each before measuring.
    """
    path = folder / "train.txt"
    lines = (f"{LABEL}{intent} {words_of(text)}\n" for text, intent in rows)
    path.write_text("".join(lines), encoding="utf-8")
    for attempt in range(_ATTEMPTS):
        try:
            classifiers, seconds = _trained(path, settings)
            break
        except RuntimeError as error:
            if "NaN" not in str(error) or attempt == _ATTEMPTS - 1:
                raise
    known = {
        "fasttext": {"title": "fastText", "bytes": (folder / "fasttext.bin").stat().st_size},
        "fasttext_quantized": {
            "title": "fastText, quantised",
            "bytes": (folder / "fasttext.ftz").stat().st_size,
        },
    }
    for entry in known.values():
        entry["training_seconds"] = seconds
    return classifiers, known


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "models",
        "Names of pretrained models, with commas between them; the first is the reference.",
        default="mtop_en_2mb,mtop_en_1mb",
        metavar="NAMES",
    )
    parser.flag("texts", "Utterances of MTOP's development rows to time.", type=int, default=300)
    parser.flag("rounds", "Turns of each system.", type=int, default=3)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    ours = arguments.models.split(",")
    development = load_split(CORPORA / "mtop_en", "dev")
    classifiers = {name: _ours(name) for name in ours}
    systems: dict[str, dict[str, Any]] = {
        name: {"title": f"pQRNN ({name})", "bytes": model_file(name).stat().st_size}
        for name in ours
    }
    missing = importlib.util.find_spec("fasttext") is None
    if not missing:
        made["versions"]["fasttext"] = importlib.metadata.version("fasttext")
        rows = [(row.text, row.intent) for row in load_split(CORPORA / "mtop_en", "train")]
        with tempfile.TemporaryDirectory() as folder:
            trained, known = fasttext_systems(pathlib.Path(folder), rows, SETTINGS)
        classifiers.update(trained)
        systems.update(known)
    for name, classify in classifiers.items():
        right = sum(classify(row.text) == row.intent for row in development)
        systems[name]["intent_accuracy"] = round(100 * right / len(development), 2)
    texts = [row.text for row in development[: arguments.texts]]
    seconds = time_in_turns(classifiers, texts, rounds=arguments.rounds)
    for name, values in seconds.items():
        systems[name]["intent"] = summary(values)
        systems[name]["times"] = ratios_of_medians(seconds, name, ours)
    write_results(
        "intent",
        {
            "texts": len(texts),
            "rows": len(development),
            "ours": ours,
            "settings": dict(SETTINGS),
            "missing": "fastText was not installed" if missing else "",
            "systems": systems,
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.intent", __doc__, configure, run, sys.argv[1:]))
