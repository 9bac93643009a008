"""Values of 300 DATE_TIME slots of MTOP's English development rows, as `results/values.json`.

    python -m benchmarks.values
    python -m benchmarks.values --name values_untouched

`benchmarks/datetime_values.json` has numbers of rows and slots, drawn by a fixed seed, and their values, written down
by hand from slot and request before anything read them. The texts are in ../shared/data/mtop_en and in no file here.
The first 150 were there while the grammar was written. The second 150 were looked at once it was; what was measured
then is `results/values_untouched.json`.

The adaptor, `SlotValues.read`, is right if its text is the value, letter by letter, without the offset from UTC. Other
libraries, those that are installed, say less: a library is right (`lenient`) if a point that it finds lies in the
stretch of time, if a length is as many seconds, if it calls a recurrence one, or if it finds nothing where there is
nothing. The adaptor is measured so too.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.records import CORPORA, ROOT, stamp, summary, time_in_turns, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.trees import Tree, parse_tree

if TYPE_CHECKING:
    from pqrnn_tf.values import Value

NAME = "values"
EXPECTED = ROOT / "benchmarks" / "datetime_values.json"
ROWS = CORPORA / "mtop_en" / "dev.jsonl"
SLOT = "SL:DATE_TIME"
MODEL = "mtop_en_1mb"
"""The model whose parse is timed beside the values."""
HALVES = ("first", "second")
DISTRIBUTIONS = {
    "dateparser": "dateparser",
    "recognizers_date_time": "recognizers-text-suite",
    "quantulum3": "quantulum3",
    "parsedatetime": "parsedatetime",
    "ctparse": "ctparse",
}
"""Modules of the libraries that may be compared, and what installs them."""
_OFFSET = re.compile(r"[+-]\d\d:\d\d(?=$|/|,)")
_LENGTH = re.compile(
    r"-?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_SECONDS = (31_536_000, 2_592_000, 604_800, 86_400, 3600, 60, 1)

Found = list[Any]
"""What a library finds: points in time, lengths as `timedelta`, `"recurrence"`."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("name", "Name of the result.", default=NAME, metavar="NAME")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not ROWS.is_file():
        raise UsageError(f"the rows are not there: {ROWS}; nothing was measured")
    made = stamp()
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    results = measure(expected, dict(slot_texts()))
    results["parse"] = parse_time(expected)
    path = write_results(arguments.name, results, made)
    for name, record in results["systems"].items():
        print(name, {key: record[key] for key in record if key != "wrong"})
    print(path)


def slot_texts() -> Iterator[tuple[str, str]]:
    """`(row.slot, words)` of every slot of the development rows."""
    for row, line in enumerate(ROWS.read_text(encoding="utf-8").splitlines()):
        tree = parse_tree(json.loads(line)["logical_form"])
        for number, slot in enumerate(_slots(tree)):
            yield f"{row}.{number}", " ".join(slot.words())


def _slots(tree: Tree) -> Iterator[Tree]:
    for child in tree.children:
        if isinstance(child, Tree):
            if child.label == SLOT:
                yield child
            yield from _slots(child)


