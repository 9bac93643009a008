"""What it costs a model that requests are written in another form, or with errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.making.surface_forms import SURFACE_FORMS, write_as
from pqrnn_tf.datasets.making.text_errors import ALL_ERRORS, ERRORS, with_errors
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.tasks.metrics import (
    Answer,
    SlotKey,
    Verdict,
    answered_intent,
    judge,
    predicted_slots,
)

Ask = Callable[[Sequence[str]], Sequence[Answer]]
"""Answers texts, in order."""
SHARES = (0.1, 0.2)
"""Shares of the words of a row that get an error where nothing else is said."""
KEYBOARD = "keyboard"
"""Kind of errors that papers measure with."""
KINDS = (*ERRORS, ALL_ERRORS)
"""All kinds of errors, and all of them mixed."""
_PERCENT = ("flat_exact_match", "intent_accuracy", "lost", "lost_intents")


@dataclasses.dataclass(frozen=True)
class Writing:
    """One way to write requests again.

    Attributes:
        form: Name of a form of `SURFACE_FORMS`, or of a kind of errors of `ERRORS`.
        share: Share of the words of each row that get such an error; `None` for a form.
    """

    form: str
    share: float | None = None

    def rows(self, examples: Sequence[Example], *, seed: int) -> list[Example]:
        """The rows written again, in the same order; one that it does not concern stays as it is.

        Args:
            examples: The rows.
            seed: Any integer; the result depends on nothing else.
        """
        if self.share is None:
            written = write_as(examples, self.form, seed=seed)
        else:
            written = with_errors(examples, self.form, share=self.share, seed=seed)
        return [row.example() for row in written]


def names_of_writings() -> list[str]:
    """Names of all forms, and then of all kinds of errors."""
    return [*SURFACE_FORMS, *KINDS]


def writings(shares: Sequence[float] = SHARES, only: Sequence[str] = ()) -> list[Writing]:
    """All forms, then all kinds of errors and all of them mixed.

    Args:
        shares: Shares of the words that get an error of a kind.
        only: Names of the forms and kinds to choose; none for all.

    Raises:
        ValueError: if there is no such form or kind.
    """
    known = names_of_writings()
    if foreign := sorted(set(only) - set(known)):
        raise ValueError(f"`only` must have names of {known}. Received: {foreign}.")
    return [
        way
        for way in (
            *(Writing(form) for form in SURFACE_FORMS),
            *(Writing(kind, share) for share in shares for kind in KINDS),
        )
        if not only or way.form in only
    ]


class Verdicts:
    """What a model says of rows, right or wrong; it is asked for each text once.

    Args:
        ask: Answers texts, in order.
        known: Answers that are known already, by text.
    """

    def __init__(self, ask: Ask, known: Mapping[str, Answer] | None = None) -> None:
        self._ask = ask
        self._parses: dict[str, tuple[str, list[SlotKey]]] = {}
        for text, answer in (known or {}).items():
            self._keep(text, answer)

    def of(self, examples: Sequence[Example]) -> list[Verdict]:
        """The verdicts on some rows, in order."""
        texts = [*dict.fromkeys(row.text for row in examples if row.text not in self._parses)]
        for text, answer in zip(texts, self._ask(texts), strict=True):
            self._keep(text, answer)
        return [judge(row, *self._parses[row.text]) for row in examples]

    def _keep(self, text: str, answer: Answer) -> None:
        slots = predicted_slots(text, answer.spans, answer.parse)
        self._parses[text] = answered_intent(answer.parse), slots


def surface_losses(
    verdicts: Verdicts, examples: Sequence[Example], ways: Sequence[Writing], *, seed: int = 1
) -> list[dict[str, Any]]:
    """What each way of writing costs.

    Args:
        verdicts: Verdicts of the model.
        examples: The rows as they are; every row counts, one that a way leaves as it is with its own score.
        ways: Ways to write them.
        seed: Seed of the ways.

    Returns:
        Plain JSON values for each way: `form`, `share` (of errors), `seed`, `changed` (rows with another text),
        `flat_exact_match` and `intent_accuracy` in percent, and in points what is lost of them against the rows as they
        are (`lost`, `lost_intents`; negative where it is a gain).

    Raises:
        ValueError: if there are no rows, or a way has no such form or share.
    """
    if not examples:
        raise ValueError("`examples` must have at least one row. Received: none.")
    clean_exact, clean_intent = _percent(verdicts.of(examples))
    records = []
    for way in ways:
        rows = way.rows(examples, seed=seed)
        exact, intent = _percent(verdicts.of(rows))
        records.append(
            {
                "form": way.form,
                **({} if way.share is None else {"share": way.share}),
                "seed": seed,
                "changed": sum(
                    new.text != old.text for new, old in zip(rows, examples, strict=True)
                ),
                "flat_exact_match": round(exact, 2),
                "intent_accuracy": round(intent, 2),
                "lost": round(clean_exact - exact, 2),
                "lost_intents": round(clean_intent - intent, 2),
            }
        )
    return records


def mean_losses(records: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The mean of what `surface_losses` says of several sets of rows, each counting alike; `changed` is their sum.

    Args:
        records: For each set the same ways in the same order.
    """
    means = []
    for of_way in zip(*records, strict=True):
        mean = {name: sum(record[name] for record in of_way) / len(of_way) for name in _PERCENT}
        means.append(
            {
                **of_way[0],
                "changed": sum(record["changed"] for record in of_way),
                **{name: round(value, 2) for name, value in mean.items()},
            }
        )
    return means


def _percent(verdicts: Sequence[Verdict]) -> tuple[float, float]:
    """Shares of rows with everything right and with the intent right."""
    exact = sum(verdict.exact for verdict in verdicts)
    intents = sum(verdict.intent for verdict in verdicts)
    return 100.0 * exact / len(verdicts), 100.0 * intents / len(verdicts)
