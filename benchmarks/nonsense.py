"""Requests with words that training never saw, and how often the rest of the parse stays, as `results/nonsense.json`.

    python -m benchmarks.nonsense                                    # all published models whose corpora are there
    python -m benchmarks.nonsense --model snips --data snips --output requests.jsonl

Development rows are carriers: into each goes one stretch of nonsense, drawn by a fixed seed, so that everyone who has
the corpus gets the same 300 requests. Invented words and words of scripts that the corpus lacks go first or last,
where they can belong to no slot, emoji anywhere outside of slots. Invented words, names and foreign scripts also take
the place of a slot's value where that may be any name.

A parse is unchanged if the intent and the slot of every character outside of the nonsense are what the model says of
the carrier itself. The nonsense is in its place if it is in no slot or, in the place of a value, in that slot.
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.measured import Measured
from benchmarks.records import CORPORA, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.results import Parse

NAME = "nonsense"
REQUESTS = 300
SEED = 1
TOGETHER = "together"
"""Key of the counts of all requests."""
OPEN_SLOTS = frozenset(
    {
        "album",
        "artist",
        "city",
        "entity_name",
        "movie_name",
        "object_name",
        "playlist",
        "playlist_owner",
        "poi",
        "restaurant_name",
        "track",
        "ALARM_NAME",
        "ATTENDEE_EVENT",
        "CONTACT",
        "CONTACT_ADDED",
        "CONTENT_EXACT",
        "EMPLOYER",
        "LOCATION",
        "MUSIC_ALBUM_TITLE",
        "MUSIC_ARTIST_NAME",
        "MUSIC_PLAYLIST_TITLE",
        "MUSIC_TRACK_TITLE",
        "NEWS_TOPIC",
        "PERSON_REMINDED",
        "RECIPES_DISH",
        "RECIPIENT",
        "SCHOOL",
        "SENDER",
        "TIMER_NAME",
        "TITLE_EVENT",
    }
)
"""Slots of SNIPS and MTOP whose value may be any name or title."""
_SHORTEST_NAME = 4
_ONSETS = (
    *"bdfghjklmnprstvwz",
    "br",
    "bl",
    "dr",
    "fl",
    "gr",
    "kl",
    "kv",
    "pr",
    "sk",
    "st",
    "tr",
    "zh",
)
_VOWELS = (*"aeiou", "aa", "ei", "oo", "ou", "ya")
_CODAS = ("", "", "b", "g", "k", "l", "lm", "m", "n", "nt", "rk", "rz", "sh", "x", "zz")
_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SCRIPTS = {
    "Arabic": "بتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "Chinese": "丁七三上下不世中主久之九也习乡书乱争事云五井亚亡交京",
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "Ethiopic": "ሀለሐመሠረሰቀበተኀነአከወዐዘየደገጠጰጸፀፈፐ",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "Hangul": "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허",
    "Hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "Katakana": "アイウエオカキクケコサシスセソタチツテトナニヌネノ",
    "Tamil": "கஙசஞடணதநபமயரலவழளறன",
}
_EMOJI = ((0x1F345, 0x1F37C), (0x1F400, 0x1F43E), (0x1F600, 0x1F64F), (0x1F680, 0x1F6C5))
_JOINED_EMOJI = ("👩‍🚀", "👨‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇳🇵", "🇺🇾", "❤️", "🤷🏿‍♂️", "1️⃣")


@dataclasses.dataclass(frozen=True)
class Request:
    """A carrier with nonsense in it.

    Attributes:
        kind: A key of `KINDS`.
        carrier: The development row.
        row: The row with the nonsense; its labels are those that are right now.
        start, end: Half-open range of the nonsense in the text of `row`, white space included.
        replaced: How many characters of the carrier it stands for, from `start` on; 0 where it was put in.
        slot: The slot that is nonsense now; empty where it belongs to none.
    """

    kind: str
    carrier: Example
    row: Example
    start: int
    end: int
    replaced: int
    slot: str

    @property
    def nonsense(self) -> str:
        """The nonsense itself."""
        return self.row.text[self.start : self.end].strip()


Draw = Callable[[random.Random], str]


def _word(rng: random.Random) -> str:
    """An invented word: syllables, or what fingers hit that rest on a row of keys."""
    if rng.random() < 0.5:
        keys = rng.choice(_KEY_ROWS)
        size = 3 + int(rng.random() * 3)
        first = int(rng.random() * (len(keys) - size))
        return keys[first : first + size]
    syllables = 2 + int(rng.random() * 2)
    return "".join(
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables)
    )


def _words(rng: random.Random) -> str:
    return " ".join(_word(rng) for _ in range(1 + int(rng.random() * 3)))


def _name(rng: random.Random) -> str:
    """An invented name of one or two words, with capitals or, as many write it, without."""
    words = [
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_ONSETS) + rng.choice(_VOWELS) +
        rng.choice(_CODAS)
        for _ in range(1 + int(rng.random() * 2))
    ]  # fmt: skip
    capitals = rng.random() < 0.5
    return " ".join(word.capitalize() if capitals else word for word in words)


def _foreign(rng: random.Random) -> str:
    """One or two words of letters of a script."""
    letters = _SCRIPTS[rng.choice(sorted(_SCRIPTS))]
    words = range(1 + int(rng.random() * 2))
    return " ".join(
        "".join(rng.choice(letters) for _ in range(3 + int(rng.random() * 4))) for _ in words
    )


def _emoji(rng: random.Random) -> str:
    """One to three emoji, some of several code points."""
    if rng.random() < 0.4:
        return rng.choice(_JOINED_EMOJI)
    first, last = rng.choice(_EMOJI)
    return chr(first + int(rng.random() * (last - first + 1))) * (1 + int(rng.random() * 3))


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of nonsense in one kind of place.

    Attributes:
        title: What the table calls it.
        draw: Makes it.
        in_slot: Whether it takes the place of a slot's value.
    """

    title: str
    draw: Draw
    in_slot: bool = False