def measure(expected: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """Reads all slots with the adaptor and with each library that is installed.

    Args:
        expected: Content of `EXPECTED`.
        texts: The words of each slot.
    """
    now = datetime.datetime.fromisoformat(expected["reference_time"])
    read = adaptor(now, expected["time_zone"])
    keys = [key for half in HALVES for key in expected[half]]
    words = [texts[key] for key in keys]
    libraries = {
        name: make(now)
        for name, make in LIBRARIES.items()
        if importlib.util.find_spec(name) is not None
    }
    runs: dict[str, Callable[[str], Any]] = {"pqrnn_tf": read, **libraries}
    seconds = time_in_turns(runs, words)
    systems = {}
    for name, one in runs.items():
        record: dict[str, Any] = {"version": _version(name)}
        wrong = []
        for half in HALVES:
            right = lenient = 0
            for key, value in expected[half].items():
                found = one(texts[key])
                if name == "pqrnn_tf":
                    is_right = same(found, value)
                    right += is_right
                    if not is_right:
                        wrong.append(key)
                    found = points_of(found)
                lenient += is_close(found, value)
            record[half] = {"rows": len(expected[half]), "lenient": lenient}
            if name == "pqrnn_tf":
                record[half]["right"] = right
        if name == "pqrnn_tf":
            record["wrong"] = wrong
        systems[name] = {**record, **summary(seconds[name])}
    return {"rows": len(keys), "kinds": _kinds(expected), "systems": systems}


def parse_time(expected: dict[str, Any]) -> dict[str, Any]:
    """How long the parse of the same rows takes, without and with the values of their slots."""
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.values import SlotValues

    lines = ROWS.read_text(encoding="utf-8").splitlines()
    rows = sorted({int(key.split(".")[0]) for half in HALVES for key in expected[half]})
    texts = [json.loads(lines[row])["question"] for row in rows]
    plain, valued = Parser(MODEL), Parser(MODEL)
    plain.values = {}
    valued.values = SlotValues({SLOT[3:]: "datetime"}, language="en")

    def with_values(text: str) -> None:
        for slot in valued(text).slots:
            _ = slot.value

    seconds = time_in_turns({"plain": plain, "kinds": valued, "values": with_values}, texts)
    return {"model": MODEL, "rows": len(rows)} | {name: summary(x) for name, x in seconds.items()}


def _version(module: str) -> str:
    name = DISTRIBUTIONS.get(module)
    return importlib.metadata.version(name) if name else ""


def _kinds(expected: dict[str, Any]) -> dict[str, int]:
    """How many rows have which kind of value."""
    counts: dict[str, int] = {}
    for half in HALVES:
        for value in expected[half].values():
            kind = kind_of(value)
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def kind_of(value: str | None) -> str:
    """What kind of value a text is."""
    if value is None:
        return "none"
    if value.startswith("FREQ"):
        return "recurrence"
    if "P" in value:
        return "length"
    if "," in value:
        return "several"
    if "/" in value:
        return "interval"
    return "time of day" if "T" in value else "day" if len(value) == 10 else "week, month, year"


def adaptor(now: datetime.datetime, zone: str) -> Callable[[str], Value | None]:
    """Reads a text as the runtime does."""
    from pqrnn_tf.values import SlotValues

    values = SlotValues(language="en", reference_time=now, time_zone=zone)
    return lambda text: values.read(text, "datetime")


def same(found: Value | None, value: str | None) -> bool:
    """Whether the adaptor found the value; the order of several does not count."""
    if found is None or value is None:
        return (found is None) == (value is None)
    sign = "\n" if value.startswith("FREQ") else ","
    return set(_OFFSET.sub("", found.text).split(sign)) == set(value.split(sign))


def points_of(found: Value | None) -> Found:
    """What the adaptor found, in the terms of the other libraries."""
    if found is None:
        return []
    if found.kind == "duration":
        return [datetime.timedelta(seconds=seconds_of(found.text.removeprefix("-")) or 0)]
    if found.recurrence or any(part.recurrence for part in found.parts):
        return ["recurrence"]
    times = [one.start or one.end for one in found.parts or (found,)]
    return [time.replace(tzinfo=None) for time in times if time is not None]


def seconds_of(length: str) -> int | None:
    """Seconds of a length in ISO 8601, years and months as 365 and 30 days."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        return None
    return sum(int(x or 0) * size for x, size in zip(found.groups(), _SECONDS, strict=True))


def is_close(found: Found, value: str | None) -> bool:
    """Whether what a library found agrees with a value."""
    if value is None or not found:
        return not found and value is None
    kind = kind_of(value)
    if kind == "recurrence":
        return "recurrence" in found
    if kind == "length":
        length = datetime.timedelta(seconds=seconds_of(value.removeprefix("-")) or 0)
        return any(abs(one) == length for one in found if isinstance(one, datetime.timedelta))
    points = [one for one in found if isinstance(one, datetime.datetime)]
    return all(
        any(start <= point <= end for point in points)
        for start, end in map(stretch_of, value.split(","))
    )


def stretch_of(value: str) -> tuple[datetime.datetime, datetime.datetime]:
    """First and last moment of a value that is a time."""
    if "/" in value:
        first, last = value.split("/")
        edges = [x if x != ".." else first if x is last else last for x in (first, last)]
        start, end = stretch_of(edges[0])[0], stretch_of(edges[1])[0]
        return start, max(start, end - datetime.timedelta(seconds=1))
    if "W" in value:
        start = datetime.datetime.strptime(value + "-1", "%G-W%V-%u")
        return start, start + datetime.timedelta(days=7, seconds=-1)
    if "T" in value:
        start = datetime.datetime.fromisoformat(value)
        return start, start + datetime.timedelta(seconds=59)
    parts = [int(x) for x in value.split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    start = datetime.datetime(year, month, day)
    days = {1: 365, 2: 28, 3: 1}[len(parts)]
    return start, start + datetime.timedelta(days=days, seconds=-1)


def _dateparser(now: datetime.datetime) -> Callable[[str], Found]:
    import dateparser

    settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future"}

    def read(text: str) -> Found:
        found = dateparser.parse(text, languages=["en"], settings=settings)
        return [] if found is None else [found]

    return read


def _recognizers(now: datetime.datetime) -> Callable[[str], Found]:
    from recognizers_date_time import Culture, DateTimeRecognizer

    model = DateTimeRecognizer(Culture.English).get_datetime_model()

    def read(text: str) -> Found:
        found: Found = []
        for one in model.parse(text.lower(), now):
            for value in (one.resolution or {}).get("values", ()):
                if value["type"] == "duration":
                    found.append(datetime.timedelta(seconds=float(value["value"])))
                elif value["type"] == "set":
                    found.append("recurrence")
                else:
                    told = value.get("value") or value.get("start") or value.get("end") or ""
                    found += _moment(told, now)
        return found

    return read


def _moment(told: str, now: datetime.datetime) -> Found:
    """A point in time as recognizers-text tells it; a time of day is the next."""
    try:
        if re.fullmatch(r"\d\d:\d\d:\d\d", told):
            time = datetime.datetime.combine(now.date(), datetime.time.fromisoformat(told))
            return [time if time > now else time + datetime.timedelta(days=1)]
        return [datetime.datetime.fromisoformat(told)]
    except ValueError:
        return []


def _quantulum(now: datetime.datetime) -> Callable[[str], Found]:
    from quantulum3 import parser

    seconds = dict(
        zip(("year", "month", "week", "day", "hour", "minute", "second"), _SECONDS, strict=True)
    )

    def read(text: str) -> Found:
        total = sum(
            quantity.value * seconds.get(quantity.unit.name, 0) for quantity in parser.parse(text)
        )
        return [datetime.timedelta(seconds=total)] if total else []

    return read


def _parsedatetime(now: datetime.datetime) -> Callable[[str], Found]:
    import parsedatetime

    calendar = parsedatetime.Calendar()

    def read(text: str) -> Found:
        found, status = calendar.parseDT(text, sourceTime=now)
        return [found] if status else []

    return read


def _ctparse(now: datetime.datetime) -> Callable[[str], Found]:
    import logging

    from ctparse import ctparse

    logging.getLogger("ctparse").setLevel(logging.CRITICAL)
    seconds = dict(
        zip(("years", "months", "weeks", "days", "hours", "minutes"), _SECONDS[:6], strict=True)
    )

    def read(text: str) -> Found:
        result = ctparse(text, ts=now)
        found = getattr(result, "resolution", None)
        if found is None:
            return []
        if hasattr(found, "unit"):
            return [datetime.timedelta(seconds=found.value * seconds.get(found.unit.value, 0))]
        start = getattr(found, "t_from", None) or getattr(found, "t_to", None) or found
        return [start.dt] if start.hasDate else []

    return read


LIBRARIES: dict[str, Callable[[datetime.datetime], Callable[[str], Found]]] = {
    "dateparser": _dateparser,
    "recognizers_date_time": _recognizers,
    "quantulum3": _quantulum,
    "parsedatetime": _parsedatetime,
    "ctparse": _ctparse,
}
"""What makes the reader of each library."""


def main() -> int:
    """Runs the command."""
    return run_command("python -m benchmarks.values", __doc__ or "", configure, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
