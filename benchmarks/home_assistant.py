"""Home Assistant's test sentences, as written and as people write them, beside hassil: `results/home_assistant.json`.

    python -m benchmarks.home_assistant                      # all published models of recipes.home_assistant
    python -m benchmarks.home_assistant --language en --model runs/home_assistant_en

Development sentences are Home Assistant's own tests of a language, each with the devices, areas and floors of its file.
A language without tests is measured on sentences drawn from templates that no training row is of; what hassil says of
them is right. No such sentence is trained on.

- *intents*: the intent is right;
- *slots*: also every slot has the value of the test, no slot is too many, and names are those of the right entity;
- *swapped*: one letter of each sentence changed places with the next one (seeded); *carriers*: a phrase around it;
- *nameless*: intents where the house has no names, so that the model reads the sentences as they are;
- *rejected*: lines of the users of SGD, of which none is a request to a house, that get no intent.

Milliseconds are from text to answer on one thread, both systems in turns; each knows the names of the house before.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.records import (
    CORPORA,
    ratios_of_medians,
    read_results,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from recipes.home_assistant.carriers import MEASURED, UNSEEN, swapped
from recipes.home_assistant.cases import Case, Named, is_right
from recipes.home_assistant.names import LOCALES

NAME = "home_assistant"
OUTSIDE = 1_000
SEED = 1
TIMED = 300

Answer = tuple[str, Mapping[str, Any]] | None
"""Intent and values of slots; `None` for a request that is not understood."""
Ask = Callable[[str, tuple[Named, ...]], Answer]


def score(ask: Ask, cases: Sequence[Case]) -> dict[str, float]:
    """Percentages of the sentences with the right intent, and with right slots too."""
    intents = slots = 0
    for case in cases:
        answer = ask(case.text, case.house)
        if answer is not None and answer[0] == case.intent:
            intents += 1
            slots += is_right(answer[1], case.slots)
    return {
        "intents": round(100 * intents / len(cases), 2),
        "slots": round(100 * slots / len(cases), 2),
    }


def rejected(ask: Ask, texts: Sequence[str], house: tuple[Named, ...]) -> float:
    """Percentage of texts that get no intent."""
    return round(100 * sum(ask(text, house) is None for text in texts) / len(texts), 2)


def rewritten(cases: Sequence[Case], write: Callable[[str], str]) -> list[Case]:
    """The sentences, written again."""
    return [dataclasses.replace(case, text=write(case.text)) for case in cases]


def outside_lines(folder: pathlib.Path, name: str, count: int) -> list[str]:
    """Lines of a file of texts that belong to no house, drawn by a fixed seed.

    Raises:
        FileNotFoundError: if the file is not there.
    """
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"The benchmark needs {path}. See the README on data.")
    lines = sorted(set(path.read_text(encoding="utf-8").splitlines()) - {""})
    return random.Random(SEED).sample(lines, min(count, len(lines)))


class Ours:
    """The recogniser, for houses that change from one sentence to the next."""

    def __init__(self, model: str) -> None:
        from recipes.home_assistant.recognizer import Recognizer, house_of

        self.recognizer = Recognizer(model)
        self._house_of = house_of
        self._houses: dict[tuple[Named, ...], Any] = {}
        self._house: tuple[Named, ...] | None = None

    def enter(self, house: tuple[Named, ...]) -> None:
        """Makes the names of a house known."""
        if house is self._house:
            return
        if house not in self._houses:
            self._houses[house] = self._house_of(house)
        self._house = house
        self.recognizer.house = self._houses[house]

    def __call__(self, text: str, house: tuple[Named, ...]) -> Answer:
        """What is understood of a text in a house."""
        self.enter(house)
        found = self.recognizer.recognize(text)
        if found is None:
            return None
        return found.intent, {name: one.value for name, one in found.slots.items()}


class Strict:
    """Hassil's matcher."""

    def __init__(self, folder: pathlib.Path, language: str) -> None:
        from recipes.home_assistant.strict import Matcher

        self._matcher = Matcher(folder, language)
        self.enter = self._matcher.enter

    def __call__(self, text: str, house: tuple[Named, ...]) -> Answer:
        """What is understood of a text in a house."""
        found = self._matcher.recognize(text, house)
        return None if found is None else (found.intent.name, self._matcher.values(found))


def _without_names(ask: Ask, text: str, _: tuple[Named, ...]) -> Answer:
    """What a system understands where it knows no name of the house."""
    return ask(text, ())