KINDS: Mapping[str, Kind] = {
    "words": Kind("invented words outside of slots", _words),
    "script": Kind("words of another script outside of slots", _foreign),
    "emoji": Kind("emoji", _emoji),
    "words_in_slot": Kind("invented words as a slot's value", _words, in_slot=True),
    "name_in_slot": Kind("invented names as a slot's value", _name, in_slot=True),
    "script_in_slot": Kind("words of another script as a slot's value", _foreign, in_slot=True),
}


def make_requests(
    rows: Sequence[Example], known: Sequence[str] = (), *, count: int = REQUESTS, seed: int = SEED
) -> list[Request]:
    """Puts nonsense into carriers, as many of each kind.

    Args:
        rows: Carriers; those whose slots could not be found are left out.
        known: Other texts, such as training rows, whose words are no nonsense.
        count: Number of requests.
        seed: Any integer; the result depends on nothing else.

    Raises:
        ValueError: if there are too few rows with a place for a kind.
    """
    words = {
        word for text in (*known, *(row.text for row in rows)) for word in text.lower().split()
    }
    carriers = [row for row in rows if row.slots is not None]
    rng = random.Random(seed)
    rng.shuffle(carriers)
    requests: list[Request] = []
    for number, (name, kind) in enumerate(KINDS.items()):
        wanted = count * (number + 1) // len(KINDS) - len(requests)
        made = _of_kind(name, kind, carriers, words, rng)
        found = [request for request, _ in zip(made, range(wanted), strict=False)]
        if len(found) < wanted:
            raise ValueError(
                f"`rows` must have at least {wanted} carriers for {kind.title}. Received: {len(found)} of "
                f"{len(rows)} rows."
            )
        requests += found
        used = {id(request.carrier) for request in found}
        carriers = [row for row in carriers if id(row) not in used] + [
            row for row in carriers if id(row) in used
        ]
    return requests


def _of_kind(
    name: str, kind: Kind, carriers: Sequence[Example], known: set[str], rng: random.Random
) -> Iterator[Request]:
    from pqrnn_tf.datasets import Rewriting

    for carrier in carriers:
        places = [*(_values(carrier) if kind.in_slot else _gaps(carrier, emoji=name == "emoji"))]
        nonsense = kind.draw(rng)
        while known & set(nonsense.lower().split()):
            nonsense = kind.draw(rng)
        if not places:
            continue
        start, end, slot = rng.choice(places)
        text = nonsense
        if start == end:
            text = f"{nonsense} " if start == 0 else f" {nonsense}"
        row = Rewriting.of(carrier).edited([(start, end, text)]).example()
        if row.text != carrier.text:
            yield Request(name, carrier, row, start, start + len(text), end - start, slot)


def _values(carrier: Example) -> Iterator[tuple[int, int, str]]:
    """Values of slots that may be any name, without pronouns."""
    for slot in carrier.slots or ():
        size = slot.end - slot.start
        if slot.name in OPEN_SLOTS and len(slot.spans) == 1 and size >= _SHORTEST_NAME:
            yield slot.start, slot.end, slot.name


