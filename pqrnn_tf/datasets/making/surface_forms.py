"""A labelled row written as people write it: the table of all forms, and how a training draws from them.

The corpora have one style each, users have all of them: a full stop or none, capitals, an emoji, `please`, what a
recogniser of speech makes of it. A form changes how a request is written and never what it asks for; slots and tree
are carried along (`making.rewriting`).
"""

from __future__ import annotations

import dataclasses
import functools
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pqrnn_tf.datasets.making.chance import pick_weighted
from pqrnn_tf.datasets.making.forms import (
    boundaries,
    casing,
    chat,
    emoji,
    ends,
    politeness,
    quotes,
    speech,
    typography,
    unknown,
)
from pqrnn_tf.datasets.making.forms.names import OpenSlots, invented_values, language_of
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example

Writer = Callable[[Rewriting, random.Random, str], Rewriting]


@dataclasses.dataclass(frozen=True)
class SurfaceForm:
    """One way to write a request.

    Attributes:
        kind: What it is about; a row gets at most one form of each kind, in the order of `SURFACE_FORMS`.
        write: Writes a row so: `(rewriting, source of chance, language)`. Where there is nothing to change it gives
            the rewriting back. `None` for the one that also needs to know which slots are open.
        weight: How likely it is drawn in a training, in proportion to the others; 0 for one that is only measured.
    """

    kind: str
    write: Writer | None
    weight: float


