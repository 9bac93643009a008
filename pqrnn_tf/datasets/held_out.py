"""Development rows for data that have none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from pqrnn_tf.datasets.folding import folded
from pqrnn_tf.datasets.rows import Example


def hold_out(
    examples: Sequence[Example], *, share: float = 0.1, seed: int = 0
) -> tuple[list[Example], list[Example]]:
    """Splits development rows off, the same share of each intent.

    Of the texts of an intent, `share` of them rounded to a whole number (halves up) are held out, and at most half:
    those with the smallest SHA-256 of `"<seed> <text>"`. So the split depends neither on the order of the rows nor on
    the platform, and every intent stays in training. Texts that differ only in case, white space or punctuation stay
    together, and so do the rows of one template; of templates so many are held out as fit into the share, and at least
    the smallest one that leaves half of the texts.

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
    by_intent: dict[str, list[tuple[str, str]]] = {}
    for example, (intent, text) in zip(examples, keys, strict=True):
        by_intent.setdefault(intent, []).append((text, example.template))
    held: set[tuple[str, str]] = set()
    for intent, rows in by_intent.items():
        held.update((intent, text) for text in _held_texts(_groups(rows), share, seed))
    training = [example for example, key in zip(examples, keys, strict=True) if key not in held]
    development = [example for example, key in zip(examples, keys, strict=True) if key in held]
    return training, development


def _held_texts(groups: list[list[str]], share: float, seed: int) -> Iterable[str]:
    """The texts to hold out, whole groups of them."""
    size = sum(map(len, groups))
    wanted = min(int(share * size + 0.5), size // 2)
    order = sorted(groups, key=lambda texts: hashlib.sha256(f"{seed} {texts[0]}".encode()).digest())
    held: list[str] = []
    for texts in order:
        if len(held) + len(texts) <= wanted:
            held += texts
    if wanted and not held:
        smallest = min(order, key=len)
        held += smallest if len(smallest) <= size // 2 else []
    return held


def _groups(rows: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Texts that must stay together, each group sorted: a template's, and templates' that share a text."""
    first: dict[str, str] = {}  # of a template, the text that it was met with first
    leader: dict[str, str] = {}

    def lead(text: str) -> str:
        while leader[text] != text:
            leader[text] = leader[leader[text]]
            text = leader[text]
        return text

    for text, template in rows:
        leader.setdefault(text, text)
        if template:
            leader[lead(text)] = lead(first.setdefault(template, text))
    groups: dict[str, list[str]] = {}
    for text in leader:
        groups.setdefault(lead(text), []).append(text)
    return [sorted(texts) for texts in groups.values()]
