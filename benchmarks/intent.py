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
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from absl import app, flags

from benchmarks.fasttext_peer import SETTINGS, fasttext_systems
from benchmarks.records import (
    CORPORA,
    ratios_of_medians,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.datasets import load_split
from pqrnn_tf.runtime.presets import load, model_file

_MODELS = flags.DEFINE_list(
    "models",
    ["mtop_en_2mb", "mtop_en_1mb"],
    "Names of pretrained models; the first is the reference.",
)
_TEXTS = flags.DEFINE_integer("texts", 300, "Utterances of MTOP's development rows to time.")
_ROUNDS = flags.DEFINE_integer("rounds", 3, "Turns of each system.")


def _ours(name: str) -> Callable[[str], str]:
    parser = load(name)
    intents = parser.labels.intents
    return lambda text: intents[int(parser.logits(text)["intent"].argmax())]


def main(argv: Sequence[str]) -> None:
    """Runs the benchmark."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    made = stamp()
    development = load_split(CORPORA / "mtop_en", "dev")
    classifiers = {name: _ours(name) for name in _MODELS.value}
    systems: dict[str, dict[str, Any]] = {
        name: {"title": f"pQRNN ({name})", "bytes": model_file(name).stat().st_size}
        for name in _MODELS.value
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
    texts = [row.text for row in development[: _TEXTS.value]]
    seconds = time_in_turns(classifiers, texts, rounds=_ROUNDS.value)
    for name, values in seconds.items():
        systems[name]["intent"] = summary(values)
        systems[name]["times"] = ratios_of_medians(seconds, name, _MODELS.value)
    write_results(
        "intent",
        {
            "texts": len(texts),
            "rows": len(development),
            "ours": _MODELS.value,
            "settings": dict(SETTINGS),
            "missing": "fastText was not installed" if missing else "",
            "systems": systems,
        },
        made,
    )


if __name__ == "__main__":
    app.run(main)
