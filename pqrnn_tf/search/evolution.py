"""The search: generations of candidates, parents by Pareto rank, resumed after a kill where it was."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import pathlib
import random
from collections.abc import Callable, Sequence
from typing import Any

from pqrnn_tf.datasets.making.text_errors import ERRORS
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.stages import check_no_entities
from pqrnn_tf.files import claimed_folder, json_line, write_bytes, write_json
from pqrnn_tf.search.candidates import (
    DEVELOPMENT_ROWS,
    REFERENCE,
    RESULT,
    TRAINING_ROWS,
    CandidateWorker,
    Measures,
    Plan,
    read_result,
    write_rows,
)
from pqrnn_tf.search.front import draw_front
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.search.pareto import DEFAULT_OBJECTIVES, OBJECTIVES, best, ranks
from pqrnn_tf.search.space import Space, SpaceError
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.training import build_model
from pqrnn_tf.tasks.training_data import ExampleData
from pqrnn_tf.tasks.workers import Worker, finished_works, run_works
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.answers.labelling import label_text
from pqrnn_tf.teachers.saved import SavedTeacher, opened
from tflite_export.converter import convert

_LOG = logging.getLogger(__name__)

STRATEGIES = ("evolution", "random")
CLAIM = "search.json"
FRONT, LOG, PLOT = "front.json", "log.jsonl", "front.png"
ANSWERS, GENERATIONS = "answers", "generations"
CROSSOVER = 0.3
"""Share of the children that have two parents; they are mutated too."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Search:
    """What a search does.

    Args:
        space: Which students there are.
        measures: How each is trained and measured.
        objectives: Names of `OBJECTIVES` that decide the Pareto rank.
        strategy: `"evolution"`, or `"random"` for as many students that are drawn, without parents.
        population: Candidates of a generation, and of those that may be parents.
        generations: Generations, the first included. It may grow when a search is resumed.
        seed: Seed of all draws.
        given: Further students of the first generation, behind the one that the search starts from.

    Raises:
        ValueError: if a value is out of its range.
    """

    space: Space
    measures: Measures
    objectives: tuple[str, ...] = DEFAULT_OBJECTIVES
    strategy: str = STRATEGIES[0]
    population: int = 16
    generations: int = 8
    seed: int = 1
    given: tuple[Genome, ...] = ()

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise ValueError(
                f"`strategy` must be one of {list(STRATEGIES)}. Received: {self.strategy!r}."
            )
        unknown = sorted(set(self.objectives) - set(OBJECTIVES))
        if unknown or not self.objectives:
            raise ValueError(
                f"`objectives` must be some of {list(OBJECTIVES)}. Received: {list(self.objectives)}."
            )
        for name, least in (("population", 2), ("generations", 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f"`{name}` must be at least {least}. Received: {getattr(self, name)}."
                )
        if self.given and self.strategy == "random":
            raise ValueError("`given` must be empty in a random search. Received: students.")
        if len(self.given) >= self.population:
            raise ValueError(
                f"`given` must leave room for the start in a population of {self.population}. Received: "
                f"{len(self.given)} students."
            )
        _check_within(self.space, self.given, "given")

    def identity(self) -> dict[str, Any]:
        """All of it that may not change when a search is resumed, as plain JSON values."""
        return {
            **{name: getattr(self, name) for name in ("strategy", "population", "seed")},
            "objectives": list(self.objectives),
            "given": [genome.to_dict() for genome in self.given],
            "space": self.space.to_dict(),
            "measures": self.measures.to_dict(),
        }


def search(
    how: Search,
    base: TrainingConfig,
    teacher: SavedTeacher | str | os.PathLike[str],
    training: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    answers_folder: str | os.PathLike[str] | None = None,
    workers: int = 0,
    runner: str | None = None,
    pipeline_args: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Searches students that are accurate, robust and quick; a killed search resumes where it was.

    The teacher answers the training rows once. A generation is planned and written before it is trained, its
    candidates are trained and measured by workers, and each writes its result last. So a search that was killed plans
    nothing again and trains only candidates without a result.

    Args:
        how: The search.
        base: The student to start from, and what all have in common: optimizer, regularisation, seed.
        teacher: Teacher with the labels of the rows, as in `label_text`.
        training: Training rows.
        development: Rows that the candidates are measured on, and chosen by; never trained on.
        output: Folder for the candidates, `log.jsonl`, `front.json` and `front.png`.
        answers_folder: Folder for the teacher's answers, which searches may share; `None` for one in `output`.
        workers, runner, pipeline_args: As in `label_text`.

    Returns:
        A record for each candidate of the front, the most accurate first; its folder in `output/candidates` has
        `config.json`, for `pqrnn train --config`, its weights and its file.

    Raises:
        LabelError: if the teacher has other labels than the space.
        ResumeError: if `output` holds another search.
        SpaceError: if no student fits the space, or the file of none is as small as asked for.
        ValueError: if there are no rows, `base` does not fit the space, or has an input for names.

    Reference: Guo et al. 2021, *RoSearch* (arXiv 2106.03613): a directed acyclic graph, an evolutionary search, every
    candidate distilled, accuracy, robustness and efficiency as fitness. Ranks by Deb et al. 2002 (NSGA-II).
    """
    if not training or not development:
        raise ValueError(
            "`training` and `development` must have rows. Received: "
            f"{len(training)} and {len(development)}."
        )
    check_no_entities(base)
    start = Genome.of(base)
    if how.strategy == "evolution":
        _check_within(how.space, (start,), "base")
    if not how.measures.error_kinds:
        how = dataclasses.replace(
            how, measures=dataclasses.replace(how.measures, error_kinds=tuple(ERRORS))
        )
    folder = pathlib.Path(output).resolve()
    answers = pathlib.Path(answers_folder or folder / ANSWERS).resolve()
    check_same_labels(opened(teacher).labels, how.space.labels)
    store = label_text(training, teacher, answers, spec=base.spec, workers=0)
    identity = {
        **how.identity(),
        "base": base.to_dict(),
        "answers": store.fingerprint,
        "development": ExampleData(development).fingerprint,
    }
    with claimed_folder(folder, identity, name=CLAIM, begun=(folder / GENERATIONS).is_dir):
        _prepare(folder, base, how, training, development)
        worker = CandidateWorker(
            str(folder),
            str(answers),
            base,
            how.space.labels,
            how.measures,
            one_thread=runner is None and workers > 0,
        )
        return evolve(
            how,
            start,
            folder,
            worker,
            lambda works, worker: run_works(
                works, worker, workers=workers, runner=runner, pipeline_args=pipeline_args
            ),
        )


def evolve(
    how: Search,
    start: Genome,
    folder: pathlib.Path,
    worker: Worker,
    run: Callable[[Sequence[Plan], Worker], None],
) -> list[dict[str, Any]]:
    """The generations of a search in a folder that is claimed for it.

    Args:
        how: The search.
        start: The student to start from.
        folder: Its folder.
        worker: Trains and measures a `Plan`, and writes `result.json` into the candidate's folder.
        run: Has the worker do all of some plans.

    Returns:
        As `search`.

    Raises:
        SpaceError: as `search`; all files are written before.
    """
    records: list[dict[str, Any]] = []
    for number in range(how.generations):
        path = folder / GENERATIONS / f"{number:03d}.json"
        if path.is_file():
            values = json.loads(path.read_text(encoding="utf-8"))
            plans = [Plan.from_dict(value) for value in values]
        else:
            plans = plan_generation(how, start, number, records)
            write_json(path, [plan.to_dict() for plan in plans])
        folders = [folder / "candidates" / plan.name for plan in plans]
        left = [plan for plan, own in zip(plans, folders, strict=True) if read_result(own) is None]
        _LOG.info("generation %d: %d of %d are there", number, len(plans) - len(left), len(plans))
        if left:
            with finished_works(folder, [own / RESULT for own in folders], "candidates"):
                run(left, worker)
        for own in folders:
            result = read_result(own)
            if result is None:
                raise RuntimeError(
                    f"{own} must have a result. Received: none. Run the search again."
                )
            records.append({"generation": number, **result})
        records = ranked(how, records)
        _write_log(folder, records)
    front = sorted(
        (record for record in records if record["rank"] == 0),
        key=lambda record: -record["flat_exact_match"],
    )
    write_json(folder / FRONT, front)
    draw_front([record for record in records if record["fits"]], folder / PLOT)
    if not front:
        smallest = min(records, key=lambda record: record["bytes"])
        raise SpaceError(
            f"`max_bytes` must leave room for a file. Received: {how.measures.max_bytes:,}, and the smallest of "
            f"{len(records)} candidates, {smallest['name']}, has {smallest['bytes']:,}. Search in another folder, with "
            "more bytes, fewer parameters or fewer signatures."
        )
    return front


def ranked(how: Search, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Candidates with their Pareto `rank`; −1 for one whose file is larger than allowed."""
    fitting = [record for record in records if record["fits"]]
    rank_of = dict(
        zip(
            (record["name"] for record in fitting),
            ranks(fitting, how.objectives),
            strict=True,
        )
    )
    return [{**record, "rank": rank_of.get(record["name"], -1)} for record in records]


def plan_generation(
    how: Search, start: Genome, number: int, records: Sequence[dict[str, Any]]
) -> list[Plan]:
    """The candidates of a generation; it depends on the seed, the number and what was measured before only.

    Args:
        how: The search.
        start: The student to start from.
        number: Number of the generation, from 0.
        records: Results of all candidates before.
    """
    rng = random.Random(f"{how.seed}-{number}")
    space = how.space

    def name(place: int) -> str:
        return f"{number:03d}-{place:03d}"

    parents = [record for record in records if record["fits"]]
    if how.strategy == "random" or (number and not parents):
        drawn = (space.drawn(rng) for _ in range(how.population))
        return [Plan(name(place), "drawn", (), genome) for place, genome in enumerate(drawn)]
    if not number:
        genomes = [(start, "start"), *((genome, "given") for genome in how.given)]
        while len(genomes) < how.population:
            # Half of the others are drawn, so that there is something to cross.
            if len(genomes) % 2:
                genomes.append((space.mutated(start, rng), "mutated"))
            else:
                genomes.append((space.drawn(rng), "drawn"))
        return [Plan(name(place), way, (), own) for place, (own, way) in enumerate(genomes)]
    chosen = [parents[i] for i in best(parents, how.objectives, how.population)]

    def parent() -> dict[str, Any]:
        """The better one of two: the survivors stand in order."""
        return chosen[min(rng.randrange(len(chosen)), rng.randrange(len(chosen)))]

    plans = []
    for place in range(how.population):
        first = parent()
        genome, names, way = Genome.from_dict(first["genome"]), (first["name"],), "mutated"
        second = parent()
        if rng.random() < CROSSOVER and second["name"] != first["name"]:
            genome = space.crossed(genome, Genome.from_dict(second["genome"]), rng)
            names, way = (first["name"], second["name"]), "crossed"  # type: ignore[assignment]
        plans.append(Plan(name(place), way, names, space.mutated(genome, rng)))
    return plans


def _check_within(space: Space, genomes: Sequence[Genome], name: str) -> None:
    """Raises `ValueError`, which names the argument, if a student is beyond the bounds of a space."""
    for genome in genomes:
        if beyond := space.beyond(genome):
            told = [f"`{n}` of {getattr(space, n):,} by {own:,}" for n, own in beyond.items()]
            raise ValueError(
                f"`{name}` must be a student of the space, which the search starts from. Received: one beyond "
                f"{' and '.join(told)}. Start from a smaller one (`--config`, `--set`), or raise that bound."
            )


def _prepare(
    folder: pathlib.Path,
    base: TrainingConfig,
    how: Search,
    training: Sequence[Example],
    development: Sequence[Example],
) -> None:
    """Writes what the workers read: the rows, and the file whose latency is the unit."""
    write_rows(folder / TRAINING_ROWS, training)
    write_rows(folder / DEVELOPMENT_ROWS, development)
    # What lies there before there are generations may be of a start that failed, with another student.
    if not (folder / REFERENCE).is_file() or not (folder / GENERATIONS).is_dir():
        model = build_model(base, how.space.labels)
        convert(model, path=folder / REFERENCE, short_texts=how.measures.short_texts)


def _write_log(folder: pathlib.Path, records: Sequence[dict[str, Any]]) -> None:
    lines = "".join(f"{json_line(record)}\n" for record in records)
    write_bytes(folder / LOG, lines.encode("utf-8"))