SURFACE_FORMS: Mapping[str, SurfaceForm] = {
    # Names that training never saw.
    "invented_values": SurfaceForm("values", None, 1.6),
    # How the words are written.
    "abbreviations": SurfaceForm("words", chat.abbreviations, 1.4),
    "missing_apostrophes": SurfaceForm("words", chat.missing_apostrophes, 0.4),
    "missing_accents": SurfaceForm("words", chat.missing_accents, 0.3),
    "drawn_out": SurfaceForm("words", chat.drawn_out, 0.3),
    "spelled_letters": SurfaceForm("words", speech.spelled_letters, 0.3),
    "words_joined": SurfaceForm("boundaries", boundaries.words_joined, 0.8),
    "words_hyphenated": SurfaceForm("boundaries", boundaries.words_hyphenated, 0.25),
    "words_split": SurfaceForm("boundaries", boundaries.words_split, 0.8),
    # As a recogniser of speech writes.
    "lower_case_no_punctuation": SurfaceForm("speech", speech.lower_case_no_punctuation, 0.6),
    "spoken": SurfaceForm("speech", speech.spoken, 0.7),
    "spoken_with_pauses": SurfaceForm("speech", speech.spoken_with_pauses, 0.5),
    "spoken_numbers": SurfaceForm("speech", speech.spoken_numbers, 0.3),
    "digits": SurfaceForm("speech", speech.digits, 0.3),
    "no_punctuation": SurfaceForm("speech", speech.no_punctuation, 0.2),
    "filled_pauses": SurfaceForm("speech", speech.filled_pauses, 0.9),
    "repeated_words": SurfaceForm("speech", speech.repeated_words, 0.6),
    # Marks round the values of slots.
    "straight_quotes": SurfaceForm("quotes", quotes.quoted(quotes.STRAIGHT), 0.7),
    "curly_quotes": SurfaceForm("quotes", quotes.quoted(quotes.CURLY), 0.5),
    "angle_quotes": SurfaceForm("quotes", quotes.quoted(quotes.ANGLE), 0.4),
    "brackets": SurfaceForm("quotes", quotes.quoted(quotes.BRACKETS), 0.4),
    "quoted_request": SurfaceForm("quotes", quotes.quoted_request, 0.3),
    "marked_value": SurfaceForm("quotes", chat.marked_value, 0.3),
    # Phrases before and after.
    "greeting_before": SurfaceForm("before", politeness.greeting_before, 0.5),
    "opener_before": SurfaceForm("before", politeness.opener_before, 0.6),
    "please_before": SurfaceForm("before", politeness.please_before, 0.5),
    "ask_before": SurfaceForm("before", politeness.ask_before, 0.7),
    "name_before": SurfaceForm("before", politeness.named_before, 0.5),
    "mention_before": SurfaceForm("before", chat.mention_before, 0.25),
    "closer_after": SurfaceForm("after", politeness.closer_after, 1.5),
    "please_after": SurfaceForm("after", politeness.please_after, 0.4),
    "name_after": SurfaceForm("after", politeness.named_after, 0.5),
    "mention_after": SurfaceForm("after", chat.mention_after, 0.25),
    "hashtags_after": SurfaceForm("after", chat.hashtags_after, 0.4),
    # What nobody has heard.
    "unknown_word_before": SurfaceForm("unknown", unknown.unknown_before(unknown.any_word), 0.5),
    "unknown_word_after": SurfaceForm("unknown", unknown.unknown_after(unknown.any_word), 0.6),
    "unknown_word_between": SurfaceForm("unknown", unknown.unknown_between(unknown.any_word), 0.3),
    "other_script_before": SurfaceForm("unknown", unknown.unknown_before(unknown.any_script), 0.3),
    "other_script_after": SurfaceForm("unknown", unknown.unknown_after(unknown.any_script), 0.4),
    "signs_before": SurfaceForm("unknown", unknown.unknown_before(unknown.any_symbols), 0.25),
    "signs_after": SurfaceForm("unknown", unknown.unknown_after(unknown.any_symbols), 0.5),
    "signs_between": SurfaceForm("unknown", unknown.unknown_between(unknown.any_symbols), 0.4),
    # Punctuation between words, then at the end.
    "commas": SurfaceForm("inner marks", ends.commas, 0.6),
    "inner_marks": SurfaceForm("inner marks", ends.inner_marks, 0.6),
    "no_inner_marks": SurfaceForm("inner marks", ends.no_inner_marks, 0.3),
    "no_final_mark": SurfaceForm("end", ends.with_end(("",)), 1.0),
    "full_stop": SurfaceForm("end", ends.with_end((".",)), 1.6),
    "question_mark": SurfaceForm("end", ends.with_end(("?",)), 0.7),
    "exclamation_mark": SurfaceForm("end", ends.with_end(("!",)), 0.8),
    "exclamation_marks": SurfaceForm("end", ends.with_end(ends.EXCLAMATIONS), 0.5),
    "mixed_marks": SurfaceForm("end", ends.with_end(ends.MIXED_MARKS), 0.3),
    "ellipsis": SurfaceForm("end", ends.with_end(ends.DOTS), 0.4),
    "foreign_stop": SurfaceForm("end", ends.with_end(ends.FOREIGN_STOPS), 0.4),
    "danda": SurfaceForm("end", ends.with_end(("।",)), 0.1),
    "other_end": SurfaceForm("end", ends.with_end(ends.OTHER_ENDS), 0.5),
    "inverted_marks": SurfaceForm("end", ends.inverted_marks, 0.3),
    # Upper and lower case.
    "lower_case": SurfaceForm("case", casing.lower_case, 0.5),
    "upper_case": SurfaceForm("case", casing.upper_case, 0.5),
    "title_case": SurfaceForm("case", casing.title_case, 0.3),
    "sentence_case": SurfaceForm("case", casing.sentence_case, 0.4),
    "sentence_case_only": SurfaceForm("case", casing.sentence_case_only, 0.2),
    "upper_case_word": SurfaceForm("case", casing.upper_case_word, 0.2),
    "swapped_case": SurfaceForm("case", casing.swapped_case, 0.05),
    "mixed_case": SurfaceForm("case", casing.mixed_case, 0.05),
    # Emoji.
    "emoji_before": SurfaceForm("emoji", emoji.emoji_before(emoji.any_emoji), 0.4),
    "emoji_after": SurfaceForm("emoji", emoji.emoji_after(emoji.any_emoji), 0.8),
    "emoji_between": SurfaceForm("emoji", emoji.emoji_between(emoji.any_emoji), 0.5),
    "several_emoji_after": SurfaceForm("emoji", emoji.emoji_after(emoji.several_emoji), 0.4),
    "several_emoji_before": SurfaceForm("emoji", emoji.emoji_before(emoji.several_emoji), 0.2),
    "joined_emoji_after": SurfaceForm("emoji", emoji.emoji_after(emoji.joined_emoji), 0.2),
    "skin_tone_after": SurfaceForm("emoji", emoji.emoji_after(emoji.skin_tone_emoji), 0.15),
    "flag_after": SurfaceForm("emoji", emoji.emoji_after(emoji.flag), 0.2),
    "keycap_after": SurfaceForm("emoji", emoji.emoji_after(emoji.keycap), 0.15),
    "emoticon_after": SurfaceForm("emoji", emoji.emoji_after(emoji.emoticon), 0.5),
    "emoticon_before": SurfaceForm("emoji", emoji.emoji_before(emoji.emoticon), 0.2),
    # The same text in other characters.
    "curly_apostrophes": SurfaceForm("characters", typography.curly_apostrophes, 0.15),
    "straight_apostrophes": SurfaceForm("characters", typography.straight_apostrophes, 0.05),
    "other_dashes": SurfaceForm("characters", typography.other_dashes, 0.05),
    "decomposed": SurfaceForm("characters", typography.decomposed, 0.05),
    "composed": SurfaceForm("characters", typography.composed, 0.05),
    "full_width": SurfaceForm("characters", typography.full_width, 0.05),
    "full_width_word": SurfaceForm("characters", typography.full_width_word, 0.05),
    "extra_spaces": SurfaceForm("spaces", typography.extra_spaces, 0.1),
    "tabs": SurfaceForm("spaces", typography.tabs, 0.05),
    "other_spaces": SurfaceForm("spaces", typography.other_spaces, 0.05),
    "invisible_characters": SurfaceForm("spaces", typography.invisible_characters, 0.05),
}
"""All forms by name, in the order in which several of them are applied to one row."""

_HOW_MANY = (1, 2, 3, 4)
_HOW_OFTEN = (0.5, 0.28, 0.15, 0.07)
_DRAWS = 3


