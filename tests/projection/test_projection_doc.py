"""The worked example of docs/projection.md is what the definition computes, number by number."""

from __future__ import annotations

import pathlib
import re

from pqrnn_tf.projection.definition import polynomial_hash, project
from pqrnn_tf.runtime.spec import BEGIN, END, PRIMES, ProjectionSpec, SplitMix64, coefficients
from pqrnn_tf.runtime.unicode_table import CLASS_NAMES, load_unicode_table

DOC = pathlib.Path(__file__).resolve().parents[2] / "docs" / "projection.md"
TEXT = "Éa 7pm no"
SPEC = ProjectionSpec(
    word_features=3,
    ngram_features=8,
    ngram_orders=(3,),
    ngram_hashes=2,
    max_code_points=8,
    max_tokens=4,
)


def example_lines() -> list[str]:
    """The fenced block of the document's last section."""
    table, drawn, projected = load_unicode_table(), coefficients(SPEC), project(TEXT, SPEC)
    classes = " ".join(CLASS_NAMES[table.character_class(ord(c))] for c in TEXT)
    lines = [f"text            {TEXT}", f"code points     {' '.join(str(ord(c)) for c in TEXT)}"]
    lines += [f"classes         {classes}"]
    lines += ["spans           " + " ".join(f"({s},{e})" for s, e in projected.spans)]
    lines += [f"truncated       {str(projected.truncated).lower()}", ""]
    lines += [f"bases           {' '.join(map(str, drawn.bases))}"]
    lines += [f"word {j}          a = {row[:4]}  b = {row[4]}" for j, row in enumerate(drawn.word)]
    lines += [
        f"n-gram 3, {h}     a = {row[:2]}  b = {row[2]}" for h, row in enumerate(drawn.ngram[0])
    ]
    values = [table.lower_case(ord(c)) for c in TEXT[:2]]
    lines += ["", f"token (0,2)     values {' '.join(map(str, values))}"]
    hashes = []
    for k, (base, prime) in enumerate(zip(drawn.bases, PRIMES, strict=True)):
        residue = polynomial_hash(values, base, prime)
        hashes.append(residue % 4096)
        terms = " + ".join(f"{v + 1}·{base}^{i}" for i, v in enumerate(values, 1))
        lines.append(
            f"hash {k + 1}          {terms} ≡ {residue} (mod {prime}) ≡ {hashes[-1]} (mod 4096)"
        )
    for j, (*factors, offset) in enumerate(drawn.word):
        total = offset + sum(a * x for a, x in zip(factors, hashes, strict=True))
        quarter = total % 4096 // 1024
        lines.append(
            f"word feature {j}  {total} ≡ {total % 4096} (mod 4096), quarter {quarter}: "
            f"{projected.features[0][j]}"
        )
        assert (0, 1, -1, 0)[quarter] == projected.features[0][j]
    marked = [BEGIN, *values, END]
    for i in range(len(marked) - 2):
        window = marked[i : i + 3]
        residues = [polynomial_hash(window, drawn.bases[k], PRIMES[k]) for k in range(2)]
        short = [r % 4096 for r in residues]
        lines.append(f"3-gram {i}        {window}: residues {residues} ≡ {short} (mod 4096)")
        for h, (a_1, a_2, offset) in enumerate(drawn.ngram[0]):
            total = offset + a_1 * short[0] + a_2 * short[1]
            sign, bucket = divmod(total % 16, 8)
            lines.append(
                f"    hash {h}      {total} ≡ {total % 16} (mod 16): bucket {bucket}, "
                f"{1 - 2 * sign:+d}"
            )
    for span, row in zip(projected.spans, projected.features, strict=True):
        parts = (row[:3], row[3:11], row[11:])
        label = f"({span[0]},{span[1]})"
        lines.append(
            f"features {label}  " + " | ".join(" ".join(f"{v:2d}" for v in p) for p in parts)
        )
    return lines


def test_worked_example() -> None:
    section = DOC.read_text(encoding="utf-8").split("## A worked example")[1]
    block = re.search(r"```text\n(.*?)\n```", section, re.DOTALL)
    assert block is not None
    assert [line.rstrip() for line in block[1].splitlines()] == [
        x.rstrip() for x in example_lines()
    ]


def test_first_numbers_of_the_generator() -> None:
    draw = SplitMix64(1).below
    numbers = " ".join(str(draw(2**32)) for _ in range(4))
    assert f"`{numbers}`" in DOC.read_text(encoding="utf-8")
