"""A greedy attack: errors in the words that matter most, until the parse is wrong or the queries are used up."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Any

from pqrnn_tf.datasets.making.rewriting import Edit
from pqrnn_tf.datasets.making.text_errors import ALL_ERRORS, KnownWords, RowErrors
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.tasks.metrics import Answer, answered_intent, gold_intent, judge, predicted_slots
from pqrnn_tf.tasks.surface import Ask


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attack:
    """An attack of a kind that needs a model's answers only.

    A word matters by how much the model's score of its parse falls when the word is left out. The words are tried in
    that order: each gets some errors, of which the one that lowers the score most stays, until the parse is wrong.

    Args:
        queries: Texts that the model is asked per row at most, beside the row itself.
        share: Share of the words of a row that may be changed, rounded up to a whole number of them.
        errors: Errors that are tried per word.
        kind: Kind of errors, as in `with_errors`.
        seed: Seed of the errors.

    Raises:
        ValueError: if a number is out of its range.

    Reference: the word importance of Jin et al. 2020 (*TextFooler*, arXiv 1907.11932) and of Gao et al. 2018
    (*DeepWordBug*, arXiv 1801.04354), with the errors of this package in the place of synonyms.
    """

    queries: int = 40
    share: float = 0.3
    errors: int = 4
    kind: str = ALL_ERRORS
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("queries", "errors"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"`{name}` must be a whole number of at least 1. Received: {value!r}."
                )
        if not 0.0 < self.share <= 1.0:
            raise ValueError(f"`share` must be above 0 and at most 1. Received: {self.share!r}.")


@dataclasses.dataclass(frozen=True)
class Attacked:
    """What an attack did.

    Attributes:
        rows: Rows.
        right: Rows that the model parses rightly as they are; the others are not attacked.
        standing: Rows of these that it still parses rightly at the end.
        queries: Queries of all rows together.
        broken: The rows whose parse became wrong, each with the row that did it.
    """

    rows: int
    right: int
    standing: int
    queries: int
    broken: tuple[tuple[Example, Example], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: counts, and in percent of all rows what is right before and after."""
        return {
            "rows": self.rows,
            "flat_exact_match": round(100.0 * self.right / self.rows, 2),
            "attacked_exact_match": round(100.0 * self.standing / self.rows, 2),
            "queries_a_row": round(self.queries / max(1, self.right), 2),
        }


def attack_rows(
    ask: Ask, examples: Sequence[Example], attack: Attack, *, words: KnownWords | None = None
) -> Attacked:
    """Attacks a model on some rows; the rows take turns, so that the model is asked many texts at a time.

    Args:
        ask: Answers texts, in order, such as `FileModel.answers`.
        examples: The rows.
        attack: How to attack.
        words: Words that may stand in the place of others; `None` for those of `examples`.

    Raises:
        ValueError: if there are no rows, or the kind of errors is unknown.
    """
    if not examples:
        raise ValueError("`examples` must have at least one row. Received: none.")
    words = KnownWords(examples) if words is None else words
    answers = ask([row.text for row in examples])
    targets = [
        _Target(row, score, attack, words)
        for row, answer in zip(examples, answers, strict=True)
        if (score := _score(row, answer)) is not None
    ]
    _ask_all(ask, targets, _Target.without_words, _Target.rank)
    while busy := [target for target in targets if not target.is_over]:
        _ask_all(ask, busy, _Target.next_word, _Target.choose)
    return Attacked(
        rows=len(examples),
        right=len(targets),
        standing=sum(target.broken is None for target in targets),
        queries=sum(target.asked for target in targets),
        broken=tuple(
            (target.row, target.broken) for target in targets if target.broken is not None
        ),
    )


def _score(row: Example, answer: Answer) -> float | None:
    """The score of a right parse; `None` of a wrong one."""
    slots = predicted_slots(row.text, answer.spans, answer.parse)
    right = judge(row, answered_intent(answer.parse), slots).exact
    return answer.parse.score if right else None


def _ask_all(
    ask: Ask,
    targets: Sequence[_Target],
    texts_of: Callable[[_Target], list[str]],
    then: Callable[[_Target, list[Answer]], None],
) -> None:
    """Asks what each of some rows wants to know, in one go, and tells it the answers."""
    wanted = [texts_of(target) for target in targets]
    answers = iter(ask([text for texts in wanted for text in texts]))
    for target, texts in zip(targets, wanted, strict=True):
        then(target, [next(answers) for _ in texts])


class _Target:
    """A row under attack."""

    def __init__(self, row: Example, score: float, attack: Attack, words: KnownWords) -> None:
        self.row = row
        self.asked = 0
        self.broken: Example | None = None
        self._score = score
        self._attack = attack
        self._errors = RowErrors(row, attack.kind, words=words)
        self._order: list[tuple[int, int]] = []
        self._edits: list[Edit] = []
        self._tried: list[tuple[Edit, Example]] = []
        self._changes = max(1, int(attack.share * len(self._errors.words) + 0.999))
        self._rng = random.Random(f"{attack.seed} {row.text}")

    @property
    def is_over(self) -> bool:
        """Whether the parse is wrong, or nothing is left to try."""
        return (
            self.broken is not None
            or not self._order
            or not self._changes
            or self.asked >= self._attack.queries
        )

    def without_words(self) -> list[str]:
        """The row without each of its words in turn; half of the queries at most are spent on that."""
        most = max(1, self._attack.queries // 2)
        self._order = self._errors.words[:]
        texts = [_without(self.row.text, word) for word in self._order[:most]]
        self.asked += len(texts)
        return texts

    def rank(self, answers: Sequence[Answer]) -> None:
        """Orders the words: those first without which the score is lowest, or the intent another one."""
        intent = gold_intent(self.row)
        left = [
            answer.parse.score if answered_intent(answer.parse) == intent else -1.0
            for answer in answers
        ]
        ranked = sorted(range(len(left)), key=lambda i: left[i])
        # One that was not asked for stands behind.
        self._order = [self._order[i] for i in ranked] + self._order[len(left) :]

    def next_word(self) -> list[str]:
        """The row with each of some errors in the next word."""
        word = self._order.pop(0)
        count = min(self._attack.errors, self._attack.queries - self.asked)
        self._tried = [
            (edit, self._errors.made([*self._edits, edit]))
            for edit in self._errors.of_word(word, count=count, rng=self._rng)
        ]
        self.asked += len(self._tried)
        return [row.text for _, row in self._tried]

    def choose(self, answers: Sequence[Answer]) -> None:
        """Keeps the error that breaks the parse, or the one that lowers its score most."""
        best: Edit | None = None
        for (edit, row), answer in zip(self._tried, answers, strict=True):
            score = _score(row, answer)
            if score is None:
                self.broken = row
                return
            if score < self._score:
                self._score, best = score, edit
        if best is not None:
            self._edits.append(best)
            self._changes -= 1


def _without(text: str, word: tuple[int, int]) -> str:
    """A text without a word, and without the space that would be left over."""
    before, behind = text[: word[0]], text[word[1] :]
    if before.endswith(" ") or not before:
        behind = behind.removeprefix(" ")
    return before + behind
