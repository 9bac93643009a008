"""A phrase as words with senses and numbers."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable

from pqrnn_tf.extras import require
from pqrnn_tf.values.decades import with_decades
from pqrnn_tf.values.lexicon import Lexicon, Senses, fold, is_letter, lexicon
from pqrnn_tf.values.zones import zone_phrases

SPOKEN = ("en", "de", "es", "fr")
"""The languages whose numbers `text2num` reads; Hindi and Thai have tables here."""
LEAST_MAGNITUDE = 100
"""`text2num` leaves `1.5 million` as two numbers; the second, from here on, multiplies the first."""
_LEAST_THAI_SIZE = 1000
"""A digit behind a size from here on counts a tenth of it: `พันห้า`."""

_CLOCK = re.compile(r"(\d{1,2})\s?:\s?(\d{2})(?:\s?:\s?(\d{2}))?(?!\d)")
_CLOCK_CUT = re.compile(r"\d{1,2}:\d(?!\d)")
"""A time with one digit of its minutes is a typing error."""
_CLOCK_H = re.compile(r"(\d{1,2})\s?h\s?(\d{2})(?!\d|\s?(?:m|mn|min|mins)\b)")
_CLOCK_DOT = re.compile(r"(\d{1,2})\.(\d{2})(?![\d.])")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]\s?(?=\d{1,2}:))?")
_DATE = re.compile(
    r"\d{1,2}\s?([/.-])\s?\d{1,2}\s?\1\s?(?:\d{4}|\d{2})(?!\d)|\d{1,2}\s?/\s?\d{1,2}(?![\d/])|\d{1,2}\.\s?\d{1,2}\.(?!\d)"
)
_ORDINALS = {
    language: re.compile(rf"(\d+)(?:{endings})(?![^\W\d_])")
    for language, endings in (
        ("en", "st|nd|rd|th"),
        ("de", "ste[nrms]?|te[nrms]?"),
        ("es", "\\.?(?:[oa]s?|er)"),
        ("fr", "eres?|ers?|res?|iemes?|emes?|es?|nde?s?"),
        ("hi", " ?(?:वां|वीं|वें|वा|वी|वे)"),
    )
}
_ORDINAL_DOT = re.compile(r"(\d{1,2})\s?\.(?=\s*(?:[^\W\d]|,|$))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|\.\d+")
_DECIMAL = re.compile(r"(\d*)(?:([.,])(\d+))?")
_GROUPS = re.compile(r"([1-9]\d{0,2})((?:([.,])\d{3})(?:\3\d{3})*)(?:(?!\3)[.,](\d+))?")
_INDIAN_GROUPS = re.compile(r"([1-9]\d?)((?:,\d\d)+,\d{3})(?:\.(\d+))?")
_BLANK_GROUPS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:,\d+)?(?![\d.,:/])")
_DAY_AND_YEAR = re.compile(r"\d{1,2}(?=,(?:19|20)\d\d(?![\d.,]))")
"""`june 3,2026`."""
_GROUP_SIGNS = {"de": ".", "fr": ".", "es": ".,"}
"""What stands between groups of three digits, in other languages a comma; Spanish has both, by country."""
_BLANKS_IN_NUMBERS = ("de", "es", "fr")
"""Languages that write `1 234,56`."""
_FRACTION = re.compile(r"(\d+)\s+(\d)\s?/\s?([2-9])(?!\d)")
_PART = re.compile(r"()([1-3])\s?/\s?([234])(?![\d/]|\s?/)")
"""A half, thirds and quarters are no days of January and February."""
_APART = re.compile(r"\s+('s|'clock)(?![a-z])")
"""Corpora write what belongs to the word before apart from it."""
_LETTER_OF_HALF = re.compile(
    r"(?<![\d.,])((?:1[0-2]|0?[1-9])(?:[:.]?[0-5]\d)?)\s?([ap])(?![\w.]|\sm(?!\w))"
)
_HALF_IN_DOTS = re.compile(r"\b([ap])\s?\.\s?m\b(?:\s?\.)?", re.IGNORECASE)
"""`a. m.`, also with blanks before its dots."""
_DEGREE = re.compile(r"º(?=\s?[CF]\b)", re.IGNORECASE)
"""The sign of an ordinal, written for that of a degree."""
_HOURS_OF_DAY = re.compile(r"(?<!\d)([01]?\d|2[0-4])([0-5]\d)\s?(?:h|hrs|hours)(?![a-z])")
_DECADE = re.compile(r"((?:1\d|20|00)\d0|(?:19|20)\d7)'?s(?![a-z])")
"""Two zeros are written for a century that is not said; decades of the Buddhist era begin with a 7."""
_UNIT_SIGNS = str.maketrans({"℃": "°C", "℉": "°F"})
_SIGN = re.compile(r"[-−](?=\s?[\d.$€£¥₹฿])")
_GLYPH = re.compile(r"(?<=\d)(?=[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_GLYPH_FOLDED = re.compile(r"(?:(\d+)\s+)?(\d+)⁄([1-9]\d*)")
"""The sign of a fraction, which folding takes apart."""
_OFFSET = re.compile(r"(?:gmt|utc)\s?([+−-])\s?(\d{1,2})(?::?([0-5]\d))?(?!\d)")
_NO_ORDINALS = {
    "en": re.compile(r"(\b(?:third|(?:fif|six|seven|eigh|nin|ten)th)s\b)"),
    "es": re.compile(
        r"(\b(?:y|menos) cuarto\b|\by (?:un cuarto|tres cuartos)\b|\bcuartos\b|\bcuarto de hora\b|"
        r"(?<=\bun )cuarto(?=\s*$| de\b)|\b(?:un )?cuarto para\b|\bcentavos?\b)"
    ),
}
"""Words that `text2num` would read as ordinals or as hundredths."""
_DATE_WITH_NAME = (r"\b(\d{1,2})-([^\W\d_]{3,9})\.?-(\d{4}|\d{2})\b", r"\1 \2 \3")
"""`21-Jun-2027`."""
_REWRITTEN = {
    language: [(re.compile(pattern, re.IGNORECASE), as_said) for pattern, as_said in patterns]
    for language, patterns in {
        "en": [
            (r"[-‐]and[-‐]a[-‐]half\b[-‐]?", " and a half "),
            (r"\bo[ -]clock\b", "o'clock"),
            (r"\boh (?=\w)", "o "),
            (r"\bfortnightly\b", "every fortnight"),
            (r"^(\W*(?:(?:minus|negative) )?)point\b", r"\1zero point"),
            (r"\bfrom (.+) on$", r"from \1 onwards"),
            (r"(?<=\d) point (?=\d)", "."),
            (r"(?<=\d)d(?![a-z])", " days "),
            (r"(?<=\d)w(?![a-z])", " weeks "),
            (r"(?<=[a-z]) from (?:the )?last(?=$| one\b)", " to last"),
            (r"(?<!\w)(?<!\bin )'(?=\d\d(?![\w']))", "20"),
            _DATE_WITH_NAME,
            (r"\bfirst thing\b", ""),
            (r"\bone time\b", "once"),
            (r"\b(?:first|1st) day of\b", "start of"),
            (r"(?<=[a-z])-(?=(?:second|minute|hour|day|week|month|year)s?\b)", " "),
        ],
        "de": [
            (r"\b(\w{3,}?)einhalb\b", r"\1 einhalb"),
            _DATE_WITH_NAME,
            (r"^(\W*(?:minus )?)komma\b", r"\1null komma"),
            (r"\b(?:von|vom) (.+) an$", r"ab \1"),
            (r"fuenf", "fünf"),
            (r"zwoelf", "zwölf"),
            (r"\b(?-i:so) (?=(?:um|gegen|ungefähr|circa|ca|etwa)\b)", ""),
            (r"(?<=\d) komma (?=\d)", ","),
            (r"\baller(?=erst|letzt)", ""),
            (r"\bsiebent(?=e[mnrs]?\b)", "siebt"),
            (r"(?<=\d)'(?=\d{3}(?!\d))", ""),
            (r"\b(?:erste[rn]?|1\.) tag (?=de[rs]\b)", "anfang "),
        ],
        "es": [
            (r"\bveinti[uú]n\b", "veintiuno"),
            (r"\btercer\b", "tercero"),
            (
                r"\bun([oa])s (?=(?:segundos|minutos|horas|d[ií]as|semanas|meses|años)\b)",
                r"algun\1s ",
            ),
            (r"(?<=\d) (?:coma|punto) (?=\d)", ","),
            (r"\bveintidos\b", "veintidós"),
            (r"\bveintitres\b", "veintitrés"),
            (r"\b((?:un|duo)?d)ecim(?=[oa]s?\b)", r"\1écim"),
            (r"\bseptim(?=[oa]s?\b)", "séptim"),
            (r"gesim(?=[oa]s?\b)", "gésim"),
            (r"(?<!\d)(0\d)([0-5]\d)\s?horas\b", r"\1:\2"),
            (r"\b(?:primer|1er) d[ií]a (?=del?\b)", "inicio "),
        ],
        "fr": [
            (r"\bdemi-(?=mill)", "demi "),
            (r"(?<=[^\W\d_])\s-\s(?=[^\W\d_])", "-"),
            (r"\b([cdjlmnst]|qu|jusqu|aujourd)'\s+(?=\w)", r"\1'"),
            (r"(?<=\d) virgule (?=\d)", ","),
            (r"\bzero\b", "zéro"),
            (r"(?<=\w)ieme(?=s?\b)", "ième"),
            (r"\bpremiere(?=s?\b)", "première"),
            (r"\b(?:premier|1er) jour (?=d[ue]\b)", "début "),
        ],
        "hi": [(r"शून्य से (.+) नीचे", r"माइनस \1")],
        "th": [
            (r"(?<=[ก-๛])\s+(?=[ก-๛.])", ""),
            (r"(?<=\d)\s?น(?![ก-๛.])", " น."),
            (r"(?=บ่ายโมง)", " "),
            (r"วัน(?=ที่(?:แล้ว|ผ่านมา|จะถึง))", "วัน "),
            (r"(?<!\d)(?<!\d )(?:(?<=ชั่วโมง)|(?<!โมง)(?<!โมง ))(ก่อน|หลัง)(?=เที่ยง)", r"\1 "),
        ],
    }.items()
}
"""Ways of saying that are read as other ones, by language, before numbers in words are digits."""
_ISH = re.compile(r"(?<=\d)[\s-]?ish\b")
_IMPOSSIBLE = {"impossible": ""}
"""The senses of a date or time in digits that there is not."""
_LEAST_SHORT_BUDDHIST_YEAR = 60
"""A Thai year of two digits is one of the Buddhist era from here on: `1/2/70` is in 2570."""
_MARKS = {",": "and", ";": "and"}
_MULTIPLIES_ALL = 1_000_000
"""The least size in Hindi and Thai that all words before it count: `สองแสนล้าน`."""
_SIZES = {
    "hi": (100, 1000, 10**5, 10**7, 10**9),
    "th": (100, 1000, 10**4, 10**5, 10**6),
}
_NO_TENS = ("หนึ่ง", "สอง")
"""Thai digits that do not stand before the word for ten: 20 has one of its own."""
_SIZES_OF_OTHERS = (1000, 10**6, 10**9)
"""Sizes that a half or a quarter beside a number is one of, and below how many of them."""
_MOST_SIZES = 100


@dataclasses.dataclass(frozen=True)
class Token:
    """A word or number.

    Attributes:
        text: As it stands in the folded text.
        senses: What the word may mean; empty for one that the lexicon does not have.
        number: Value of a number.
        ordinal: Whether it is an ordinal.
        spelled: Whether the number was written in words.
        clock: `(hour, minute, second)` of a time such as `7:30`.
        date: `(year, month, day)` of a date in digits, 0 for a year that is not said.
    """

    text: str
    senses: Senses = dataclasses.field(default_factory=dict)
    number: float | None = None
    ordinal: bool = False
    spelled: bool = False
    clock: tuple[int, int, int] | None = None
    date: tuple[int, int, int] | None = None

    @property
    def known(self) -> bool:
        """Whether it is more than a word that the lexicon does not have."""
        return bool(self.senses) or any(x is not None for x in (self.number, self.clock, self.date))


def tokens_of(text: str, language: str) -> list[Token]:
    """The words and numbers of a text.

    Args:
        text: The text.
        language: One of `LANGUAGES`.
    """
    words = lexicon(language)
    plain = unicodedata.normalize("NFC", text).replace("’", "'").replace("\u200b", "")
    plain = plain.translate(_UNIT_SIGNS)
    plain = _APART.sub(r"\1", plain)
    folded = _digits(_GLYPH.sub(" ", plain), language)
    zones = zone_phrases(folded, words)
    tokens: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at].isspace():
            at += 1
            continue
        if at in zones:
            end, zone = zones[at]
            senses = {"filler": ""} if zone is None else {"zone": zone}
            tokens.append(Token(folded[at:end], senses))
            at = end
            continue
        is_front = not any(token.known for token in tokens) or "money" in tokens[-1].senses  # "$-5"
        if _SIGN.match(folded, at) and is_front:
            tokens.append(Token("-", {"minus": ""}))
            at += 1
            continue
        token, at = _token(folded, at, words, text)
        if token is not None:
            tokens.append(token)
    return _composed(tokens, language)


def _digits(text: str, language: str) -> str:
    """The folded text with numbers in digits, where `text2num` reads them."""
    text = _HALF_IN_DOTS.sub(r"\1m", text)
    for pattern, as_said in _REWRITTEN.get(language, ()):
        text = pattern.sub(as_said, text)
    text = with_decades(text, language)
    if language in SPOKEN:
        convert = require("text_to_num").alpha2digit
        kept = _NO_ORDINALS.get(language)
        pieces = kept.split(text.lower()) if kept else [text.lower()]
        text = "".join(
            piece if number % 2 else _converted(convert, piece, language)
            for number, piece in enumerate(pieces)
        )
    text = _DEGREE.sub("°", text)
    folded = fold(text.replace("º", "o").replace("ª", "a"))
    if language == "en":
        folded = _LETTER_OF_HALF.sub(r"\1 \2m", _ISH.sub("", folded))
    return _HOURS_OF_DAY.sub(_hour_of_day, folded)


def _hour_of_day(found: re.Match[str]) -> str:
    """`0730h` as `07:30`; behind `hours` the hour is one of 24, which a leading zero says."""
    width = 1 if found.group().endswith("h") else 2
    return f"{found[1].zfill(width)}:{found[2]}"


def _converted(convert: Callable[..., str], text: str, language: str) -> str:
    """The text with numbers in digits, with its blanks at either end."""
    inner = text.strip()
    return text.replace(inner, convert(inner, language, threshold=0)) if inner else text


def _token(text: str, at: int, words: Lexicon, raw: str) -> tuple[Token | None, int]:
    """The token at a place, and where the next may be."""
    character = text[at]
    if character in "gu" and (offset := _OFFSET.match(text, at)):
        sign = "-" if offset[1] in "-−" else "+"
        zone = f"{sign}{offset[2]:0>2}:{offset[3] or '00'}"
        return Token(offset.group(), {"zone": zone}), offset.end()
    in_front = text[at - 1] if at else " "
    if character.isdigit() or (
        character == "." and text[at + 1 : at + 2].isdigit() and not in_front.isalnum()
    ):
        token, end = _number_token(text, at, words.language)
        digits = re.match(r"\d+", token.text)
        if token.number is not None and digits:
            written = re.search(rf"(?<!\d){digits.group()}(?!\d)", fold(raw))
            token = dataclasses.replace(token, spelled=written is None)
        return token, end
    found = words.match(text, at)
    if found is not None:
        phrase, senses = _every_alone(text, at, *found, words) if "freq" in found[1] else found
        return Token(phrase, senses), at + len(phrase)
    if is_letter(character):
        end = at + 1
        if words.blanks:
            while end < len(text) and is_letter(text[end]):
                end += 1
        else:
            while end < len(text) and is_letter(text[end]) and words.match(text, end) is None:
                end += 1
        token = _first_of_compound(text[at:end], words) or Token(text[at:end])
        return token, at + len(token.text)
    if character in _MARKS:
        return Token(character, {_MARKS[character]: ""}), at + 1
    return None, at + 1


def _every_alone(
    text: str, at: int, phrase: str, senses: Senses, words: Lexicon
) -> tuple[str, Senses]:
    """Of `tous les jours` only `tous les`, where more words belong to the rest: `tous les jours ouvrables`."""
    end = at + len(phrase)
    following = words.match(text, _behind_blanks(text, end))
    is_more = following is not None and bool({"tail", "and_half"} & set(following[1]))
    for cut in range(len(phrase) - 1, 0, -1):
        first = words.match(phrase[:cut], 0)
        if first is None or len(first[0]) != cut or "every" not in first[1]:
            continue
        place = _behind_blanks(text, at + cut)
        rest = words.match(text, place)
        if rest is not None and (is_more or place + len(rest[0]) > end):
            return first
    return phrase, senses


def _behind_blanks(text: str, at: int) -> int:
    """The next place of a text that is no blank; its end, less one, where there is none."""
    while at < len(text) - 1 and text[at].isspace():
        at += 1
    return min(at, len(text) - 1)


def _first_of_compound(word: str, words: Lexicon) -> Token | None:
    """The day of the week in a German word that has a part of the day too: `freitagabend`."""
    if words.language != "de":
        return None
    for cut in range(1, len(word)):
        first, last = words.match(word[:cut], 0), words.match(word[cut:], 0)
        if (
            first is not None
            and last is not None
            and first[0] + last[0] == word
            and "dow" in first[1]
            and {"part", "noon"} & set(last[1])
        ):
            return Token(*first)
    return None


def _number_token(text: str, at: int, language: str) -> tuple[Token, int]:
    """The token of digits."""
    if found := _ISO_DATE.match(text, at):
        year, month, day = map(int, found.groups())
        return Token(found.group(), date=(year, month, day)), found.end()
    if (found := _GLYPH_FOLDED.match(text, at) or _PART.match(text, at)) or (
        (found := _FRACTION.match(text, at)) and found[1]
    ):
        number = int(found[1] or 0) + int(found[2]) / int(found[3])
        return Token(found.group(), number=number), found.end()
    if found := _DATE.match(text, at):
        date = _date(found.group(), language)
        if date is not None:
            return Token(found.group(), date=date), found.end()
        if found[1]:
            return Token(found.group(), _IMPOSSIBLE), found.end()
    if found := _DECADE.match(text, at):
        return Token(found.group(), {"decade": found[1]}), found.end()
    if found := _CLOCK.match(text, at):
        hour, minute, second = (int(part or 0) for part in found.groups())
        if hour <= 24 and minute < 60 and second < 60:
            return Token(found.group(), clock=(hour, minute, second)), found.end()
        return Token(found.group(), _IMPOSSIBLE), found.end()
    if found := _CLOCK_CUT.match(text, at):
        return Token(found.group(), _IMPOSSIBLE), found.end()
    for pattern in (_CLOCK_H, *((_CLOCK_DOT,) if _is_clock_after_dot(text, at, language) else ())):
        if found := pattern.match(text, at):
            if int(found[1]) <= 24 and int(found[2]) < 60:
                return Token(found.group(), clock=(int(found[1]), int(found[2]), 0)), found.end()
            if pattern is _CLOCK_DOT:
                return Token(found.group(), _IMPOSSIBLE), found.end()
    if language in _ORDINALS and (found := _ORDINALS[language].match(text, at)):
        return Token(
            found.group(), _second(found[1], language), int(found[1]), ordinal=True
        ), found.end()
    if language == "de" and (found := _ORDINAL_DOT.match(text, at)):
        return Token(found.group(), number=int(found[1]), ordinal=True), found.end()
    pattern = _BLANK_GROUPS if language in _BLANKS_IN_NUMBERS else _DAY_AND_YEAR
    found = pattern.match(text, at) or _NUMBER.match(text, at)
    if found is None:  # a digit of no decimal system, such as a superscript
        return Token(text[at]), at + 1
    digits = _plain_digits(found.group(), language)
    if digits is None:
        return Token(found.group()), found.end()
    number = float(digits)
    return Token(found.group(), number=int(number) if number.is_integer() else number), found.end()


def _plain_digits(text: str, language: str) -> str | None:
    """A number without signs between groups and with a point before decimals; `None` for digits that are none.

    Args:
        text: Such as `1,234.5`, `1.234,5`, `1 234,5`, `12,34,567`.
        language: Says whether `1,234` is a thousand and more.
    """
    text = text.replace(" ", "")
    if found := _INDIAN_GROUPS.fullmatch(text):
        return f"{found[1]}{found[2].replace(',', '')}.{found[3] or 0}"
    if found := _GROUPS.fullmatch(text):
        several = found[2].count(found[3]) > 1 or found[4]
        if several or found[3] in _GROUP_SIGNS.get(language, ","):
            return f"{found[1]}{found[2].replace(found[3], '')}.{found[4] or 0}"
    found = _DECIMAL.fullmatch(text)
    return f"{found[1] or 0}.{found[3] or 0}" if found else None


def _is_clock_after_dot(text: str, at: int, language: str) -> bool:
    """Whether `7.30` is a time: before a word that says so, or in a language that writes times so."""
    found = _CLOCK_DOT.match(text, at)
    if found is None:
        return False
    rest = text[found.end() :].lstrip()
    if language in ("de", "th"):
        return (
            rest.startswith(("uhr", "น", "นาฬิกา")) or re.match(r"h(?![^\W\d_])", rest) is not None
        )
    return rest.startswith(("am", "pm", "a.m", "p.m", "a m", "p m", "h"))


def _second(number: str, language: str) -> Senses:
    """In three languages the unit and the ordinal are one word."""
    return {"unit": "second"} if number == "2" and language in ("en", "es", "fr") else {}


def _date(text: str, language: str) -> tuple[int, int, int] | None:
    """A date in digits, by `dateparser`, with the month first in English."""
    text = re.sub(r"\s", "", text)
    parts = [int(part) for part in re.split(r"[/.-]", text) if part]
    if len(parts) == 2:
        first, second = parts
        month, day = (first, second) if language == "en" and first <= 12 else (second, first)
        return (0, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
    order = "MDY" if language == "en" and parts[0] <= 12 else "DMY"
    settings = {"DATE_ORDER": order, "PREFER_LOCALE_DATE_ORDER": False}
    if language == "th" and _LEAST_SHORT_BUDDHIST_YEAR <= parts[2] < 100:
        text = f"{text[:-2]}{2500 + parts[2] - 543}"
    elif parts[2] > 2400:  # years of the Buddhist era
        text = text[: -len(str(parts[2]))] + str(parts[2] - 543)
    try:
        found = require("dateparser").parse(text, languages=["en"], settings=settings)
    except (ValueError, OverflowError):
        return None
    return None if found is None else (found.year, found.month, found.day)


def _composed(tokens: list[Token], language: str) -> list[Token]:
    """Numbers of several words as one each."""
    if language not in ("hi", "th"):
        return _multiplied(tokens)
    composed: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        senses = token.senses
        if "point" in senses:
            if not composed or composed[-1].number is None:
                composed.append(Token(token.text, number=0, spelled=True))
            whole = composed[-1].number or 0
            digits, end = _decimals(tokens, at + 1)
            if digits and whole == int(whole):
                number = float(f"{int(whole)}.{digits}")
                composed[-1] = dataclasses.replace(composed[-1], number=number)
                at = end
                continue
        if "ord" in senses and language == "hi":
            number = float(senses["ord"])
            composed.append(Token(token.text, senses, int(number), ordinal=True, spelled=True))
            at += 1
            continue
        total, end = _number_in_words(tokens, at)
        if end == at:
            composed.append(token)
            at += 1
        else:
            text = " ".join(one.text for one in tokens[at:end])
            number = int(total) if float(total).is_integer() else total
            kept = senses if end == at + 1 else {}
            composed.append(Token(text, kept, number, spelled=True))
            at = end
    return composed


def _decimals(tokens: list[Token], at: int) -> tuple[str, int]:
    """The digits that words behind a point spell, and where they end: `สามจุดหนึ่งสี่`."""
    digits = ""
    while at < len(tokens):
        number, end = _number_in_words(tokens, at)
        if end == at:
            if (told := tokens[at].number) is None or not tokens[at].text.isdigit():
                break
            number, end = told, at + 1
        if number != int(number) or (digits and number > 9):
            break
        digits, at = f"{digits}{int(number)}", end
    return digits, at


def is_magnitude(token: Token) -> bool:
    """Whether a word such as `thousand` or `million` multiplies the number before it."""
    number = token.number
    if number is None or token.ordinal or not token.spelled or number < LEAST_MAGNITUDE:
        return False
    return number == 10 ** (len(token.text) - 1) or token.senses.get("size") == str(number)


def parts_of_size(number: float, share: float, language: str) -> float:
    """A number and a share of its size: Hindi `साढ़े तीन सौ` is 350, `a million and a half` 1500000, `साढ़े चार` 4.5."""
    known = _SIZES.get(language, _SIZES_OF_OTHERS)
    sizes = (size for size in known if size <= number < _MOST_SIZES * size and number % size == 0)
    return number + share * max(sizes, default=1)


def _multiplied(tokens: list[Token]) -> list[Token]:
    """`1.5 million`, `five thousand` as one number each."""
    multiplied: list[Token] = []
    for token in tokens:
        last = multiplied[-1] if multiplied else None
        if (
            last is not None
            and last.number is not None
            and token.number is not None
            and is_magnitude(token)
            and not (last.ordinal or last.number >= token.number)
        ):
            number = last.number * token.number
            multiplied[-1] = dataclasses.replace(
                last, number=int(number) if float(number).is_integer() else number
            )
        else:
            multiplied.append(token)
    return multiplied


def _number_in_words(tokens: list[Token], at: int) -> tuple[float, int]:
    """The number that words spell from a place on, and where it ends; at the place itself if none does."""
    total, group, end = 0.0, None, at
    last = float("inf")
    if tokens[at].number is not None and not tokens[at].ordinal:  # "1.5 लाख"
        if at + 1 == len(tokens) or "size" not in tokens[at + 1].senses:
            return 0.0, at
        group, end = float(tokens[at].number or 0), at + 1
    while end < len(tokens):
        senses = tokens[end].senses
        word = senses.get("num", senses.get("thai_digit"))
        size = float(senses.get("size", 0))
        if size == 10 and end > at and tokens[end - 1].text in _NO_TENS:
            break
        if word is not None and tokens[end].number is None and group is None:
            group = float(word)
        elif 0 < size < last:
            total += (1.0 if group is None else group) * size
            last, group = size, None
        elif size >= _MULTIPLIES_ALL:
            total, last, group = (total + (group or 0.0)) * size, size, None
        else:
            break
        end += 1
    if (
        group is not None
        and end - at > 1
        and "thai_digit" in tokens[end - 1].senses
        and _LEAST_THAI_SIZE <= last < float("inf")
    ):
        group *= last / 10  # "พันห้า" is 1500
    return total + (group or 0.0), end
