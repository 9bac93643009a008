"""Rewrites files of templates from the syntax of version 0.1 to hassil's, in place.

    python -m recipes.rewrite_templates recipes/mtop_templates/*.tsv recipes/mtop_transfer/*.tsv

`{SLOT:one|two}` becomes `{(one|two):SLOT}`, `(one|two|)` stays, and signs that mean something only in hassil's syntax
are escaped. Each template keeps its texts, each as likely as before. A file that is rewritten already is refused.
"""

from __future__ import annotations

import pathlib
import re
import sys
from collections.abc import Sequence

from pqrnn_tf.files import write_bytes

_SLOT = re.compile(r"\{([A-Z][A-Z0-9_]*)(?::([^{}()]*))?\}")


def rewritten_template(utterance: str) -> str:
    """One template in hassil's syntax.

    Raises:
        ValueError: If the template is not in the syntax of version 0.1.
    """
    parts = []
    at = 0
    for match in _SLOT.finditer(utterance):
        parts.append(_escaped(utterance[at : match.start()]))
        name, listed = match.groups()
        if listed is None:
            parts.append(match[0])
        else:
            values = (_escaped(" ".join(value.split())) for value in listed.split("|"))
            parts.append(f"{{({'|'.join(values)}):{name}}}")
        at = match.end()
    return "".join([*parts, _escaped(utterance[at:])])


def _escaped(words: str) -> str:
    if re.search(r"[{}]|\\[\[\]<>;\\]", words):
        raise ValueError(f"expected a template of version 0.1. Received: {words!r}.")
    return re.sub(r"([\[\]<>;\\])", r"\\\1", words)


def rewrite_file(path: pathlib.Path) -> None:
    """Rewrites a file.

    Raises:
        ValueError: If a line is not in the syntax of version 0.1; the message starts with `file:line`.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            intent, utterance = line.split("\t")
            try:
                lines[number] = f"{intent}\t{rewritten_template(utterance)}"
            except ValueError as error:
                raise ValueError(f"{path}:{number + 1}: {error}") from error
    write_bytes(path, "\n".join(lines).encode("utf-8"))


def main(paths: Sequence[str]) -> None:
    """Runs the command."""
    for path in paths:
        rewrite_file(pathlib.Path(path))


if __name__ == "__main__":
    main(sys.argv[1:])
