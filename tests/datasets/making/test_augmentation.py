from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from pqrnn_tf.datasets import (
    Example,
    SlotSpan,
    SlotValues,
    align_slots,
    augmented_copy,
    distort_characters,
    distort_examples,
    distort_text,
    generate,
    substitute_slot_values,
)
from pqrnn_tf.runtime import format_tree, parse_tree, top_level_slots


def example(text: str, tree: str, *, locale: str = "en", intent: str | None = None) -> Example:
    parsed = parse_tree(tree)
    slots = align_slots(text, parsed).slots
    assert slots is not None
    return Example(text, intent or parsed.name, slots, parsed, locale=locale)


def check_consistent(examples: Sequence[Example]) -> None:
    """Every slot's own text is, white space aside, the words of its node."""
    for row in examples:
        assert row.slots is not None and row.tree is not None
        nodes = top_level_slots(row.tree)
        assert [slot.name for slot in row.slots] == [node.name for node in nodes]
        for slot, node in zip(row.slots, nodes, strict=True):
            assert "".join(slot.text(row.text).split()) == "".join(node.words()), row.text


def substituted(row: Example, *others: Example, seed: int = 0) -> Example:
    return substitute_slot_values([row], seed=seed, probability=1.0, values=SlotValues(others))[0]


def test_value_is_swapped_and_the_rest_moves() -> None:
    row = example("call Ann at 7pm now", "[IN:A [SL:C Ann ] [SL:D at 7 pm ] ]")
    other = example("ring Bobby Lee", "[IN:A [SL:C Bobby Lee ] ]")
    new = substituted(row, other)
    assert new.text == "call Bobby Lee at 7pm now"
    assert new.slots == (SlotSpan("C", ((5, 14),)), SlotSpan("D", ((15, 21),)))
    assert format_tree(new.tree) == "[IN:A [SL:C Bobby Lee ] [SL:D at 7 pm ] ]"  # type: ignore[arg-type]


def switched(rows: Sequence[Example], seed: int = 0, probability: float = 1.0) -> list[Example]:
    return augmented_copy(rows, seed=seed, code_switching=probability)


def test_code_switching_takes_values_of_other_languages_only() -> None:
    english = example("call Ann Lee now", "[IN:A [SL:C Ann Lee ] ]")
    german = example("ruf Bernd an", "[IN:A [SL:C Bernd ] ]", locale="de_DE")
    french = example("appelle Chloé", "[IN:A [SL:C Chloé ] ]", locale="fr")
    seen = {switched([english, german, french], seed)[0].text for seed in range(20)}
    assert seen == {"call Bernd now", "call Chloé now"}
    new = switched([english, german], seed=1)
    assert [row.text for row in new] == ["call Bernd now", "ruf Ann Lee an"]
    assert [row.locale for row in new] == ["en", "de_DE"]
    check_consistent(new)


def test_code_switching_keeps_what_other_languages_have_no_value_for() -> None:
    english = example("call Ann at noon", "[IN:A [SL:C Ann ] [SL:D at noon ] ]")
    nested = example(
        "ruf meine Mutter an",
        "[IN:A [SL:C [IN:GET_CONTACT [SL:CONTACT_RELATED meine ] [SL:TYPE_RELATION Mutter ] ] ] ]",
        locale="de",
    )
    assert switched([english, nested]) == [english, nested]
    assert switched([english, english]) == [english, english]


def test_code_switching_comes_after_substitution_and_changes_nothing_in_it() -> None:
    rows = [*generate(60, language="en"), *generate(60, language="de")]
    step = substitute_slot_values(rows, seed=4, probability=0.5)
    both = augmented_copy(rows, seed=4, substitution=0.5, code_switching=0.3)
    changed = [row for row, old in zip(both, step, strict=True) if row != old]
    assert 10 < len(changed) < 80
    check_consistent(both)


def test_several_values_are_swapped_together() -> None:
    row = example("call Ann at 7pm", "[IN:A [SL:C Ann ] [SL:D at 7 pm ] ]")
    other = example("x Jo y noon", "[IN:A [SL:C Jo ] [SL:D noon ] ]")
    new = substituted(row, other)
    assert new.text == "call Jo noon"
    assert new.slots == (SlotSpan("C", ((5, 7),)), SlotSpan("D", ((8, 12),)))


