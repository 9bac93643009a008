"""Generations: planned once, resumed after a kill to the same population, parents that fit only."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import signal
import time

import pytest

from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.search.candidates import Measures, Plan
from pqrnn_tf.search.evolution import Search, _prepare, evolve, plan_generation, search
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.search.space import Space, SpaceError, count_parameters
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.workers import run_works

LABELS = LabelSet(("a", "b"), ("O", "B-X", "I-X"))
START = Genome.of(TrainingConfig(units=24, bottleneck_units=48, layers=2))
NARROW = Genome.of(TrainingConfig(units=16, bottleneck_units=32, layers=1))
WIDER = Genome.of(TrainingConfig(units=96, bottleneck_units=256, layers=2))
HOW = Search(
    space=Space(labels=LABELS, max_parameters=200_000),
    measures=Measures(steps=1, max_bytes=150_000),
    population=6,
    generations=4,
    seed=3,
)


class Fake:
    """Scores that a genome's digest decides; may be killed after some candidates."""

    def __init__(self, folder: pathlib.Path, *, max_bytes: int, dies_after: int = -1) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.left = dies_after
        self.done: list[str] = []

    def setup(self) -> None:
        pass

    def process(self, plan: Plan) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        size = count_parameters(plan.genome, LABELS)
        digest = hashlib.sha256(json.dumps(plan.genome.to_dict()).encode()).digest()
        write_json(
            self.folder / "candidates" / plan.name / "result.json",
            {
                **plan.to_dict(),
                "flat_exact_match": digest[0],
                "robustness": digest[1],
                "latency": size / 1e5,
                "bytes": size,
                "fits": size <= self.max_bytes,
            },
        )
        self.done.append(plan.name)


def run(folder: pathlib.Path, how: Search = HOW, **arguments) -> Fake:
    worker = Fake(folder, max_bytes=how.measures.max_bytes, **arguments)
    evolve(how, START, folder, worker, lambda works, own: run_works(works, own, workers=0))
    return worker


def killed(folder: pathlib.Path, after: int) -> None:
    """A search in a process of its own, which is killed with signal 9 after some candidates."""
    child = os.fork()
    if not child:
        run(folder, dies_after=after)
        os._exit(1)
    deadline = time.monotonic() + 300
    while (ended := os.waitpid(child, os.WNOHANG))[0] != child and time.monotonic() < deadline:
        time.sleep(0.01)
    if ended[0] != child:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the search was not killed where it should have been")
    assert os.waitstatus_to_exitcode(ended[1]) == -signal.SIGKILL


