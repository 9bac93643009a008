"""The rewriting of old template files keeps the texts of each template."""

from __future__ import annotations

import itertools
import pathlib
import random
import re

import pytest

from pqrnn_tf.datasets import read_templates
from pqrnn_tf.datasets.expressions import sample
from recipes.rewrite_templates import rewrite_file, rewritten_template


def old_texts(utterance: str) -> set[str]:
    """The texts of a template of version 0.1 without slots in phrases, by its two rules."""
    parts = re.split(r"(\{[^{}]*\}|\([^()]*\))", utterance)
    choices = [
        part[1:-1].split(":", 1)[-1].split("|") if part[:1] in ("{", "(") else [part]
        for part in parts
    ]
    return {re.sub(r"\s+", " ", "".join(words)).strip() for words in itertools.product(*choices)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ruf {CONTACT} an", "ruf {CONTACT} an"),
        ("ruf {CONTACT:Ann| meine  Oma |} an", "ruf {(Ann|meine Oma|):CONTACT} an"),
        ("um {DATE_TIME:8:30} (bitte|)", "um {(8:30):DATE_TIME} (bitte|)"),
        ("(a {X:b|c}|d) ; [e] <f>", r"(a {(b|c):X}|d) \; \[e\] \<f\>"),
    ],
)
def test_a_template_in_the_new_syntax(old: str, new: str) -> None:
    assert rewritten_template(old) == new


def test_a_file_keeps_its_texts_and_is_not_rewritten_twice(tmp_path: pathlib.Path) -> None:
    old = [
        "(bitte|) leg  auf {CONTACT:bei Ann|meine Oma|} (jetzt ;|[gleich]|)",
        "um {DATE_TIME:8:30|9} !",
    ]
    path = tmp_path / "de.tsv"
    path.write_text("# comment\n" + "".join(f"A\t{line}\n" for line in old), encoding="utf-8")
    rewrite_file(path)
    rng = random.Random(0)
    for line, template in zip(old, read_templates(path), strict=True):
        drawn = {sample(template.expression, rng, values=lambda name: ()).text for _ in range(500)}
        assert drawn == old_texts(line)
    with pytest.raises(ValueError, match=r"de\.tsv:2: expected a template of version 0\.1"):
        rewrite_file(path)
