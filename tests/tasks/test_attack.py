"""The greedy attack finds a weakness that was planted, within its queries, and leaves labels true."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.tasks.attack import Attack, attack_rows
from pqrnn_tf.tasks.metrics import Answer
from pqrnn_tf.tasks.surface import Verdicts, Writing, surface_losses

WEAK = "banana"


def row(text: str) -> Example:
    return Example(text, "EAT", (SlotSpan("WHEN", ((text.rindex(" ") + 1, len(text)),)),))


ROWS = [
    row(f"please {verb} the {WEAK if i % 2 else 'orange'} beside {name} slowly tomorrow")
    for i, (verb, name) in enumerate(
        (verb, name) for verb in ("bring", "peel", "slice") for name in ("Albert", "Bernard")
    )
]


class Planted:
    """Wrong where it has neither its weak word, as it is written, nor an orange, however that is written."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts):
        self.texts += texts
        answers = []
        for text in texts:
            orange = any(len(set("orange") & set(word)) >= 5 for word in text.split())
            lost = WEAK not in text and not orange
            intent = "OTHER" if lost else "EAT"
            tokens, place = [], 0
            for word in text.split():
                start = text.index(word, place)
                place = start + len(word)
                tokens.append((start, place))
            last = len(tokens) - 1
            slot = DecodedSlot("WHEN", ((last, last + 1),))
            score = 0.4 if lost else 0.9
            parse = DecodedParse(intent, score, (slot,), ())
            answers.append(Answer(tokens, parse, np.zeros(2)))
        return answers


def test_the_planted_weakness_is_found_and_nothing_else():
    model = Planted()
    done = attack_rows(model, ROWS, Attack(queries=20, kind="dropped_letter", share=0.2))
    assert (done.rows, done.right, done.standing) == (6, 6, 3)
    for before, after in done.broken:
        assert WEAK in before.text and WEAK not in after.text
        # Only that word has changed, and the slot is where it was, in letters.
        kept = [word for word in before.text.split() if word != WEAK]
        assert [word for word in after.text.split() if word in kept] == kept
        assert after.slots[0].text(after.text) == "tomorrow"
    assert done.to_dict()["flat_exact_match"] == 100.0
    assert done.to_dict()["attacked_exact_match"] == 50.0


def test_random_errors_of_the_same_share_find_less():
    planted = Planted()
    (lost,) = surface_losses(Verdicts(planted), ROWS, [Writing("dropped_letter", 0.15)], seed=2)
    attacked = attack_rows(Planted(), ROWS, Attack(queries=20, kind="dropped_letter", share=0.15))
    assert attacked.standing * 100 / 6 < lost["flat_exact_match"]


@pytest.mark.parametrize("queries", [1, 9, 12])
def test_no_row_takes_more_than_its_queries(queries):
    model = Planted()
    done = attack_rows(model, ROWS[:1], Attack(queries=queries))
    assert done.queries == len(model.texts) - 1 <= queries


def test_a_row_that_is_wrong_already_is_not_attacked():
    model = Planted()
    done = attack_rows(model, [row("say nothing at all tomorrow")], Attack())
    assert (done.right, done.standing, done.queries) == (0, 0, 0)
    assert done.to_dict() == {
        "rows": 1,
        "flat_exact_match": 0.0,
        "attacked_exact_match": 0.0,
        "queries_a_row": 0.0,
    }


def test_the_same_seed_gives_the_same():
    first, again = (attack_rows(Planted(), ROWS, Attack(seed=3)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"queries": 0}, "`queries` must be a whole number of at least 1. Received: 0"),
        ({"share": 0.0}, "`share` must be above 0 and at most 1. Received: 0.0"),
        ({"errors": True}, "`errors` must be a whole number"),
    ],
)
def test_bad_numbers_of_an_attack(arguments, message):
    with pytest.raises(ValueError, match=message):
        Attack(**arguments)


def test_no_rows_and_no_such_errors():
    with pytest.raises(ValueError, match="`examples` must have at least one row"):
        attack_rows(Planted(), [], Attack())
    with pytest.raises(ValueError, match="`kind` must be"):
        attack_rows(Planted(), ROWS, Attack(kind="sunburn"))
