"""Requests keep their parse when they are written as people write them. On the models of the package; no TensorFlow."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from pqrnn_tf.datasets import SURFACE_FORMS, Example, OpenSlots, Rewriting, SlotSpan, write_as
from pqrnn_tf.runtime import load, pretrained_models
from pqrnn_tf.runtime.folding import FOLDED

MTOP = ("mtop_en_500kb", "mtop_en_1mb", "mtop_en_2mb")
published = functools.cache(load)


def row(text: str, intent: str, **slots: str) -> Example:
    spans = sorted((text.index(value), name, value) for name, value in slots.items())
    found = tuple(SlotSpan(name, ((at, at + len(value)),)) for at, name, value in spans)
    return Example(text, intent, found, locale="en")


SNIPS_ROWS = [
    row("play music by adele on spotify", "PlayMusic", artist="adele", service="spotify"),
    row("add this song to my road trip playlist", "AddToPlaylist", music_item="song",
        playlist_owner="my", playlist="road trip"),
    row("book a table for two in boston", "BookRestaurant", party_size_number="two", city="boston"),
    row("what is the weather in paris tomorrow", "GetWeather", city="paris", timeRange="tomorrow"),
    row("is it going to snow in denver tonight", "GetWeather", condition_description="snow",
        city="denver", timeRange="tonight"),
    row("find a song called imagine", "SearchCreativeWork", object_type="song",
        object_name="imagine"),
]  # fmt: skip
MTOP_ROWS = [
    row("Set an alarm for 7 am", "CREATE_ALARM", DATE_TIME="for 7 am"),
    row("Play some jazz", "PLAY_MUSIC", MUSIC_GENRE="jazz"),
    row("Call Anna on WhatsApp", "CREATE_CALL", CONTACT="Anna", NAME_APP="WhatsApp"),
    row("What is the weather in Paris tomorrow", "GET_WEATHER", LOCATION="Paris",
        DATE_TIME="tomorrow"),
    row("Pause the music", "PAUSE_MUSIC", MUSIC_TYPE="music"),
    row("Start a timer for 10 minutes", "CREATE_TIMER", METHOD_TIMER="timer",
        DATE_TIME="for 10 minutes"),
]  # fmt: skip
ROWS = {
    name: SNIPS_ROWS if name == "snips" else MTOP_ROWS
    for name in ("snips", *MTOP)
    if name in pretrained_models() and published(name).spec.version >= FOLDED
}
"""Requests of the models that were trained on all ways of writing."""
pytestmark = pytest.mark.skipif(not ROWS, reason="no published model was trained on them")
NO_NAMES = OpenSlots({}, frozenset(), frozenset())
FORMS = [form for form in SURFACE_FORMS if form != "invented_values"]
SEEDS = (1, 2, 3)
MOST_WRONG = {"words_split": 0.3, "emoji_between": 0.2}
"""Share of the requests in a form that may have another parse, where it is not `ELSEWHERE`."""
ELSEWHERE = 0.1
EMOJI = ["🎉", "😂😂😂", "👩‍🚀", "🇳🇵", "👍🏽", "❤️", "🫠"]


def errors(edit: Callable[[Rewriting], Rewriting]) -> list[str]:
    """What the models say that is wrong where requests are written in another way."""
    wrong = []
    for name, rows in ROWS.items():
        for row in rows:
            example = edit(Rewriting.of(row)).example()
            parse = published(name)(example.text)
            found = {(slot.name, slot.start, slot.end) for slot in parse.slots}
            true = {(slot.name, slot.start, slot.end) for slot in example.slots or ()}
            if (parse.intent, found) != (row.intent, true):
                wrong.append(f"{name}: {example.text!r} → {parse.tree}")
    return wrong


def after(end: str) -> Callable[[Rewriting], Rewriting]:
    return lambda row: row.edited([(len(row.text), len(row.text), end)])


def before(start: str) -> Callable[[Rewriting], Rewriting]:
    return lambda row: row.edited([(0, 0, start)])


def test_the_requests_are_understood_as_they_are():
    assert errors(lambda row: row) == []


ENDS = [".", "!", "?", "!!", "...", "…", " .", "!!!!", "?!", "。", ", please", ", thanks!"]


@pytest.mark.parametrize("end", ENDS)
def test_a_full_stop_became_a_playlist_or_part_of_the_artist(end):
    assert errors(after(end)) == []


# Case 24: an emoji was an artist.
@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_was_an_artist(emoji):
    assert errors(after(f" {emoji}")) + errors(after(emoji)) + errors(before(f"{emoji} ")) == []


@pytest.mark.parametrize("name", [name for name in MTOP if name in ROWS])
def test_quotation_marks_and_an_emoji_were_slots_of_music(name):
    for quotes in ("“”", '""', "«»"):
        text = f"play {quotes[0]}thriller{quotes[1]} by jackson on spotify 🎉"
        parse = published(name)(text)
        said = {slot.name: slot.text for slot in parse.slots}
        assert parse.intent == "PLAY_MUSIC", text
        assert said["MUSIC_ARTIST_NAME"] == "jackson", parse.tree
        assert not any(sign in words for words in said.values() for sign in (*quotes, "🎉")), (
            parse.tree
        )


# Case 24: nonsense was "send message, 1.4 %".
@pytest.mark.parametrize("name", [name for name in ("mtop_en_1mb", "mtop_en_2mb") if name in ROWS])
@pytest.mark.parametrize("text", ["asdf qwer zxcv", "blorf snazzle gribbit"])
def test_nonsense_was_an_answer(name, text):
    assert published(name)(text).intent is None


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_writing_changed_the_parse(form):
    def written(seed: int) -> Callable[[Rewriting], Rewriting]:
        return lambda row: write_as([row.source], form, seed=seed, open_slots=NO_NAMES)[0]

    wrong = [error for seed in SEEDS for error in errors(written(seed))]
    most = MOST_WRONG.get(form, ELSEWHERE)
    assert len(wrong) <= most * len(SEEDS) * sum(map(len, ROWS.values())), wrong
