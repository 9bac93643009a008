"""fastText as a peer: trained on the spot, as it comes and quantised."""

from __future__ import annotations

import pathlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
"""fastText 0.9 finds NaN at random where it learned from little text, with the same text, seed and settings."""


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