def test_slot_around_a_swapped_one_keeps_its_pieces() -> None:
    row = example("die Blumen morgen gießen", "[IN:A [SL:T die Blumen gießen ] [SL:D morgen ] ]")
    other = example("x heute Abend", "[IN:A [SL:D heute Abend ] ]")
    new = substituted(row, other)
    assert new.text == "die Blumen heute Abend gießen"
    assert new.slots == (SlotSpan("T", ((0, 10), (23, 29))), SlotSpan("D", ((11, 22),)))


def test_slots_of_several_pieces_stay() -> None:
    row = example("buy some milk", "[IN:A [SL:T buy milk ] ]")
    other = example("x sleep", "[IN:A [SL:T sleep ] ]")
    assert substituted(row, other) == row


def test_capital_is_carried_over_at_the_start() -> None:
    row = example("Tomorrow rain?", "[IN:A [SL:D Tomorrow ] ]")
    other = example("rain next week", "[IN:A [SL:D next week ] ]")
    new = substituted(row, other)
    assert new.text == "Next week rain?"
    assert format_tree(new.tree) == "[IN:A [SL:D Next week ] ]"  # type: ignore[arg-type]


def test_capitalised_value_from_a_start_is_not_offered() -> None:
    row = example("rain tomorrow", "[IN:A [SL:D tomorrow ] ]")
    other = example("Today rain?", "[IN:A [SL:D Today ] ]")
    assert substituted(row, other) == row


def test_value_comes_from_the_same_language() -> None:
    row = example("call Ann", "[IN:A [SL:C Ann ] ]", locale="en_XX")
    other = example("ruf Bernd", "[IN:A [SL:C Bernd ] ]", locale="de_XX")
    assert substituted(row, other) == row


def test_value_comes_from_the_same_intent_where_it_has_enough() -> None:
    row = example("call Ann", "[IN:A [SL:C Ann ] ]")
    same = [example(f"x {name}", f"[IN:A [SL:C {name} ] ]") for name in ("B", "D", "E", "F")]
    other = example("x Z", "[IN:OTHER [SL:C Z ] ]")
    texts = {substituted(row, other, *same, seed=seed).text for seed in range(60)}
    assert texts == {"call B", "call D", "call E", "call F"}


def test_value_comes_from_another_intent_where_it_has_too_few() -> None:
    row = example("call Ann", "[IN:A [SL:C Ann ] ]")
    other = example("x Z", "[IN:OTHER [SL:C Z ] ]")
    assert substituted(row, other).text == "call Z"


def test_nested_value_does_not_take_the_place_of_a_plain_one() -> None:
    # The word `call` stands outside the tree's words, so `Ann` alone would be no TODO.
    row = example("remind me to buy milk", "[IN:A [SL:TODO buy milk ] ]")
    other = example("remind me to call Ann", "[IN:A [SL:TODO [IN:CALL [SL:C Ann ] ] ] ]")
    assert substituted(row, other) == row
    assert substituted(other, row) == other


def test_nested_value_takes_the_place_of_one_with_the_same_intent() -> None:
    row = example("remind me to call Bob", "[IN:A [SL:TODO [IN:CALL [SL:C Bob ] ] ] ]")
    other = example("remind me to call Ann", "[IN:A [SL:TODO [IN:CALL [SL:C Ann ] ] ] ]")
    new = substituted(row, other)
    assert (new.text, new.tree) == (other.text, other.tree)


def test_examples_without_a_tree_are_substituted_too() -> None:
    row = Example("call Ann", "A", (SlotSpan("C", ((5, 8),)),))
    other = Example("ring Bo", "A", (SlotSpan("C", ((5, 7),)),))
    new = substituted(row, other)
    assert (new.text, new.slots, new.tree) == ("call Bo", (SlotSpan("C", ((5, 7),)),), None)


def test_examples_without_slots_found_stay() -> None:
    row = Example("call Ann", "A", None, problem="lost")
    assert substitute_slot_values([row], seed=0, probability=1.0) == [row]
    assert distort_examples([row], seed=0, probability=1.0) == [row]


@pytest.mark.parametrize("language", ["en", "de", "hi", "th"])
def test_substitution_keeps_text_spans_and_tree_together(language: str) -> None:
    examples = generate(300, language=language)
    new = substitute_slot_values(examples, seed=1, probability=0.7)
    assert sum(old.text != row.text for old, row in zip(examples, new, strict=True)) > 200
    check_consistent(new)


