"""The table of docs/text_forms.md: every form of writing with an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.measured import Measured
from pqrnn_tf.datasets import SURFACE_FORMS, Example, OpenSlots, SlotSpan, write_as
from pqrnn_tf.datasets.making.forms.emoji import JOINER
from tflite_export.model_card import table

_SEEDS = range(1, 40)
_NOT_IN_A_TABLE = frozenset("|`\n")


def _row(text: str, *slots: tuple[str, str], locale: str = "en") -> Example:
    spans = ((name, text.index(value), len(value)) for name, value in slots)
    found = tuple(SlotSpan(name, ((start, start + size),)) for name, start, size in spans)
    return Example(text, "", found, locale=locale)


_ROWS = (
    _row(
        "play Thriller by Jackson at 7pm",
        ("track", "Thriller"),
        ("artist", "Jackson"),
        ("time", "7pm"),
    ),
    _row("What's new on NPR tomorrow, please?", ("source", "NPR"), ("time", "tomorrow")),
    _row("Stell den Küchen-Wecker auf 7", ("name", "Küchen-Wecker"), ("time", "7"), locale="de"),
    _row("what’s on in ten minutes", ("time", "in ten minutes")),
    _row("An\u0303ade cinco minutos", locale="es"),
)
_NAMES = OpenSlots(
    {("en", "artist"): frozenset({"jackson"})}, frozenset({("en", "artist")}), frozenset()
)


def _visible(text: str) -> str:
    return "".join(
        character
        if character.isprintable() or character == JOINER
        else character.encode("unicode_escape").decode()
        for character in text
    )


def _example(form: str) -> str:
    """What the form makes of the first row that it changes."""
    for row in _ROWS:
        for seed in _SEEDS:
            text = write_as([row], form, seed=seed, open_slots=_NAMES)[0].text
            if text != row.text and not _NOT_IN_A_TABLE.intersection(text):
                return f"`` {_visible(text)} ``"
    raise ValueError(f"no row shows the form {form!r}.")


def forms(measured: Measured) -> str:
    """All forms in the order in which they are applied."""
    rows = [
        [form.kind, f"`{name}`", f"{form.weight:g}", _example(name)]
        for name, form in SURFACE_FORMS.items()
    ]
    return table(["kind", "form", "weight", "for example"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {"text_forms": forms}