def measure(
    ours: Ask,
    strict: Ask | None,
    cases: Sequence[Case],
    language: str,
    *,
    outside: Sequence[str],
    general: Sequence[str],
    most: int,
) -> dict[str, Any]:
    """All figures of a language, for both systems.

    Args:
        ours, strict: The systems; hassil may be `None`, which leaves it out.
        cases: Development sentences.
        language: Their language.
        outside: Lines that are none of a house's business.
        general: General sentences of the language, likewise; may be none.
        most: Sentences that hassil is asked for, drawn by a fixed seed; it is slow.
    """
    rng = random.Random(SEED)
    errors = rewritten(cases, lambda text: swapped(text, rng))
    house = max((case.house for case in cases), key=len)
    result: dict[str, Any] = {"sentences": len(cases), "compared": min(most, len(cases))}
    some = random.Random(SEED).sample(range(len(cases)), min(most, len(cases)))
    asked: list[tuple[str, Ask, Sequence[int]]] = [("ours", ours, range(len(cases)))]
    if strict is not None:
        asked.append(("hassil", strict, some))
    for name, ask, chosen in asked:
        carried = {
            phrase: score(ask, rewritten([cases[i] for i in chosen], phrase.format))["intents"]
            for phrase in MEASURED[language]
        }
        seen = list(carried.values())[:-UNSEEN]
        unseen = list(carried.values())[-UNSEEN:]
        result[name] = {
            "as_written": score(ask, [cases[i] for i in chosen]),
            "nameless": score(functools.partial(_without_names, ask), [cases[i] for i in chosen])[
                "intents"
            ],
            "swapped": score(ask, [errors[i] for i in chosen]),
            "carriers": carried,
            "carriers_seen": round(sum(seen) / len(seen), 2),
            "carriers_unseen": round(sum(unseen) / len(unseen), 2),
            "rejected": rejected(ask, outside, house),
            **({"rejected_general": rejected(ask, general, house)} if general else {}),
        }
    return result


def timing(ours: Ours, strict: Strict, cases: Sequence[Case]) -> dict[str, Any]:
    """Microseconds of both systems, in turns, how many times as long hassil takes, and the load before."""
    load = round(os.getloadavg()[0], 1)
    chosen = random.Random(SEED).sample(list(cases), min(TIMED, len(cases)))
    chosen.sort(key=lambda case: case.source)
    seconds = time_in_turns(
        {
            "ours": lambda case: ours(case.text, case.house),
            "hassil": lambda case: strict(case.text, case.house),
        },
        chosen,
        prepare={
            "ours": lambda case: ours.enter(case.house),
            "hassil": lambda case: strict.enter(case.house),
        },
    )
    return {
        **{name: summary(own) for name, own in seconds.items()},
        "hassil_times_ours": ratios_of_medians(seconds, "hassil", ["ours"])["ours"],
        "load_before": load,
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "data",
        "Folder of Home Assistant's sentences, lists, rules and tests.",
        default=str(CORPORA / "home_assistant"),
        metavar="FOLDER",
    )
    parser.flag("language", "A language. May be repeated.", repeat=True, choices=sorted(LOCALES))
    parser.flag(
        "model",
        "Model of the one --language: a .tflite, its folder, or a name.",
        shown="home_assistant_LANGUAGE",
    )
    parser.flag(
        "most",
        "Sentences of a language that hassil is asked for.",
        type=at_least(1),
        default=300,
    )
    parser.switch(
        "ours",
        "Measure only ours, and the time of both: what hassil got of the same sentences stays.",
    )
    parser.switch("untimed", "Measure no time: what was measured before stays.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.runtime.presets import model_file
    from recipes.home_assistant.development import development_cases
    from recipes.home_assistant.rows import MEASURED_WITH, read_sentences

    made = stamp()
    folder = pathlib.Path(arguments.data)
    outside = outside_lines(CORPORA / "sgd", "user.txt", OUTSIDE)
    languages = (read_results(NAME) or {}).get("languages", {})
    for language in arguments.language or sorted(LOCALES):
        model = arguments.model or f"home_assistant_{language}"
        ours, strict = Ours(model), Strict(folder, language)
        cases, kind = development_cases(folder, language)
        sentences = read_sentences(CORPORA / "commonvoice", language)[-MEASURED_WITH:]
        general = random.Random(SEED).sample(sentences, min(OUTSIDE, len(sentences)))
        before = languages.get(language)
        kept = _kept(before, len(cases), arguments.most) if arguments.ours else {}
        if arguments.untimed and before is None:
            raise ValueError(f"`untimed` needs results of before. Received: none of {language}.")
        languages[language] = {
            "bytes": model_file(model).stat().st_size,
            "kind": kind,
            **measure(
                ours,
                None if kept else strict,
                cases,
                language,
                outside=outside,
                general=general,
                most=arguments.most,
            ),
            **kept,
            "latency": before["latency"] if arguments.untimed else timing(ours, strict, cases),
        }
        print(language, languages[language])
        write_results(NAME, {"languages": dict(sorted(languages.items()))}, made)


def _kept(before: Mapping[str, Any] | None, sentences: int, most: int) -> dict[str, Any]:
    """What hassil got before.

    Raises:
        ValueError: if it was asked for other sentences, or never.
    """
    asked = {"sentences": sentences, "compared": min(most, sentences)}
    known = {} if before is None else {name: before.get(name) for name in asked}
    if before is None or known != asked:
        raise ValueError(f"`ours` needs results of hassil for {asked}. Received: {known or None}.")
    return {"hassil": before["hassil"]}


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.home_assistant", __doc__, configure, run, sys.argv[1:])
    )
