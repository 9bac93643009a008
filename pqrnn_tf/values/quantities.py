"""Numbers, ordinals, lengths of time and quantities."""

from __future__ import annotations

from collections.abc import Sequence

from pqrnn_tf.values.durations import duration_value
from pqrnn_tf.values.items import Day, Length, Word, is_spread, items_of
from pqrnn_tf.values.tokens import Token, is_magnitude, parts_of_size
from pqrnn_tf.values.value import Value

_PARTS = {"quarter", "fraction", "over"}
_WHOLE = ("hour", "day", "week", "month", "year")
_UNITS = {"money", "degree", "scale", "percent", "cent"}
_LEAST_SIZE = 1000
"""Sizes from here on may have smaller numbers behind them."""


def read_duration(tokens: Sequence[Token], language: str) -> Value | None:
    """The first length of time in a phrase; `None` for one that is between two."""
    items = items_of(tokens, language, hours=False)
    if is_spread(items, language):
        return None
    for item in items:
        if isinstance(item, Length):
            return duration_value(item)
    for word, item in zip(items, items[1:], strict=False):
        is_whole = isinstance(word, Word) and "whole" in word.senses
        if (
            is_whole
            and isinstance(item, Day)
            and item.unit in _WHOLE
            and item == Day(unit=item.unit)
        ):
            return duration_value(Length(((item.unit, 1),)))  # "all day"
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
    if found is None:
        return None
    number, start, end = found
    if _is_one_of_two(tokens, start, end, language):
        return None
    following = tokens[end] if end < len(tokens) else None
    if following is not None and following.number is not None and not following.ordinal:
        return None  # "1 000 000", which is no English number
    if kind == "number":
        return _told("number", number)
    around = [*tokens[end:], *reversed(tokens[:start])]
    if kind == "percentage":
        known = any("percent" in token.senses for token in around)
        is_lone = all({"filler", "num"} & set(token.senses) for token in around)
        if is_lone and 0 < number < 1 and any(map(_is_part, tokens[start:end])):
            return _told(kind, number * 100, "percent")  # "half", "la moitié", "three quarters"
        return _told(kind, number, "percent") if known or not around else None
    if kind == "temperature":
        if language == "fr":
            number += _tenths(tokens[end:])
        return _temperature(number, around)
    return _money(number, tokens, start, end, around, language)


def _is_one_of_two(tokens: Sequence[Token], start: int, end: int, language: str) -> bool:
    """Whether another number is meant as well: `20 to 22 degrees`, `5 or 6`, `between $5 and $10`, Hindi `दो तीन`.

    Args:
        tokens: The words of a phrase.
        start, end: Half-open range of those that say the first number.
        language: Their language.
    """
    joints = {"to", "or"}
    if any("between" in token.senses for token in tokens):
        joints.add("and")
    in_front = start > 0 and "or" in tokens[start - 1].senses
    if in_front and any("num" in token.senses for token in tokens[: start - 1]):
        return True  # "a dollar or two"
    place = end
    while (
        place < len(tokens)
        and _UNITS & set(tokens[place].senses)
        and not joints & set(tokens[place].senses)
    ):
        place += 1
    if place < len(tokens) and joints & set(tokens[place].senses):
        place += 1
        while place < len(tokens) and (_UNITS | {"minus", "filler"}) & set(tokens[place].senses):
            place += 1
        return place < len(tokens) and tokens[place].number is not None
    following = tokens[end] if end < len(tokens) else None
    return (
        language in ("hi", "th")
        and following is not None
        and following.number is not None
        and following.spelled
        and not following.ordinal
        and tokens[end - 1].spelled
    )


def _told(kind: str, number: float, unit: str | None = None) -> Value:
    number = int(number) if number == int(number) else round(number, 9)
    return Value(kind, f"{number} {unit}" if unit else str(number), number, unit)


