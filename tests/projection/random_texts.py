"""Random Unicode for the property tests, and generated words. Deterministic by seed."""

from __future__ import annotations

import random

POOLS = [
    (0x20, 0x7F), (0x20, 0x7F), (0x61, 0x7B), (0x41, 0x5B), (0x30, 0x3A), (0x20, 0x21), (0, 0x20),
    (0xA0, 0x250), (0x300, 0x370), (0x370, 0x400), (0x400, 0x530), (0x530, 0x590), (0x5D0, 0x660),
    (0x900, 0x980), (0xE00, 0xE80), (0x1000, 0x10A0), (0x1780, 0x1800), (0x10A0, 0x1100),
    (0x1E00, 0x2000), (0x2000, 0x2070), (0x2C00, 0x2E00), (0x3040, 0x3100), (0x4E00, 0x4F00),
    (0xA640, 0xA7D0), (0xAC00, 0xAD00), (0xFE00, 0xFF70), (0x10400, 0x10450), (0x1E900, 0x1E960),
    (0x1F1E6, 0x1F200), (0x1F300, 0x1F650), (0xD800, 0xE000), (0x1FFF0, 0x20010), (0x3FFF0, 0x40010),
    (0xDFFF0, 0xE0200), (0xE0FF0, 0xE1010), (0, 0x110000), (0, 0x110000),
]  # fmt: skip


def random_text(generator: random.Random, longest: int) -> bytes:
    """UTF-8 of a text of mixed scripts, a tenth of the time with bytes spoiled."""
    points: list[int] = []
    for _ in range(generator.randrange(longest)):
        first, last = generator.choice(POOLS)
        for _ in range(generator.randrange(1, 6)):
            points.append(generator.randrange(first, last))
    content = bytearray("".join(map(chr, points)).encode("utf-8", "surrogatepass"))
    if generator.random() < 0.1:
        for _ in range(generator.randrange(1, 4)):
            position = generator.randrange(len(content) + 1)
            content[position : position + generator.randrange(3)] = generator.randbytes(2)
    return bytes(content)


def random_texts(seed: int, count: int, *, longest: int = 5) -> list[bytes]:
    """`count` random texts of up to `longest` runs of up to five characters."""
    generator = random.Random(seed)
    return [random_text(generator, longest) for _ in range(count)]


def generated_words(first: int, alphabet: int, count: int, *, seed: int = 0) -> list[str]:
    """`count` distinct words over `alphabet` letters from code point `first`, 3 to 9 letters long."""
    generator = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        length = generator.randrange(3, 10)
        words["".join(chr(first + generator.randrange(alphabet)) for _ in range(length))] = None
    return list(words)
