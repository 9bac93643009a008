"""Reader of CLINC150: 150 intents without slots, and requests that belong to none of them.

Larson et al. 2019, *An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction*, arXiv 1909.02027.
"""

from __future__ import annotations

import json
import os
import pathlib
import re

from pqrnn_tf.datasets.formats.split_files import spellings
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError, Example

_KEYS = {"train": "train", "dev": "val", "test": "test"}
_LIST = re.compile(r'"(?:oos_)?(?:train|val|test)"\s*:\s*\[')
_FULL = "data_full.json"


def find_clinc150(folder: str | os.PathLike[str]) -> pathlib.Path | None:
    """The file of CLINC150 in a folder; `None` if there is none.

    It is `data_full.json`, as the corpus is published, or else the one JSON file with lists of its splits.

    Raises:
        DataError: If there are several such files and none is called `data_full.json`.
    """
    root = pathlib.Path(folder)
    found = [path for path in sorted(root.glob("*.json")) if _LIST.search(_content(path))]
    full = [path for path in found if path.name == _FULL]
    if len(found) > 1 and not full:
        raise DataError(
            f"{root} must hold one file of CLINC150, or one called {_FULL}. "
            f"Received: {', '.join(path.name for path in found)}. Leave the one to read."
        )
    return next(iter(full or found), None)


def _content(path: pathlib.Path) -> str:
    return "\n".join(line for _, line in numbered_lines(path))


def read_clinc150(path: str | os.PathLike[str], split: str) -> list[Example]:
    """Reads a split of a file with the lists `train`, `val`, `test` and `oos_train`, `oos_val`, `oos_test`.

    Rows out of scope follow the others, with the intent `OUT_OF_SCOPE`; a file may have none of them. No row has
    slots.

    Args:
        path: The file, such as `data_full.json`.
        split: `"train"`, `"dev"` (the file calls it `val`) or `"test"`.

    Raises:
        DataError: If the file is missing or not such JSON, or has no such split.
        ValueError: If `split` is another word.
    """
    spellings(split)
    file = pathlib.Path(path)
    try:
        lists = json.loads(_content(file))
    except json.JSONDecodeError as error:
        raise DataError(
            f"{file}:{error.lineno}: not valid JSON ({error.msg}). Restore the original file."
        ) from error
    key = _KEYS[split]
    if not isinstance(lists, dict) or key not in lists:
        held = ", ".join(sorted(lists)) if isinstance(lists, dict) else type(lists).__name__
        raise DataError(f"{file}: no split {split!r}: expected a list {key!r}. Received: {held}.")
    examples = []
    for name in (key, f"oos_{key}"):
        rows = lists.get(name, [])
        for number, row in enumerate(rows if isinstance(rows, list) else [rows]):
            source = f"{file}:{name}[{number}]"
            if not (
                isinstance(row, list)
                and len(row) == 2
                and all(isinstance(value, str) and value for value in row)
            ):
                raise DataError(f"{source}: expected [text, intent]. Received: {str(row)[:80]!r}.")
            examples.append(Example(row[0], row[1], (), locale="en", source=source))
    return examples
