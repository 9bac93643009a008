"""Weights of the bag head in closed form: which rows they are right for, and how much the encoder weighs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks import bag_solution
from pqrnn_tf.tasks.bag_solution import (
    choose_encoder_weight,
    solve_bag_head,
    weight_by_rows,
    words_of_name,
)
from pqrnn_tf.tasks.intent_solution import SOLVED_WEIGHT, usual_weight
from pqrnn_tf.tasks.label_collection import collect_labels

SPEC = ProjectionSpec(word_features=128, ngram_features=256, ngram_hashes=2, max_tokens=16)
ROWS = [
    Example(text, intent, ())
    for text, intent in [
        ("play some jazz", "PlayMusic"),
        ("play the new song", "PlayMusic"),
        ("put on a record", "PlayMusic"),
        ("will it rain today", "weather/ask"),
        ("is it sunny outside", "weather/ask"),
        ("wake me at seven", "set_alarm"),
        ("ring at half past six", "set_alarm"),
    ]
]


@pytest.fixture(autouse=True)
def few_invented_words(monkeypatch):
    monkeypatch.setattr(bag_solution, "INVENTED_WORDS", 600)


def intents(rows, texts, spec=SPEC, labels=None, **arguments):
    labels = labels or collect_labels(rows)
    kernel, bias, _ = solve_bag_head(rows, labels, spec, **arguments)
    assert kernel.shape == (spec.features, len(labels.intents))
    features, lengths, *_ = project_strings(tf.constant([to_bytes(t) for t in texts]), spec)
    bag = features.numpy().astype(np.float32).sum(axis=1)
    bag /= np.sqrt(np.maximum(lengths.numpy(), 1))[:, None]
    return [labels.intents[i] for i in (bag @ kernel + bias).argmax(axis=1)]


def test_rows_and_new_texts_get_their_intents():
    assert intents(ROWS, [row.text for row in ROWS]) == [row.intent for row in ROWS]
    texts = ["play a song", "rainy and sunny", "wake me at six"]
    assert intents(ROWS, texts) == ["PlayMusic", "weather/ask", "set_alarm"]


def test_one_row_per_intent_is_enough_for_an_answer():
    rows = [ROWS[0], ROWS[3], ROWS[5]]
    assert intents(rows, [row.text for row in rows]) == [row.intent for row in rows]


def test_a_low_rank_keeps_the_most_of_the_words():
    labels = collect_labels(ROWS)
    full = solve_bag_head(ROWS, labels, SPEC)
    kernel, bias, down = solve_bag_head(ROWS, labels, SPEC, rank=2)
    assert kernel.shape == (2, 3) and down.shape == (SPEC.features, 2)
    np.testing.assert_allclose(bias, full.bias)
    # Three intents less their mean are a plane, so that two components hold all that decides.
    centred = full.kernel - full.kernel.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(down @ kernel, centred, atol=0.05 * np.abs(centred).max())
    assert solve_bag_head(ROWS, labels, SPEC, rank=3).down is None


def test_words_of_an_intents_name_count():
    assert intents(ROWS, ["music", "weather", "alarm"]) == ["PlayMusic", "weather/ask", "set_alarm"]


def test_a_language_without_spaces():
    rows = [
        Example(text, intent, ())
        for text, intent in [
            ("播放音乐", "音乐"),
            ("放一首歌", "音乐"),
            ("今天下雨吗", "天气"),
            ("明天天气怎么样", "天气"),
        ]
    ]
    assert intents(rows, ["播放一首歌", "明天下雨吗"]) == ["音乐", "天气"]


def test_the_same_seed_gives_the_same_weights():
    first, second, other = (
        solve_bag_head(ROWS, collect_labels(ROWS), SPEC, seed=s) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.kernel, second.kernel)
    np.testing.assert_array_equal(first.bias, second.bias)
    assert np.abs(first.kernel - other.kernel).max() > 0


def test_rows_of_other_intents_and_none_are_left_out():
    labels = collect_labels(ROWS)
    more = [*ROWS, Example("play", "other", ()), Example("jazz", "", ())]
    first, second = solve_bag_head(ROWS, labels, SPEC), solve_bag_head(more, labels, SPEC)
    np.testing.assert_array_equal(first.kernel, second.kernel)


@pytest.mark.parametrize("rows", [ROWS[:2], []], ids=len)
def test_fewer_than_two_intents_are_answered_by_the_encoder(rows):
    labels = collect_labels(ROWS)
    kernel, bias, _ = solve_bag_head(rows, labels, SPEC)
    assert not kernel.any() and not bias.any()


def test_an_intent_without_rows_is_never_said():
    labels = collect_labels([*ROWS, Example("x", "never", ())])
    assert "never" not in intents(ROWS, ["", "zzz", "never play"], labels=labels)


def test_two_intents():
    rows = ROWS[:5]
    assert intents(rows, [row.text for row in rows]) == [row.intent for row in rows]


def test_weights_of_rows_decide_where_rows_contradict_each_other():
    rows = [*ROWS, Example("stop", "PlayMusic", ()), Example("stop", "set_alarm", ())]
    weights = np.ones(len(rows))
    for light, heavy in ((-1, "PlayMusic"), (-2, "set_alarm")):
        own = weights.copy()
        own[light] = 0.01
        assert intents(rows, ["stop"], weights=own) == [heavy]


def test_more_rows_than_the_limit_are_drawn(monkeypatch):
    monkeypatch.setattr(bag_solution, "MAX_ROWS", 4)
    seen = []
    whole = bag_solution._TokenTfidf.__init__

    def watched(self, rows, *arguments):
        seen.append(len(rows))
        whole(self, rows, *arguments)

    monkeypatch.setattr(bag_solution._TokenTfidf, "__init__", watched)
    solve_bag_head(ROWS, collect_labels(ROWS), SPEC)
    assert 4 < seen[0] <= 4 + 3  # and one row per intent's name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PlayMusic", ["play", "music"]),
        ("card_arrival", ["card", "arrival"]),
        ("IN:GET_WEATHER", ["in", "get", "weather"]),
        ("FindTVShow", ["find", "tv", "show"]),
        ("hue/lights-on", ["hue", "lights", "on"]),
        ("set alarm", ["set", "alarm"]),
        ("42", []),
    ],
)
def test_words_of_a_name(name, words):
    assert words_of_name(name) == words


def logits(right, rows=100, margin=1.0):
    """Logits of two intents; of the first `right` rows the first one, which is true, is higher."""
    values = np.zeros((rows, 2))
    values[np.arange(rows), (np.arange(rows) >= right).astype(int)] = margin
    return values


TRUE = np.zeros(100, int)


def test_without_a_clear_winner_the_usual_weight_stays():
    encoder, bag = logits(52), logits(50)
    assert choose_encoder_weight(encoder, bag, TRUE, usual=0.05) == 0.05


def test_without_development_rows_of_known_intents_the_usual_weight_stays():
    assert choose_encoder_weight(logits(90), logits(10), TRUE - 1, usual=0.8) == 0.8


def test_the_weight_that_is_clearly_best_is_taken():
    # The bag is right in 80 rows and wrong in 20, of which the encoder makes up for all but one.
    bag, encoder = logits(80, margin=4.0), np.zeros((100, 2))
    encoder[80:99, 0] = 2.0
    assert choose_encoder_weight(encoder, bag, TRUE, usual=0.8) == 12.8


def test_a_few_rows_do_not_change_the_usual_weight():
    bag, encoder = logits(8, rows=10, margin=4.0), np.zeros((10, 2))
    encoder[8:9, 0] = 2.0
    assert choose_encoder_weight(encoder, bag, TRUE[:10], usual=0.8) == 0.8


def test_a_head_that_only_harms_is_to_go():
    assert choose_encoder_weight(logits(90), 100.0 * logits(40), TRUE, usual=0.8) is None


@pytest.mark.parametrize(("each", "expected"), [(1, 0.4), (4, 0.8), (100, 4.0), (2000, 6.4)])
def test_the_encoder_weighs_more_the_more_rows_an_intent_has(each, expected):
    rows = [Example("play music", "play", ()), Example("wake me", "wake", ())] * each
    assert weight_by_rows(rows) == pytest.approx(expected)


def test_a_configured_weight_stays_and_solved_heads_have_their_own():
    rows = [Example("play music", "play", ())] * 100
    assert usual_weight(rows, solved=False, configured=0.7) == 0.7
    assert usual_weight(rows, solved=False, configured=0.0) == weight_by_rows(rows)
    assert usual_weight(rows, solved=True, configured=0.0) == SOLVED_WEIGHT
