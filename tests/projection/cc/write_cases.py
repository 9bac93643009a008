"""Writes the golden cases as a table that the C++ test reads without a JSON parser.

The golden file keeps most features as a hash: they are computed here by the definition, and must
have that hash. Needs the standard library only.

Usage: write_cases.py GOLDEN_JSONL FOLDING_JSON OUTPUT_TSV FOLDING_TSV
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pathlib
from typing import Any

from pqrnn_tf.projection.definition import project
from pqrnn_tf.runtime.spec import ProjectionSpec


def row(case: dict[str, Any]) -> str:
    """One line of the table, with the columns that projection_core_test.cc names.

    Raises:
        ValueError: if the definition does not compute what the golden file says.
    """
    spec = ProjectionSpec.from_dict({**ProjectionSpec(version=1).to_dict(), **case["spec"]})
    features = [
        value
        for token in project(bytes.fromhex(case["text_hex"]), spec).features
        for value in token
    ]
    digest = hashlib.sha256(bytes(value & 0xFF for value in features)).hexdigest()
    if digest != case["features_sha256"]:
        raise ValueError(f"The definition disagrees with the golden file. Received: {case}.")
    columns = [
        spec.segmentation,
        int(spec.lowercase),
        spec.word_features,
        spec.ngram_features,
        ",".join(map(str, spec.ngram_orders)),
        spec.ngram_hashes,
        int(spec.shape),
        spec.max_code_points,
        spec.max_tokens,
        spec.seed,
        spec.version,
        case["text_hex"],
        int(case["truncated"]),
        ",".join(f"{start}:{end}" for start, end in case["tokens"]),
        "".join("-0+"[value + 1] for value in features),
    ]
    return "\t".join(map(str, columns))


def write_cases(golden: pathlib.Path, output: pathlib.Path) -> None:
    """Reads the golden file and writes the table."""
    lines = golden.read_text(encoding="utf-8").splitlines()
    rows = [row(json.loads(line)) for line in lines]
    output.write_text("\n".join(rows) + "\n", encoding="ascii")


def write_folding(golden: pathlib.Path, output: pathlib.Path) -> None:
    """Reads the golden file of folding and writes its table."""
    rows = []
    for case in json.loads(golden.read_text(encoding="utf-8")):
        ranges = zip(map(ord, case["folded"]), case["starts"], case["ends"], strict=True)
        points = ",".join(f"{point}:{start}:{end}" for point, start, end in ranges)
        rows.append(f"{case['version']}\t{case['text'].encode().hex()}\t{points}\n")
    output.write_text("".join(rows), encoding="ascii")


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("golden", type=pathlib.Path, help="tests/golden/projection_v1.jsonl")
    parser.add_argument("folding", type=pathlib.Path, help="tests/golden/folding_v2.json")
    parser.add_argument("output", type=pathlib.Path, help="the table of cases to write")
    parser.add_argument("folding_output", type=pathlib.Path, help="the table of folding to write")
    arguments = parser.parse_args()
    write_cases(arguments.golden, arguments.output)
    write_folding(arguments.folding, arguments.folding_output)


if __name__ == "__main__":
    main()
