"""The text that a student is trained on beside the plain rows of its task."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from pqrnn_tf.datasets.making.augmentation import SlotValues, augmented_copy
from pqrnn_tf.datasets.making.transfer import (
    ParaphraseReport,
    TransferReport,
    read_paraphrases,
    read_transfer_text,
)
from pqrnn_tf.datasets.rows import Example


class WordReplacer(Protocol):
    """What replaces words by others that fit; `teachers.MaskedWordReplacer` is one."""

    def replace(
        self, examples: Sequence[Example], *, probability: float, seed: int
    ) -> list[Example]:
        """As many rows as given, in the same order and without labels."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudentText:
    """Which text a student is trained on; without arguments, only the rows of its task.

    Each part can be switched on by itself, and switching one on changes nothing in another. Teachers answer it as it
    is; training writes it again as people would (`LabelledText.rewritten`).

    Args:
        substitution: Probability that a slot's value is swapped for another one of the same slot, in copies
            of the task rows. Their labels stay gold.
        code_switching: Probability that a slot's value is swapped for one of another language in these copies.
        masked: Probability that a word is replaced by one that a BERT finds fitting, in further copies
            (Jiao et al. 2020, arXiv 1909.10351, Algorithm 1: 0.4). They have no labels.
        copies: How many copies of the task rows are made of each of these two kinds (Jiao et al.: 20). All
            of them are kept, since the teacher labels them once and its answers are cached.
        paraphrases: File for `read_paraphrases`, such as rows translated into another language and back.
        transfer: Files and folders for `read_transfer_text`.
        transfer_limit: At most so much transfer text; `None` for all.
        seed: Seed of everything that is drawn.

    Raises:
        ValueError: If a probability is not from 0 to 1, a number is out of range, or `transfer` is one text
            and no sequence.
    """

    substitution: float = 0.0
    code_switching: float = 0.0
    masked: float = 0.0
    copies: int = 1
    paraphrases: str | None = None
    transfer: tuple[str, ...] = ()
    transfer_limit: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("substitution", "code_switching", "masked"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"`{name}` must be from 0 to 1. Received: {value!r}.")
        if self.copies < (1 if self.masked else 0):
            least = "at least 1 where words are replaced" if self.masked else "at least 0"
            raise ValueError(f"`copies` must be {least}. Received: {self.copies!r}.")
        if self.transfer_limit is not None and self.transfer_limit < 1:
            raise ValueError(
                f"`transfer_limit` must be positive. Received: {self.transfer_limit!r}. For no transfer "
                "text, leave `transfer` empty."
            )
        if isinstance(self.transfer, str):
            raise ValueError(
                f"`transfer` must be a sequence of paths. Received: {self.transfer!r}. Put it into a tuple."
            )
        object.__setattr__(self, "transfer", tuple(self.transfer))


def build_student_text(
    rows: Iterable[Example],
    recipe: StudentText,
    *,
    replacer: WordReplacer | None = None,
    exclude: Iterable[Example | str] = (),
    report: Callable[[TransferReport | ParaphraseReport], None] | None = None,
) -> dict[str, list[Example]]:
    """Makes the text of a recipe.

    Args:
        rows: The training rows of the task.
        recipe: What to make.
        replacer: Replaces words; needed where `recipe.masked` is above 0.
        exclude: Rows or texts that must not come in through a file. Pass the rows that the student is scored
            on. Transfer text that is among `rows` is left out too.
        report: Called with what was read of files and dropped; `print` will do.

    Returns:
        `"task"`: the rows, then their copies with gold labels, copy by copy. Where the recipe has them:
        `"masked"`: copies without labels, copy by copy; `"paraphrases"`: rows with a gold intent and
        without slots; `"transfer"`: rows without labels.

    Raises:
        DataError: As `read_paraphrases` and `read_transfer_text`.
        ValueError: If words are to be replaced and there is no replacer.
    """
    if recipe.masked and replacer is None:
        raise ValueError(
            f"`replacer` must be given where words are replaced. Received: None, with masked={recipe.masked}. "
            "Pass a `pqrnn_tf.teachers.MaskedWordReplacer`."
        )
    rows, exclude = list(rows), list(exclude)
    text = {"task": list(rows)}
    if recipe.substitution or recipe.code_switching:
        values = SlotValues(rows)
        for number in range(recipe.copies):
            text["task"] += augmented_copy(
                rows,
                seed=_seed(recipe, f"copy {number}"),
                substitution=recipe.substitution,
                code_switching=recipe.code_switching,
                values=values,
            )
    if recipe.masked and replacer is not None:
        text["masked"] = [
            row
            for number in range(recipe.copies)
            for row in replacer.replace(
                rows, probability=recipe.masked, seed=_seed(recipe, f"masked {number}")
            )
        ]
    if recipe.paraphrases is not None:
        text["paraphrases"] = read_paraphrases(
            recipe.paraphrases, rows, exclude=exclude, report=report
        )
    if recipe.transfer:
        text["transfer"] = read_transfer_text(
            recipe.transfer,
            limit=recipe.transfer_limit,
            seed=_seed(recipe, "transfer"),
            exclude=[*rows, *exclude],
            report=report,
        )
    return text


def _seed(recipe: StudentText, part: str) -> int:
    """A seed of its own for each part."""
    return random.Random(f"{recipe.seed} {part}").getrandbits(32)
