"""The golden file: it is what the definition says, and every implementation meets it."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import pathlib
from typing import Any

import implementations
import numpy as np

from pqrnn_tf.projection import op
from pqrnn_tf.runtime.spec import ProjectionSpec
from tests.conftest import skip_native

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
LINES = (GOLDEN / "projection_v1.jsonl").read_text(encoding="utf-8").splitlines()
CASES = [json.loads(line) for line in LINES]


def script() -> Any:
    path = GOLDEN / "make_projection_golden.py"
    module_spec = importlib.util.spec_from_file_location("make_projection_golden", path)
    assert module_spec is not None and module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    return module


def test_file_is_what_the_script_makes() -> None:
    assert script().golden_text().splitlines() == LINES


def test_there_are_enough_cases_and_scripts() -> None:
    assert len(CASES) >= 300
    assert len(script().SCRIPTS) >= 15
    assert (GOLDEN / "projection_v1.jsonl").stat().st_size < 300_000


def check(project: Any) -> None:
    key = lambda case: json.dumps(case["spec"], sort_keys=True)  # noqa: E731
    for _, group in itertools.groupby(sorted(CASES, key=key), key):
        cases = list(group)
        spec = ProjectionSpec.from_dict({**ProjectionSpec().to_dict(), **cases[0]["spec"]})
        texts = [bytes.fromhex(case["text_hex"]) for case in cases]
        features, lengths, spans, truncated = project(texts, spec)
        for i, case in enumerate(cases):
            kept = features[i, : lengths[i]]
            digest = hashlib.sha256(kept.astype(np.int8).tobytes()).hexdigest()
            got = (spans[i, : lengths[i]].tolist(), bool(truncated[i]), digest)
            wanted = (case["tokens"], case["truncated"], case["features_sha256"])
            assert got == wanted, (case, spec)
            if "features" in case:
                rows = ["".join("-0+"[value + 1] for value in row) for row in kept]
                assert rows == case["features"], (case, spec)


def test_graph_meets_the_golden_file() -> None:
    check(implementations.by_graph)


def test_op_meets_the_golden_file() -> None:
    if not op.is_available():
        skip_native("the projection op is not built: python setup.py build_ext --inplace")
    check(implementations.by_op)