def _gaps(carrier: Example, *, emoji: bool) -> Iterator[tuple[int, int, str]]:
    """Where something can be put in that belongs to no slot.

    A word beside a slot could belong to it, and one behind "by" or "to" could be a value, so that words only go first
    or last. An emoji goes everywhere outside of slots.
    """
    text = carrier.text
    owners = [-1] * len(text)
    for number, slot in enumerate(carrier.slots or ()):
        owners[slot.start : slot.end] = [number] * (slot.end - slot.start)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    places = [0, *(end for _, end in words)]
    before = [-1, *(owners[end - 1] for _, end in words)]
    behind = [*(owners[start] for start, _ in words), -1]
    for place, left, right in zip(places, before, behind, strict=True):
        first_or_last = place in (places[0], places[-1])
        if (emoji and (left != right or left == -1)) or (first_or_last and left == right == -1):
            yield place, place, ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What nonsense does to a parse.

    Attributes:
        unchanged: Whether the intent and the slots of all that is not nonsense are as before.
        in_place: Whether the nonsense is in no slot or, as a value, in that slot.
    """

    unchanged: bool
    in_place: bool


def compare(request: Request, before: Parse, after: Parse) -> Outcome:
    """Compares what a model says of a carrier and of the request made of it."""
    old, new = _slot_names(before), _slot_names(after)
    end = request.start + request.replaced
    rest = [*old[: request.start], *old[end:]], [*new[: request.start], *new[request.end :]]
    said = set(new[request.start : request.end]) - {_SPACE}
    return Outcome(
        before.intent == after.intent and _letters(rest[0]) == _letters(rest[1]),
        said == {request.slot},
    )


_SPACE = " "


def _slot_names(parse: Parse) -> list[str]:
    """The slot that each character is in; empty for none."""
    names = [""] * len(parse.text)
    for slot in parse.slots:
        names[slot.start : slot.end] = [slot.name] * (slot.end - slot.start)
    return [
        _SPACE if letter.isspace() else name for letter, name in zip(parse.text, names, strict=True)
    ]


def _letters(names: Sequence[str]) -> list[str]:
    return [name for name in names if name != _SPACE]


def measure_requests(requests: Sequence[Request], parser: Callable[[str], Parse]) -> dict[str, Any]:
    """How often the parse stays, by kind.

    Returns:
        Plain JSON values for each kind of `KINDS` and for all `together`: `requests`, and of these `unchanged`,
        `in_place` and both (`unharmed`).
    """
    counts = {name: Counter[str]() for name in (*KINDS, TOGETHER)}
    for request in requests:
        outcome = compare(request, parser(request.carrier.text), parser(request.row.text))
        found = {
            "requests": 1,
            "unchanged": outcome.unchanged,
            "in_place": outcome.in_place,
            "unharmed": outcome.unchanged and outcome.in_place,
        }
        for name in (request.kind, TOGETHER):
            counts[name].update({key: int(value) for key, value in found.items()})
    return {name: dict(count) for name, count in counts.items()}


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Name of a published model, or a file.", shown="all", metavar="MODEL")
    parser.flag(
        "data",
        "Folder of the corpus whose development rows are the carriers.",
        repeat=True,
        shown="those of the model's scores.json, beside the checkout",
        metavar="FOLDER",
    )
    parser.flag("count", "Number of requests.", type=at_least(len(KINDS)), default=REQUESTS)
    parser.flag("seed", "Seed of the nonsense.", type=int, default=SEED)
    parser.flag("output", "A file for the requests, as rows in JSON lines.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    import pqrnn_tf
    from pqrnn_tf.datasets import write_rows

    if arguments.data and not arguments.model:
        raise UsageError("--data needs --model")
    made, results = stamp(), {}
    for name, folders in _models(arguments).items():
        requests = make_requests(*_texts(folders), count=arguments.count, seed=arguments.seed)
        if arguments.output:
            write_rows(arguments.output, [request.row for request in requests])
        results[name] = measure_requests(requests, pqrnn_tf.load(name))
        print(name, results[name][TOGETHER])
    if not arguments.model:
        write_results(NAME, {"seed": arguments.seed, "models": results}, made)


def _models(arguments: Arguments) -> dict[str, list[str]]:
    """The models with slots and the folders of their corpora."""
    found = {
        name: [str(CORPORA / part["data"]) for part in record["parts"]]
        for name, record in Measured().published().items()
        if "slot_f1" in record["tflite"]
    }
    if arguments.model:
        if not arguments.data and arguments.model not in found:
            raise UsageError("--data must name the corpus of a model that is not published")
        return {arguments.model: arguments.data or found[arguments.model]}
    return {
        name: folders
        for name, folders in found.items()
        if all(pathlib.Path(folder.partition(":")[0]).is_dir() for folder in folders)
    }


def _texts(folders: Sequence[str]) -> tuple[list[Example], list[str]]:
    """The carriers, and the training rows, if there are any, whose words are no nonsense."""
    from pqrnn_tf.datasets import read_rows

    splits = read_rows(folders, languages="en").splits
    return splits["dev"], [row.text for row in splits.get("train", ())]


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.nonsense", __doc__, configure, run, sys.argv[1:]))
