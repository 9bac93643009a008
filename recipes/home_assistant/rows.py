"""Training rows: sentences drawn from Home Assistant's templates, and requests that are none of its business."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import random
from collections.abc import Collection, Iterable, Sequence

from pqrnn_tf.datasets.expressions import Sampled, draw_new, slot_nodes
from pqrnn_tf.datasets.formats.home_assistant import HomeAssistantTemplate
from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example, SlotSpan
from recipes.home_assistant.carriers import carried, swapped
from recipes.home_assistant.names import NAMED, Names

FEWEST_OF_INTENT = 300
"""Rows that an intent gets at least, if its templates have so many texts."""
FEWEST_OF_FEW = 150
"""Rows that an intent gets at least; where its templates have fewer texts, texts come again."""
FEWEST_OF_OPEN = 1 / 16
"""The least share of the rows for an intent with a slot that may be anything: it takes many to learn its ends."""
CARRIED = 0.3
"""Share of the rows with a phrase around them."""
BARE = 0.4
"""Share of the texts that come again which have no phrase around them."""
MEASURED_WITH = 2_000
"""General sentences of a language, its last ones, that no training row is of."""
_NEAR = frozenset(
    {
        "alarm",
        "alarm_query",
        "alarm_remove",
        "alarm_set",
        "audio_volume_down",
        "audio_volume_mute",
        "audio_volume_other",
        "audio_volume_up",
        "cancel",
        "change_volume",
        "date",
        "datetime_query",
        "greeting",
        "lists_createoradd",
        "lists_query",
        "lists_remove",
        "music_likeness",
        "next_song",
        "play_music",
        "play_radio",
        "reminder",
        "reminder_update",
        "repeat",
        "shopping_list",
        "shopping_list_update",
        "smart_home",
        "time",
        "timer",
        "todo_list",
        "todo_list_update",
        "update_playlist",
        "weather",
        "weather_query",
        "what_can_i_ask_you",
        "what_song",
        "who_made_you",
    }
)
"""Intents of other corpora that are a house's business too, or nearly."""
SWAPPED = 0.15
"""Share of the rows with two letters swapped, beside the errors that training itself makes."""
_DRAWS = 20
_COMMANDS = ("HassTurnOn", "HassTurnOff", "HassLightSet", "HassSetPosition", "HassMediaPause")
"""Intents whose sentences are what a timer may have to do."""
_COMMAND = "timer_command"


def held_out_templates(
    templates: Sequence[HomeAssistantTemplate], *, share: float, seed: int = 0
) -> set[str]:
    """Sources of some templates of each intent, for development rows where there are no sentences to test with.

    Args:
        templates: All templates.
        share: Share of the templates of each intent; of an intent with a single one none is held out.
        seed: Any integer.

    Returns:
        Sources. Which templates they are of does not depend on where the folder stands.
    """
    by_intent: dict[str, list[str]] = {}
    for template in templates:
        by_intent.setdefault(template.intent, []).append(template.source)
    every = [source for sources in by_intent.values() for source in sources]
    root = len(os.path.commonpath([source.rpartition(":")[0] for source in every])) if every else 0
    held: set[str] = set()
    for sources in by_intent.values():
        order = sorted(
            sources, key=lambda s: hashlib.sha256(f"{seed} {s[root:]}".encode()).digest()
        )
        held.update(order[: min(round(share * len(order)), len(order) - 1)])
    return held


def has_open_slot(template: HomeAssistantTemplate) -> bool:
    """Whether a template has a slot that may be anything, and is no name of the house."""
    return any(
        node.values is None and node.list_name not in NAMED for node in slot_nodes(template.node)
    )


