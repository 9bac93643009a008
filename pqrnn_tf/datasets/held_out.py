"""Development rows for a corpus that has none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pqrnn_tf.datasets.folding import folded
from pqrnn_tf.datasets.rows import Example


def hold_out(
    examples: Sequence[Example], *, share: float = 0.1, seed: int = 0
) -> tuple[list[Example], list[Example]]:
    """Splits development rows off, the same share of each intent.

    Of the texts of an intent, those with the smallest SHA-256 of `"<seed> <text>"` are held out: at most half, and
    `share` of them rounded to a whole number (halves up). So the split depends neither on the order of
    the rows nor on the platform. Texts that differ only in case, white space or punctuation stay together.

    Args:
        examples: Rows with intents.
        share: Share of each intent's distinct texts, from 0 to 0.5.
        seed: Any integer.

    Returns:
        Training rows and development rows, each in the order of `examples`.

    Raises:
        ValueError: If `share` is not from 0 to 0.5.
    """
    if not 0.0 <= share <= 0.5:
        raise ValueError(f"`share` must be from 0 to 0.5. Received: {share!r}.")
    keys = [(example.intent, folded(example.text)) for example in examples]
    texts: dict[str, set[str]] = {}
    for intent, text in keys:
        texts.setdefault(intent, set()).add(text)
    held: set[tuple[str, str]] = set()
    for intent, own in texts.items():
        order = sorted(own, key=lambda text: hashlib.sha256(f"{seed} {text}".encode()).digest())
        count = min(int(share * len(own) + 0.5), len(own) // 2)
        held.update((intent, text) for text in order[:count])
    training = [example for example, key in zip(examples, keys, strict=True) if key not in held]
    development = [example for example, key in zip(examples, keys, strict=True) if key in held]
    return training, development
