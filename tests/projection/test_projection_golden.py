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
import pytest

from pqrnn_tf.projection import op
from pqrnn_tf.runtime.spec import VERSIONS, ProjectionSpec
from tests.conftest import skip_native

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
LINES = {
    version: (GOLDEN / f"projection_v{version}.jsonl").read_text(encoding="utf-8").splitlines()
    for version in VERSIONS
}
CASES = [json.loads(line) for lines in LINES.values() for line in lines]

DIGEST_OF_VERSION_1 = "ae15ec946108e7f6e17db0c0f9374bdb8f27451a1a93e5a9235412a87c4badff"


def script() -> Any:
    path = GOLDEN / "make_projection_golden.py"
    module_spec = importlib.util.spec_from_file_location("make_projection_golden", path)
    assert module_spec is not None and module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", VERSIONS)
def test_file_is_what_the_script_makes(version: int) -> None:
    assert script().golden_text(version).splitlines() == LINES[version]


def test_the_file_of_version_1_never_changes() -> None:
    content = (GOLDEN / "projection_v1.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == DIGEST_OF_VERSION_1


def test_there_are_enough_cases_and_scripts() -> None:
    assert all(len(lines) >= 300 for lines in LINES.values())
    assert len(script().SCRIPTS) >= 15
    assert all((GOLDEN / f"projection_v{v}.jsonl").stat().st_size < 400_000 for v in VERSIONS)


def check(project: Any) -> None:
    key = lambda case: json.dumps(case["spec"], sort_keys=True)  # noqa: E731
    for _, group in itertools.groupby(sorted(CASES, key=key), key):
        cases = list(group)
        spec = ProjectionSpec.from_dict({**ProjectionSpec(version=1).to_dict(), **cases[0]["spec"]})
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