def surface_copy(
    examples: Iterable[Example],
    *,
    seed: int,
    probability: float = 0.5,
    weights: Mapping[str, float] | None = None,
    open_slots: OpenSlots | None = None,
) -> list[Rewriting]:
    """Writes rows as people would, each in none, one or several forms.

    What a row becomes depends only on `seed` and its text, not on its neighbours.

    Args:
        examples: Rows; their language is that of `locale`, English where it is empty.
        seed: Any integer; another one in each pass.
        probability: How likely a row is written again; half of those in one form, the others in up to four.
        weights: Weights of forms by name, in the place of those in `SURFACE_FORMS`; 0 leaves a form out.
        open_slots: Which slots may hold names that nobody has heard; `None` for what `examples` themselves say.
            Give it where the function runs once a pass.

    Returns:
        As many rewritings as examples, in the same order; `Rewriting.example()` is the labelled row.

    Raises:
        ValueError: If `probability` is not from 0 to 1, or `weights` names a form that there is not or has a weight
            below 0.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"`probability` must be from 0 to 1. Received: {probability!r}.")
    table = _weights_by_kind(weights)
    examples = list(examples)
    if not probability or not table:
        return [Rewriting.of(example) for example in examples]
    if open_slots is None:
        open_slots = OpenSlots.of(examples) if "values" in table else _NO_SLOTS
    return [_written(example, seed, probability, table, open_slots) for example in examples]


_NO_SLOTS = OpenSlots({}, frozenset(), frozenset())

_Kinds = Mapping[str, tuple[Sequence[str], Sequence[float], float]]


def _weights_by_kind(weights: Mapping[str, float] | None) -> _Kinds:
    """For each kind, in the order of `SURFACE_FORMS`: its forms, their weights, and the sum of them."""
    given = dict(weights or {})
    _check_names(given, "weights")
    if wrong := {name: weight for name, weight in given.items() if not weight >= 0.0}:
        raise ValueError(f"`weights` must be 0 or more. Received: {wrong!r}.")
    kinds: dict[str, dict[str, float]] = {}
    for name, form in SURFACE_FORMS.items():
        if (weight := given.get(name, form.weight)) > 0.0:
            kinds.setdefault(form.kind, {})[name] = weight
    return {
        kind: (tuple(forms), tuple(forms.values()), sum(forms.values()))
        for kind, forms in kinds.items()
    }


def _check_names(names: Collection[str], argument: str) -> None:
    if unknown_names := sorted(set(names) - set(SURFACE_FORMS)):
        raise ValueError(
            f"`{argument}` must name forms of writing. Received: {', '.join(unknown_names)}. "
            f"There are: {', '.join(SURFACE_FORMS)}."
        )


def _written(
    example: Example, seed: int, probability: float, table: _Kinds, open_slots: OpenSlots
) -> Rewriting:
    rewriting = Rewriting.of(example)
    rng = _chance(seed, example)
    if rng.random() >= probability:
        return rewriting
    count = pick_weighted(rng, _HOW_MANY, _HOW_OFTEN)
    left = {kind: entry[2] for kind, entry in table.items()}
    chosen = set()
    for _ in range(min(count, len(left))):
        kind = pick_weighted(rng, tuple(left), tuple(left.values()))
        del left[kind]
        chosen.add(kind)
    for kind, (names, weights, _) in table.items():
        if kind in chosen:
            rewriting = _of_kind(rewriting, names, weights, rng, open_slots)
    return rewriting


def _of_kind(
    rewriting: Rewriting,
    names: Sequence[str],
    weights: Sequence[float],
    rng: random.Random,
    open_slots: OpenSlots,
) -> Rewriting:
    """The row in a form of one kind; where that changes nothing, another is drawn."""
    for _ in range(_DRAWS):
        written = _write(rewriting, pick_weighted(rng, names, weights), rng, open_slots)
        if written.text != rewriting.text:
            return written
    return rewriting


def _write(rewriting: Rewriting, name: str, rng: random.Random, open_slots: OpenSlots) -> Rewriting:
    language = language_of(rewriting.source)
    write = SURFACE_FORMS[name].write or functools.partial(invented_values, open_slots=open_slots)
    return write(rewriting, rng, language)


def _chance(seed: int, example: Example) -> random.Random:
    return random.Random(f"{seed} {example.text}")


def write_as(
    examples: Iterable[Example],
    form: str,
    *,
    seed: int,
    open_slots: OpenSlots | None = None,
) -> list[Rewriting]:
    """Writes every row in one form, to measure what the form costs.

    What a row becomes depends only on `form`, `seed` and its text.

    Args:
        examples: Rows, such as a development set.
        form: A name of `SURFACE_FORMS`.
        seed: Any integer.
        open_slots: As in `surface_copy`.

    Returns:
        As many rewritings as examples, in the same order. One in which the form had nothing to change has the text of
        its source.

    Raises:
        ValueError: If there is no such form.
    """
    _check_names((form,), "form")
    examples = list(examples)
    if open_slots is None:
        open_slots = OpenSlots.of(examples) if SURFACE_FORMS[form].write is None else _NO_SLOTS
    return [
        _write(Rewriting.of(example), form, _chance(seed, example), open_slots)
        for example in examples
    ]