def _ordinal(tokens: Sequence[Token]) -> Value | None:
    for i, token in enumerate(tokens):
        if (nth := token.senses.get("nth")) is not None:
            return _told("ordinal", int(nth))
        if token.ordinal and token.number is not None:
            behind = tokens[i + 1].senses if i + 1 < len(tokens) else {}
            other = next((one for one in tokens[i + 2 :] if "filler" not in one.senses), None)
            if {"to", "or", "and"} & set(behind) and other is not None and other.ordinal:
                return None  # "the third and fourth"
            from_end = "from_end" in behind or behind.get("mod") == "-1"
            return _told("ordinal", -token.number if from_end else token.number)
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if "ordinal" in token.senses and following is not None and following.number is not None:
            if any("ordinal" in one.senses for one in tokens[i + 2 :]):
                return None
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
        share = _share(tokens, i, language)
        if share is not None:
            number, end = share
        elif token.number is not None:
            if (
                language in ("es", "fr")
                and token.number == 1
                and token.spelled
                and following is not None
            ) and (following.number is not None or "half" in following.senses):
                continue  # "un 20 %", "unos veinte", "un demi-million"
            number, end = token.number, i + 1
        elif "num" in senses and not (set(senses) - {"num", "filler"}):
            number, end = float(senses["num"]), i + 1
            # "a dollar fifty", "anderthalb tausend"
            is_amount = following is not None and (
                "money" in following.senses or is_magnitude(following)
            )
            if not is_amount and any(later.number is not None for later in tokens[i + 1 :]):
                continue
        elif _is_half(token) or "and_half" in senses or ("lead" in senses and language == "hi"):
            if language == "hi" and "lead" in senses and following and following.number is not None:
                part_of = int(senses["lead"]) / 60
                return parts_of_size(following.number, part_of, language), i, i + 2
            number, end = 0.5, i + 1  # "half a million"
        elif "quarter" in senses:
            number, end = int(senses["quarter"]) / 4, i + 1  # "dreiviertel", "a quarter million"
        else:
            continue
        number, end = _with_half(number, tokens, end, language)
        if number == int(number) and end < len(tokens) and "and" in tokens[end].senses:
            part = _share(tokens, end + 1, language)
            if part is not None and 0 < part[0] < 1:  # "two and three quarters"
                number, end = parts_of_size(number, part[0], language), part[1]
        if end < len(tokens) and is_magnitude(tokens[end]):
            number, end = number * (tokens[end].number or 1), end + 1
            number, end = _with_half(number, tokens, end, language)
        if language == "en" and kind == "number" and (year := _spoken_year(tokens[i : i + 2])):
            number, end = year, i + 2
        number, end = _with_sizes(number, tokens, end, kind)
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


def _is_half(token: Token) -> bool:
    return "half" in token.senses or token.senses.get("lead") == "-30"  # German "halb"


def _is_part(token: Token) -> bool:
    """Whether it says a part of one: a half, third, quarter."""
    return _is_half(token) or token.ordinal or bool(_PARTS & set(token.senses))


def _share(tokens: Sequence[Token], at: int, language: str) -> tuple[float, int] | None:
    """So many parts of one, and where they end: `three quarters`, `a third`, `zwei Drittel`, `one half`."""
    if at + 1 >= len(tokens) or tokens[at].ordinal:
        return None
    count = tokens[at].number
    if count is None and tokens[at].senses.get("num") == "1":
        count = 1
    following = tokens[at + 1]
    if count is None or count != int(count) or count < 1:
        return None
    if count == 1 and _is_half(following):
        share = 0.5
    elif "quarter" in following.senses and count in (1, 3):
        share = count * int(following.senses["quarter"]) / 4
    elif "fraction" in following.senses:
        share = count / int(following.senses["fraction"])
    elif (
        count == 1
        and language == "en"
        and following.ordinal
        and following.spelled
        and (parts := following.number or 0) > 2
    ):
        share = 1 / parts
    elif "over" in following.senses and (whole := _whole_of(tokens, at)) is not None:
        return count / whole, at + 3
    else:
        return None
    end = place = at + 2
    while place < len(tokens) and {"filler", "num"} & set(tokens[place].senses):
        place += 1
    if place < len(tokens) and (is_magnitude(tokens[place]) or "times" in tokens[place].senses):
        end = place  # "three quarters of a million"
    return share, end


def _whole_of(tokens: Sequence[Token], at: int) -> float | None:
    """Of how many parts a spoken number is one or more: Thai `หนึ่งในสาม`, `สามส่วนสี่`."""
    whole = tokens[at + 2] if at + 2 < len(tokens) else None
    if whole is None or not (tokens[at].spelled and whole.spelled) or whole.number is None:
        return None
    return whole.number if whole.number > (tokens[at].number or 0) else None


def _with_sizes(number: float, tokens: Sequence[Token], end: int, kind: str) -> tuple[float, int]:
    """A number with the sizes behind it, and smaller numbers with theirs: `3 lakh 50 thousand`."""
    size = 1.0
    while end < len(tokens) and (times := _times(tokens[end], kind)) is not None:
        number, size, end = number * times, size * times, end + 1
    if size == 1.0 and end and not tokens[end - 1].spelled and number >= _LEAST_SIZE:
        digits = tokens[end - 1].text.replace(",", "").replace(".", "")
        size = number if digits.isdigit() and float(digits) < number else size  # "5 million"
    if size < _LEAST_SIZE or end >= len(tokens):
        return number, end
    token = tokens[end]
    if token.number is None or token.ordinal or not 0 < token.number < size:
        return number, end
    rest, behind = _with_sizes(token.number, tokens, end + 1, kind)
    return (number + rest, behind) if rest < size else (number, end)


def _with_half(
    number: float, tokens: Sequence[Token], end: int, language: str
) -> tuple[float, int]:
    """A number with a half or quarter behind it or its unit: `21 und ein halb Grad`, `veinte grados y medio`."""
    for place in (end, end + 1):
        if place < len(tokens):
            senses = set(tokens[place].senses)
            part = max(0, int(tokens[place].senses.get("tail", 0)) / 60)
            if "and_half" in senses or (language == "th" and "half" in senses):
                part = 0.5
            if part:
                if place > end:
                    return number + part, end
                return parts_of_size(number, part, language), end + 1
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
