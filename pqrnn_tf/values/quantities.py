"""Numbers, ordinals, lengths of time and quantities."""

from __future__ import annotations

from collections.abc import Sequence

from pqrnn_tf.values.durations import duration_value
from pqrnn_tf.values.items import Length, items_of
from pqrnn_tf.values.tokens import Token, is_magnitude, parts_of_size
from pqrnn_tf.values.value import Value


def read_duration(tokens: Sequence[Token], language: str) -> Value | None:
    """The first length of time in a phrase."""
    for item in items_of(tokens, language, hours=False):
        if isinstance(item, Length):
            return duration_value(item)
    return None


def read_quantity(tokens: Sequence[Token], kind: str, language: str) -> Value | None:
    """A number, ordinal, temperature, percentage or amount of money.

    Args:
        tokens: The words of a phrase.
        kind: Which of them.
        language: Language of the words.
    """
    if kind == "ordinal":
        return _ordinal(tokens)
    found = _number(tokens, kind, language)
    if kind == "number":
        return None if found is None else _told("number", found[0])
    if found is None:
        return None
    number, start, end = found
    around = [*tokens[end:], *reversed(tokens[:start])]
    if kind == "percentage":
        known = any("percent" in token.senses for token in around)
        is_lone = all({"filler", "num"} & set(token.senses) for token in around)
        token = tokens[start]
        is_share = (token.number is None and "half" in token.senses) or (
            token.spelled and 0 < number < 1
        )
        if is_lone and is_share:  # "half", "la moitié", "trois quarts"
            return _told(kind, number * 100, "percent")
        return _told(kind, number, "percent") if known or not around else None
    if kind == "temperature":
        if language == "fr":
            number += _tenths(tokens[end:])
        return _temperature(number, around)
    return _money(number, tokens, start, end, around, language)


def _told(kind: str, number: float, unit: str | None = None) -> Value:
    number = int(number) if number == int(number) else round(number, 9)
    return Value(kind, f"{number} {unit}" if unit else str(number), number, unit)


def _ordinal(tokens: Sequence[Token]) -> Value | None:
    for i, token in enumerate(tokens):
        if (nth := token.senses.get("nth")) is not None:
            return _told("ordinal", int(nth))
        if token.ordinal and token.number is not None:
            behind = tokens[i + 1].senses if i + 1 < len(tokens) else {}
            from_end = "from_end" in behind or behind.get("mod") == "-1"
            return _told("ordinal", -token.number if from_end else token.number)
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if "ordinal" in token.senses and following is not None and following.number is not None:
            return _told("ordinal", following.number)
    for token in tokens:
        if token.senses.get("mod") in ("1", "-1"):  # "the next", "the last"
            return _told("ordinal", int(token.senses["mod"]))
        if token.number is not None and token.number == int(token.number):
            return _told("ordinal", token.number)
    return None


def _number(tokens: Sequence[Token], kind: str, language: str) -> tuple[float, int, int] | None:
    """The first number of a phrase, and the tokens that say it."""
    for i, token in enumerate(tokens):
        senses = token.senses
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.number is not None:
            if (
                language in ("es", "fr")
                and token.number == 1
                and token.spelled
                and following is not None
            ) and (following.number is not None or "half" in following.senses):
                continue  # "un 20 %", "unos veinte", "un demi-million"
            number, end = token.number, i + 1
            if following is not None and "quarter" in following.senses:
                place = i + 2
                while place < len(tokens) and {"filler", "num"} & set(tokens[place].senses):
                    place += 1
                if place < len(tokens) and is_magnitude(
                    tokens[place]
                ):  # "three quarters of a million"
                    number, end = number * int(following.senses["quarter"]) / 4, place
        elif "num" in senses and not (set(senses) - {"num", "filler"}):
            number, end = float(senses["num"]), i + 1
            # "a dollar fifty", "anderthalb tausend"
            is_amount = following is not None and (
                "money" in following.senses or is_magnitude(following)
            )
            if not is_amount and any(later.number is not None for later in tokens[i + 1 :]):
                continue
        elif "half" in senses or ("lead" in senses and language == "hi"):
            if language == "hi" and "lead" in senses and following and following.number is not None:
                share = int(senses["lead"]) / 60
                return parts_of_size(following.number, share, language), i, i + 2
            number, end = 0.5, i + 1  # "half a million"
        elif "quarter" in senses and following is not None and is_magnitude(following):
            number, end = int(senses["quarter"]) / 4, i + 1  # "a quarter million"
        else:
            continue
        number, end = _with_half(number, tokens, end, language)
        if end < len(tokens) and is_magnitude(tokens[end]):
            number, end = number * (tokens[end].number or 1), end + 1
            number, end = _with_half(number, tokens, end, language)
        if language == "en" and kind == "number" and (year := _spoken_year(tokens[i : i + 2])):
            number, end = year, i + 2
        while end < len(tokens) and (times := _times(tokens[end], kind)) is not None:
            number, end = number * times, end + 1
        if i and "minus" in tokens[i - 1].senses:
            return -number, i - 1, end
        if i > 1 and "money" in tokens[i - 1].senses and "minus" in tokens[i - 2].senses:
            return -number, i, end  # "-$5"
        behind = tokens[end:]
        if any("minus" in later.senses for later in behind) and all(
            later.number is None for later in behind
        ):
            number = -number  # "five below zero"
        return number, i, end
    return None


