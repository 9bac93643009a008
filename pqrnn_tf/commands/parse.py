"""Parses utterances: shown in colours on a terminal, as JSON lines to programs.

Utterances are arguments, or lines of standard input. On a terminal each is shown with its slots in colours, and below
it intent, score and slots, or "not understood" where the model rejects it; in a pipe or a file it is a line of JSON as
`pqrnn predict` writes it.

    pqrnn parse --model mtop_en_2mb "Wake me at 7pm"
    echo "Wake me at 7pm" | pqrnn parse --model runs/mine
    pqrnn parse --model mtop_en_2mb --text < utterances.txt | less
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pqrnn_tf.commands import entity_flags, model_argument, value_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.lines import read_labels, read_lines, standard_input, write_json_line
from pqrnn_tf.commands.predict import add_alternatives
from pqrnn_tf.commands.running import say

if TYPE_CHECKING:
    from pqrnn_tf.runtime.results import Parse, Slot

COLOURS = (36, 33, 35, 32, 34, 31)
"""Codes of the colours (ANSI X3.64) that slots take in turn."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.words(
        "texts",
        "Utterances to parse; without any, the lines of standard input are.",
        metavar="TEXT",
    )
    parser.flag("model", model_argument.HELP, required=True, metavar="MODEL")
    parser.flag(
        "labels", "A labels.json to use instead of the names inside the model.", metavar="FILE"
    )
    parser.flag("threads", "Threads of the runtime.", type=at_least(1), default=1)
    add_alternatives(parser)
    entity_flags.declare(parser)
    value_flags.declare(parser)
    parser.switch("json", "Write JSON lines, also to a terminal.")
    parser.switch(
        "text",
        "Write for people, also to a pipe. Colours are for terminals, and none where the environment sets NO_COLOR.",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.json and arguments.text:
        raise UsageError("--json and --text exclude each other")
    labels = None if arguments.labels is None else read_labels(arguments.labels)
    parser = model_argument.open_parser(arguments.model, labels=labels, threads=arguments.threads)
    entity_flags.give(parser, arguments)
    value_flags.give(parser, arguments)
    terminal = sys.stdout is not None and sys.stdout.isatty()
    show = Painter(
        colours=terminal and not os.environ.get("NO_COLOR"), values=bool(arguments.values)
    )
    cut = 0
    for text in _utterances(arguments.texts):
        parse = parser.parse(text, alternatives=arguments.alternatives)
        cut += parse.truncated
        if arguments.text or (terminal and not arguments.json):
            print(show(parse), flush=True)
        else:
            write_json_line(parse, alternatives=arguments.alternatives > 0, values=arguments.values)
    if cut:
        say("pqrnn parse", f"{cut} texts were longer than the model takes and were cut")


class Painter:
    """Shows parses to people; a slot name keeps its colour from one utterance to the next.

    Args:
        colours: Whether slots are coloured; else the utterance shows them as `[words](name)`.
        values: Whether the values of slots are shown behind their words.

    Example:
    ```python
    print(Painter(colours=False)(parser.parse("wake me at 7pm")))
    # wake me [at 7pm](DATE_TIME)
    #   CREATE_ALARM  98 %
    #   DATE_TIME     at 7pm
    ```
    """

    def __init__(self, *, colours: bool, values: bool = False) -> None:
        self._colours = colours
        self._values = values
        self._code_of: dict[str, int] = {}

    def __call__(self, parse: Parse) -> str:
        """The lines of one parse."""
        if parse.intent is None:
            lines = [_visible(parse.text), "  not understood"]
        elif not parse.intent:
            return f"{_visible(parse.text)}\n  nothing to parse"
        else:
            lines = [self._utterance(parse), *self._table(parse)]
        if parse.truncated:
            lines.append("  the end was longer than the model takes and was cut")
        for other in parse.alternatives:
            lines += [
                f"  or: {self._utterance(other)}",
                *(f"    {line}" for line in self._table(other)),
            ]
        return "\n".join(lines)

    def _table(self, parse: Parse) -> list[str]:
        """Lines with the intent, its score and the slots."""
        rows = list(_below(parse.slots, values=self._values))
        intent = parse.intent or ""
        width = max(len(name) for name in (intent, *(row[1] for row in rows)))
        lines = [f"  {intent:{width}}  {100 * parse.score:.0f} %"]
        for name, indented, words in rows:
            padding = " " * (width - len(indented))
            label = indented if name is None else indented.replace(name, self._painted(name, name))
            lines.append(f"  {label}{padding}  {words}".rstrip())
        return lines

    def _utterance(self, parse: Parse) -> str:
        parts, end = [], 0
        for slot in parse.slots:
            if slot.start < end:  # its hull reaches over another slot
                continue
            parts.append(_visible(parse.text[end : slot.start]))
            words = _visible(parse.text[slot.start : slot.end])
            parts.append(
                self._painted(words, slot.name) if self._colours else f"[{words}]({slot.name})"
            )
            end = slot.end
        return "".join([*parts, _visible(parse.text[end:])])

    def _painted(self, words: str, name: str) -> str:
        if not self._colours:
            return words
        code = self._code_of.setdefault(name, COLOURS[len(self._code_of) % len(COLOURS)])
        return f"\x1b[1;{code}m{words}\x1b[0m"


def _below(
    slots: Iterable[Slot], indent: str = "", *, values: bool
) -> Iterator[tuple[str | None, str, str]]:
    """Name, indented name and words of slots, in the order of the text; of an intent inside a slot no name."""
    for slot in slots:
        means = "" if slot.entity is None else f" = {slot.entity.name} ({slot.entity.id})"
        value = slot.value if values else None
        if value is not None:
            means += f" = {', '.join(value.text.splitlines())}"
        yield slot.name, indent + slot.name, _visible(slot.text + means)
        if slot.nested is not None:
            yield None, f"{indent}  {slot.nested.intent}", ""
            yield from _below(slot.nested.slots, f"{indent}    ", values=values)


def _utterances(texts: list[str]) -> Iterator[str]:
    if texts:
        # Bytes of the command line that are not UTF-8 are read as those of a stream.
        yield from (os.fsencode(text).decode("utf-8", errors="replace") for text in texts)
        return
    stream = standard_input()
    if stream.isatty():
        say("pqrnn parse", "type an utterance and Enter; Ctrl-D ends")
    yield from read_lines(stream)


def _visible(text: str) -> str:
    """Text for a terminal: characters that could steer it are shown as U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" and c != "\t" else c for c in text)