@pytest.mark.parametrize("language", ["en", "de", "hi", "th"])
def test_distortion_keeps_text_spans_and_tree_together(language: str) -> None:
    examples = generate(300, language=language)
    new = distort_examples(examples, seed=1, probability=0.4)
    assert sum(old.text != row.text for old, row in zip(examples, new, strict=True)) > 200
    check_consistent(new)


def test_distortion_keeps_the_words_of_nested_slots_apart() -> None:
    row = example(
        "call my brother Leonard",
        "[IN:A [SL:C [IN:GET_CONTACT [SL:CONTACT_RELATED my ] [SL:TYPE_RELATION brother ] "
        "[SL:CONTACT Leonard ] ] ] ]",
    )
    new = distort_characters(row, probability=1.0, rng=random.Random(3))
    assert new.slots is not None and new.tree is not None
    assert new.text.split()[2:] == new.tree.words()[1:]
    assert new.text.split()[2:] != ["brother", "Leonard"]


@pytest.mark.parametrize("function", [substitute_slot_values, distort_examples])
def test_same_seed_gives_the_same_result(function) -> None:
    examples = generate(100)
    assert function(examples, seed=5, probability=0.5) == function(
        examples, seed=5, probability=0.5
    )
    assert function(examples, seed=5, probability=0.5) != function(
        examples, seed=6, probability=0.5
    )


@pytest.mark.parametrize("function", [substitute_slot_values, distort_examples])
def test_probability_zero_changes_nothing(function) -> None:
    examples = generate(50)
    assert function(examples, seed=0, probability=0.0) == examples


@pytest.mark.parametrize("function", [substitute_slot_values, distort_examples])
@pytest.mark.parametrize("probability", [-0.1, 1.5])
def test_probability_out_of_range_is_refused(function, probability: float) -> None:
    with pytest.raises(ValueError, match="`probability` must be from 0 to 1"):
        function([], seed=0, probability=probability)


def test_first_letters_short_words_digits_and_marks_stay() -> None:
    rng = random.Random(0)
    for _ in range(200):
        new = distort_text("at 12345 weather, ok!", probability=1.0, rng=rng)
        assert new.startswith("at 12345 w") and new.endswith(", ok!")
        assert new != "at 12345 , ok!"


def test_one_error_a_word() -> None:
    rng = random.Random(1)
    for _ in range(200):
        new = distort_text("weather", probability=1.0, rng=rng)
        assert abs(len(new) - 7) <= 1
        changed = sum(a != b for a, b in zip(new, "weather", strict=False))
        assert len(new) != 7 or changed <= 2


def test_all_four_kinds_of_errors_happen() -> None:
    rng = random.Random(2)
    results = {distort_text("abcdef", probability=1.0, rng=rng) for _ in range(500)}
    assert {"acdef", "acbdef"} <= results  # left out, swapped
    assert "abxdef" in results  # x is beside c
    assert any(len(result) == 7 for result in results)  # one more


def test_combining_marks_stay_with_their_letter() -> None:
    # कि खि गि घि without the vowel sign never appear on their own.
    rng = random.Random(3)
    for _ in range(200):
        new = distort_text("किखिगिघि", probability=1.0, rng=rng)
        assert len(new) % 2 == 0
        assert set(new[1::2]) == {"ि"}


def test_an_error_does_not_reach_over_the_edge_of_a_slot() -> None:
    row = example("recuérdame mañana", "[IN:A [SL:P me ] [SL:D mañana ] ]", locale="es")
    rng = random.Random(4)
    for _ in range(100):
        new = distort_characters(row, probability=1.0, rng=rng)
        check_consistent([new])
        assert new.slots is not None
        assert new.slots[0].text(new.text) == "me"


def test_locales_of_one_language_are_one_language_for_values() -> None:
    rows = [
        Example(f"ruf {name} an", "C", (SlotSpan("WHO", ((4, 7),)),), locale=locale)
        for name, locale in (("Ann", "de-DE"), ("Bob", "de_AT"), ("Eve", "de"), ("Zoe", "DE"))
    ]
    values = SlotValues(rows)
    assert len(values.candidates(rows[0], rows[0].slots[0])) == 4
    assert not values.other_languages.candidates(rows[0], rows[0].slots[0])