def _with_half(
    number: float, tokens: Sequence[Token], end: int, language: str
) -> tuple[float, int]:
    """A number with a half behind it, or behind its unit: `21 und ein halb Grad`, `veinte grados y medio`."""
    for place in (end, end + 1):
        if place < len(tokens):
            senses = set(tokens[place].senses)
            if "and_half" in senses or (language == "th" and "half" in senses):
                if place > end:
                    return number + 0.5, end
                return parts_of_size(number, 0.5, language), end + 1
            if not senses & {"degree", "percent", "money"}:
                break
    return number, end


def _spoken_year(tokens: Sequence[Token]) -> int | None:
    """`nineteen ninety nine` as one number."""
    if len(tokens) < 2 or not all(token.spelled and not token.ordinal for token in tokens):
        return None
    first, last = (token.number or 0 for token in tokens)
    return int(first * 100 + last) if first in range(10, 21) and last in range(10, 100) else None


def _times(token: Token, kind: str) -> float | None:
    """How many a word behind a number makes of each: `two dozen`, `$1k`; `None` for other words."""
    times = token.senses.get("times")
    is_unit = "unit" in token.senses and len(token.text) == 1 and kind != "currency"
    is_scale = "scale" in token.senses and kind == "temperature"
    return None if times is None or is_unit or is_scale else float(times)


def _temperature(number: float, around: Sequence[Token]) -> Value | None:
    scale = next((token.senses["scale"] for token in around if "scale" in token.senses), None)
    degree = any("degree" in token.senses for token in around)
    said = [token for token in around if not {"minus", "filler"} & set(token.senses)]
    if scale is None and not degree and said:
        return None
    return _told("temperature", number, scale or "degree")


def _tenths(behind: Sequence[Token]) -> float:
    """French `dix-neuf degrés cinq`: what the last digit behind the unit adds to a number."""
    if len(behind) != 2 or "degree" not in behind[0].senses or behind[1].ordinal:
        return 0
    number = behind[1].number
    return number / 10 if number is not None and number in range(1, 10) else 0


def _money(
    number: float,
    tokens: Sequence[Token],
    start: int,
    end: int,
    around: Sequence[Token],
    language: str,
) -> Value | None:
    unit = next((token.senses["money"] for token in around if "money" in token.senses), None)
    cents = next((token.senses["cent"] for token in around if "cent" in token.senses), None)
    if unit is None:
        if cents is None:
            return None
        return _told("currency", number / 100, cents or _CENTS[language])
    after = [i for i in range(end, len(tokens)) if tokens[i].number is not None]
    if after and 0 < (rest := tokens[after[0]].number or 0) < 100:
        # "5 dollars and 20 cents", "5 euros 20"
        money = next((i for i in range(end, len(tokens)) if "money" in tokens[i].senses), end)
        behind = after[0] > money
        if behind and (cents is not None or after[0] == len(tokens) - 1):
            number += rest / 100
    return _told("currency", number, unit)


_CENTS = {"en": "USD", "de": "EUR", "es": "EUR", "fr": "EUR", "hi": "INR", "th": "THB"}
"""Whose cents they are where no currency is named."""
