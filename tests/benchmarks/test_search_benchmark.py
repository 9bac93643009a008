"""What the benchmark of the search says of structures, by hand."""

from __future__ import annotations

import json

import pytest

from benchmarks.measured import Measured
from benchmarks.search import KEPT, correlations, rank_correlation, read_candidates, structure
from benchmarks.tables.search import TABLES
from pqrnn_tf.files import json_line
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.tasks.config import TrainingConfig

GENOME = Genome.of(TrainingConfig(units=8, bottleneck_units=16, layers=2)).to_dict()


def record(number: int, exact: float, robust: float, **more) -> dict:
    genome = {**GENOME, "word_features": 256 * (number + 1)}
    values = {"flat_exact_match": exact, "robustness": robust, "errors_exact_match": robust}
    values |= {"attacked_exact_match": robust, "latency": 1.0 + number, "bytes": 1000, "rank": 0}
    rest = {name: 0 for name in KEPT if name not in values}
    return {
        **rest,
        **values,
        "name": f"000-{number:03d}",
        "how": "drawn",
        "fits": True,
        "genome": genome,
        **more,
    }


def test_ranks_are_shared_and_correlate():
    assert rank_correlation([1, 2, 3], [10, 30, 90]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    # Ranks 0.5, 0.5, 2 and 0, 1, 2: a covariance of 0.5 over √(0.5 · 2/3).
    assert rank_correlation([1, 1, 2], [1, 2, 3]) == pytest.approx(0.5 / (0.5 * 2 / 3) ** 0.5)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None


def test_the_structure_of_a_stack():
    found = structure(GENOME)
    assert found["states"] == 2 and found["QRNNs on the longest way"] == 2
    assert found["steps that QRNNs see, mean"] == 3 and found["QRNNs in both directions"] == 1
    assert found["width of the output"] == 16 and found["depthwise convolutions"] == 0
    assert found["shortest n-gram"] == 3 and found["orders of n-grams"] == 2


def test_results_and_tables_of_made_up_searches(tmp_path):
    lines = [
        record(0, 60.0, 20.0),
        record(1, 50.0, 30.0),
        record(2, 40.0, 35.0, fits=False, rank=-1),
    ]
    (tmp_path / "log.jsonl").write_text("".join(f"{json_line(line)}\n" for line in lines))
    found = read_candidates(tmp_path)
    assert [own["structure"]["features of whole words"] for own in found] == [256, 512, 768]
    rho = correlations(found)
    assert rho["features of whole words"] == {
        "flat_exact_match": -1.0,
        "robustness": 1.0,
        "share that stands": 1.0,
    }
    assert rho["states"]["robustness"] is None
    start = {**found[0], "how": "start"}
    strategies = {
        name: {"candidates": [start, *found[1:]], "processor_seconds": 90, "evaluated": 3}
        for name in ("evolution", "random")
    }

    class Measured:
        def read(self, name):
            return {"strategies": strategies, "correlations": json.loads(json.dumps(rho))}

    front = TABLES["search_front"](Measured())
    assert front.count("| evolution |") == 2 and "`000-002`" not in front
    assert "| the start, as it is | `000-000` | 60.0 | 20.0 |" in front
    assert "| evolution | 3 | 2 | 1.5 | 60.0 | 30.0 | 1.00 |" in TABLES["search_budget"](Measured())
    assert "| features of whole words | -1.00 | +1.00 | +1.00 |" in TABLES["search_structure"](
        Measured()
    )


def test_a_found_student_is_averaged_over_its_seeds(tmp_path):
    def trained(student, seed, exact, standing):
        own = {"student": student, "seed": seed, "bytes": 1000, "flat_exact_match": exact}
        return {**own, "errors_exact_match": 50.0, "attack": {"attacked_exact_match": standing}}

    runs = [
        trained("hand-made", 1, 80.0, 30.0),
        trained("003-002", 1, 81.0, 40.0),
        trained("hand-made", 2, 81.0, 31.0),
    ]
    latency = {"hand-made": {"times": 1.0}, "003-002": {"times": 0.6}}
    results = {"comparisons": {"1 MB": {"settings": {}, "runs": runs, "latency": latency}}}
    (tmp_path / "found_student.json").write_text(json.dumps(results), encoding="utf-8")
    lines = TABLES["found_student"](Measured(tmp_path, tmp_path)).splitlines()[2:]
    assert lines == [
        "| 1 MB | hand-made | 80.00 / 81.00 | 80.50 | 50.00 | 30.5 | 1.00 | 1,000 |",
        "| 1 MB | `003-002` | 81.00 | 81.00 | 50.00 | 40.0 | 0.60 | 1,000 |",
    ]
