from __future__ import annotations

import subprocess
import sys

import pytest

import pqrnn_tf.datasets


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in pqrnn_tf.datasets.__all__
        if name not in ("Mtop", "MtopConfig", "example_of", "features_of")
    ],
)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(pqrnn_tf.datasets, name) is not None


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        pqrnn_tf.datasets.nothing  # noqa: B018


def test_reading_and_generating_need_the_standard_library_only() -> None:
    code = (
        "import sys, pqrnn_tf.datasets as d\n"
        "d.distort_examples(d.generate(2), seed=0); d.read_mtop; d.read_seq_files; d.read_topv2\n"
        "sys.exit(', '.join({'numpy', 'tensorflow', 'tensorflow_datasets'} & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