def records(folder: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return folder


def test_a_killed_search_ends_with_the_same_population(whole, tmp_path):
    killed(tmp_path, 9)  # in the second generation
    killed(tmp_path, 5)  # and in the third
    worker = run(tmp_path)
    assert len(worker.done) == 24 - 9 - 5
    assert records(tmp_path) == records(whole)
    assert (tmp_path / "front.json").read_text() == (whole / "front.json").read_text()


def test_a_finished_search_trains_nothing_and_may_get_more_generations(whole, tmp_path):
    assert run(whole).done == []
    run(tmp_path, dataclasses.replace(HOW, generations=2))
    assert len(run(tmp_path).done) == 12
    assert records(tmp_path) == records(whole)


def test_parents_fit_and_the_front_is_bounded(whole):
    by_name = {record["name"]: record for record in records(whole)}
    assert len(by_name) == 24
    assert not all(record["fits"] for record in by_name.values())  # so that the bound is tried
    for record in by_name.values():
        assert (record["rank"] == -1) is not record["fits"]
        assert (record["generation"] > 0) is bool(record["parents"])
        assert all(by_name[parent]["fits"] for parent in record["parents"])
    front = json.loads((whole / "front.json").read_text())
    assert front and all(own["bytes"] <= HOW.measures.max_bytes for own in front)
    ways = {record["how"] for record in by_name.values()}
    assert ways == {"start", "drawn", "mutated", "crossed"}
    assert all(len(own["parents"]) == 2 for own in by_name.values() if own["how"] == "crossed")


def test_the_first_candidate_is_the_start(whole):
    first = records(whole)[0]
    assert first["how"] == "start" and Genome.from_dict(first["genome"]) == START


def test_students_that_are_given_stand_in_the_first_generation(tmp_path):
    run(tmp_path, dataclasses.replace(HOW, given=(NARROW,), generations=2))
    found = records(tmp_path)
    assert [own["how"] for own in found[:2]] == ["start", "given"]
    assert Genome.from_dict(found[1]["genome"]) == NARROW
    assert dataclasses.replace(HOW, given=(NARROW,)).identity() != HOW.identity()


def test_a_random_search_draws_as_many_without_parents(tmp_path):
    run(tmp_path, dataclasses.replace(HOW, strategy="random"))
    found = records(tmp_path)
    assert len(found) == 24
    assert {(own["how"], len(own["parents"])) for own in found} == {("drawn", 0)}
    assert len({json.dumps(own["genome"]) for own in found}) == 24


def test_a_plan_depends_on_seed_and_results_only(whole):
    before = [own for own in records(whole) if own["generation"] < 2]
    plans = [plan_generation(HOW, START, 2, before) for _ in "ab"]
    assert plans[0] == plans[1]
    assert [plan.name for plan in plans[0]] == [f"002-{place:03d}" for place in range(6)]
    other = plan_generation(dataclasses.replace(HOW, seed=4), START, 2, before)
    assert other != plans[0]
    assert Plan.from_dict(plans[0][0].to_dict()) == plans[0][0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"strategy": "grid"}, "`strategy` must be one of"),
        ({"objectives": ("beauty",)}, "`objectives` must be some of"),
        ({"objectives": ()}, "`objectives` must be some of"),
        ({"population": 1}, "`population` must be at least 2. Received: 1"),
        ({"generations": 0}, "`generations` must be at least 1"),
        ({"given": (START,), "strategy": "random"}, "`given` must be empty in a random search"),
        ({"given": (START,) * 6}, "`given` must leave room .* population of 6. Received: 6"),
        ({"given": (WIDER,) * 2}, "`given` must be a student of the space.*`max_parameters`"),
    ],
)
def test_bad_searches(values, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(HOW, **values)


def test_a_start_beyond_the_bounds_or_without_rows_is_refused(tmp_path):
    row = [object()]
    with pytest.raises(
        ValueError, match="`training` and `development` must have rows. Received: 0 and 1"
    ):
        search(HOW, TrainingConfig(), "teacher", [], row, tmp_path / "a")
    large = TrainingConfig(units=160, bottleneck_units=320, layers=4)
    with pytest.raises(ValueError, match="`base` must be a student of the space"):
        search(HOW, large, "teacher", row, row, tmp_path / "b")
    assert not list(tmp_path.iterdir())


def test_a_search_in_which_no_file_is_small_enough_says_so(tmp_path):
    """The front was empty, and nothing was said."""
    measures = dataclasses.replace(HOW.measures, max_bytes=10)
    how = dataclasses.replace(HOW, measures=measures, generations=2)
    with pytest.raises(
        SpaceError, match=r"`max_bytes` must .* Received: 10, and the smallest of 12"
    ):
        run(tmp_path, how)
    assert len(records(tmp_path)) == 12 and (tmp_path / "front.json").is_file()


def test_a_start_is_told_which_bound_it_is_beyond(tmp_path):
    """It was told to raise `max_parameters`, whatever it was."""
    row = [object()]
    wide = TrainingConfig(units=200, bottleneck_units=16, layers=1, kernel_width=1)
    space = dataclasses.replace(HOW.space, max_parameters=10**7)
    how = dataclasses.replace(HOW, space=space)
    with pytest.raises(ValueError, match="beyond `max_width` of 384 by 400. Start from"):
        search(how, wide, "teacher", row, row, tmp_path / "a")


def test_a_start_with_an_input_for_names_is_refused(tmp_path):
    """Its candidates had the input, and no training told them of a name."""
    base = TrainingConfig(units=24, bottleneck_units=48, entity_types={"X": "contact"})
    with pytest.raises(ValueError, match="`entity_types` must be empty"):
        search(HOW, base, "teacher", [object()], [object()], tmp_path / "a")


def test_the_reference_of_a_start_that_failed_is_not_that_of_the_next_one(tmp_path, monkeypatch):
    """A failed start takes its claim back, but left the file that latency is measured against."""
    written = []

    def convert(model, *, path, short_texts):
        written.append(model)
        path.write_bytes(b"file")

    monkeypatch.setattr("pqrnn_tf.search.evolution.convert", convert)
    monkeypatch.setattr("pqrnn_tf.search.evolution.build_model", lambda base, labels: base)
    for base in ("first", "second"):
        _prepare(tmp_path, base, HOW, [], [])
    (tmp_path / "generations").mkdir()
    _prepare(tmp_path, "second", HOW, [], [])
    assert written == ["first", "second"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"attack_rows": 0}, "`attack_rows` must be at least 1. Received: 0"),
        ({"errors_share": 1.5}, "`errors_share` must be from 0 to 1"),
        ({"error_kinds": ("sunburn",)}, r"`error_kinds` must be some of .*\['sunburn'\]"),
    ],
)
def test_bad_measures_are_refused_before_a_candidate_is_trained(values, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(HOW.measures, **values)