def draw_rows(
    templates: Sequence[HomeAssistantTemplate],
    names: Names,
    *,
    rows: int,
    seed: int,
    around: float = CARRIED,
    commands: Sequence[HomeAssistantTemplate] = (),
    whole_words: bool = True,
) -> list[Example]:
    """Rows of some templates, as many of each as of any other.

    Args:
        templates: The templates.
        names: What fills the lists that they leave open.
        rows: About so many rows; an intent gets at least `FEWEST_OF_INTENT` where it has so many texts,
            `FEWEST_OF_FEW` where not, and the share `FEWEST_OF_OPEN` if a slot of it may be anything.
        seed: Seed of what is drawn.
        around: Share of the rows with a phrase around them; 0 also leaves every letter in its place.
        commands: Templates whose sentences fill `{timer_command}`; none for those of `templates`.
        whole_words: Whether a slot grows to the words that it cuts, as tags of words need it.

    Returns:
        Rows, each with the source of its template. Texts are different where `around` is 0; otherwise those of a
        template that has few come again.
    """
    rng = random.Random(seed)
    by_intent: dict[str, list[HomeAssistantTemplate]] = {}
    for template in templates:
        by_intent.setdefault(template.intent, []).append(template)
    commands = [one for one in commands or templates if one.intent in _COMMANDS]
    each = max(1, rows // len(templates))

    def strange() -> str:
        return names.words(rng, 4)

    def written(row: Example) -> Example:
        if rng.random() < around:
            row = carried(row, rng, strange)
        if around and rng.random() < SWAPPED:
            row = dataclasses.replace(row, text=swapped(row.text, rng))
        return row

    made = []
    for intent, own in by_intent.items():
        fewest = FEWEST_OF_INTENT
        if any(map(has_open_slot, own)):
            fewest = max(fewest, round(FEWEST_OF_OPEN * rows))
        wanted = max(each, -(-fewest // len(own)))
        plain: dict[str, Example] = {}
        for template in own:
            few: list[Example] = []
            for _ in range(wanted):
                drawn = _drawn(template, names, rng, plain, commands, whole_words=whole_words)
                if drawn is None:
                    break
                row = _row(intent, drawn, names.language, template.source)
                plain[row.text] = row
                few.append(row)
                made.append(written(row))
            if few and around:
                # A few sentences that are all there is to say come again, as they are or in a phrase.
                for _ in range(-(-FEWEST_OF_FEW // len(own)) - len(few)):
                    row = pick(rng, few)
                    made.append(row if rng.random() < BARE else carried(row, rng, strange))
    return made


def _row(intent: str, drawn: Sampled, language: str, source: str) -> Example:
    slots = tuple(SlotSpan(name, ((start, end),)) for name, start, end in drawn.slots)
    return Example(drawn.text, intent, slots, locale=language, source=source, template=source)


def _drawn(
    template: HomeAssistantTemplate,
    names: Names,
    rng: random.Random,
    seen: Collection[str],
    commands: Sequence[HomeAssistantTemplate],
    *,
    whole_words: bool = True,
) -> Sampled | None:
    def values(name: str) -> tuple[str, ...]:
        if name == _COMMAND and commands and rng.random() < 0.8:
            command = _drawn(pick(rng, commands), names, rng, set(), ())
            if command is not None:
                return (command.text,)
        return (names.value(name, template.domains, rng),)

    for _ in range(_DRAWS):
        drawn = draw_new(
            template.node, rng, seen, draws=_DRAWS, language=names.language, values=values
        )
        if drawn is None:
            return None
        whole = drawn.whole_words()
        if whole is not None and whole.text:  # two slots in a word, as in `Liebeslieder-playlist`
            return whole if whole_words else drawn
    return None


def outside_rows(texts: Iterable[str], language: str, *, rows: int, seed: int) -> list[Example]:
    """Rows that belong to no intent.

    Args:
        texts: General sentences and requests for something else.
        language: Language of the model.
        rows: At most so many.
        seed: Seed of the choice.
    """
    chosen = sorted({text.strip() for text in texts} - {""})
    random.Random(seed).shuffle(chosen)
    return [
        Example(text, OUT_OF_SCOPE, (), locale=language, source="outside") for text in chosen[:rows]
    ]


def foreign_requests(rows: Iterable[Example]) -> list[str]:
    """The texts of another corpus' rows whose intent is none that a house has."""
    return [row.text for row in rows if row.intent not in _NEAR]


def read_sentences(folder: pathlib.Path, language: str) -> list[str]:
    """General sentences of a language, one per line of `FOLDER/LANGUAGE.txt`; none where there is no such file."""
    path = folder / f"{language}.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
