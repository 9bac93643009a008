"""One student of a search: weights from its parents, a short distillation, its file, and what is measured on that."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.formats.json_rows import row_from_json, row_to_json
from pqrnn_tf.datasets.making.text_errors import ERRORS
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.recipes import TASK, Stage
from pqrnn_tf.distillation.stages import run_stage
from pqrnn_tf.encoder.graph import EncoderGraph, layer_name
from pqrnn_tf.files import only_one, write_bytes, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.timing import time_in_turns
from pqrnn_tf.search.genome import Genome
from pqrnn_tf.tasks.attack import Attack, attack_rows
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.growth import multiply_accumulates
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.preset_folders import read_preset
from pqrnn_tf.tasks.scoring import open_model, score_answers
from pqrnn_tf.tasks.surface import Verdicts, Writing, surface_losses
from pqrnn_tf.tasks.training import build_model
from pqrnn_tf.tasks.workers import hold_to_one_thread
from pqrnn_tf.teachers.answers.cached import CachedTeacher
from pqrnn_tf.teachers.answers.rewritten import rewriter
from pqrnn_tf.teachers.answers.shards import LabelledText
from tflite_export.converter import SHORT_TEXTS, convert

RESULT = "result.json"
"""The last file of a candidate: it is there when all is done."""
MODEL_FILE, CONFIG_FILE = "model.tflite", "config.json"
REFERENCE = "reference.tflite"
"""The file whose latency is the unit: the student that a search starts from, untrained."""
TRAINING_ROWS, DEVELOPMENT_ROWS = "training.jsonl", "development.jsonl"
SEED = 1
"""Seed of the errors in development rows."""
TOKENS = 8
"""Tokens of the text whose multiply-accumulates are counted."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measures:
    """How candidates are trained and what is measured on them.

    Args:
        steps: Optimizer steps of each.
        inherit: Whether a candidate takes its parents' weights; without, each is trained from drawn weights, so that
            all have had as many steps.
        max_bytes: Bytes of a file at most; a larger one is never a parent and never on the front.
        errors_share: Share of the words of a row that get an error of a kind.
        error_kinds: Kinds of errors, by names of `ERRORS`.
        attack: The attack.
        attack_rows: Development rows that are attacked.
        latency_rows: Development rows that are timed.
        latency_rounds: Turns of each of them, of which the best counts.
        short_texts: Tokens of the further signatures of the file, as in `convert`.

    Raises:
        ValueError: if a value is out of its range.
    """

    steps: int
    max_bytes: int
    inherit: bool = True
    errors_share: float = 0.2
    error_kinds: tuple[str, ...] = ()
    attack: Attack = Attack()
    attack_rows: int = 100
    latency_rows: int = 50
    latency_rounds: int = 5
    short_texts: tuple[int, ...] = SHORT_TEXTS

    def __post_init__(self) -> None:
        for name in ("steps", "max_bytes", "attack_rows", "latency_rows", "latency_rounds"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {getattr(self, name)}.")
        if not 0.0 <= self.errors_share <= 1.0:
            raise ValueError(f"`errors_share` must be from 0 to 1. Received: {self.errors_share}.")
        if foreign := sorted(set(self.error_kinds) - set(ERRORS)):
            raise ValueError(f"`error_kinds` must be some of {list(ERRORS)}. Received: {foreign}.")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Plan:
    """A candidate before it is trained.

    Attributes:
        name: Its name, and that of its folder.
        how: How it was made.
        parents: Candidates whose weights it takes where shapes agree; those of the first before those of the second.
        genome: The student.
    """

    name: str
    how: str
    parents: tuple[str, ...]
    genome: Genome

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**vars(self), "parents": list(self.parents), "genome": self.genome.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """The inverse of `to_dict`."""
        genome = Genome.from_dict(values["genome"])
        return cls(values["name"], values["how"], tuple(values["parents"]), genome)


def write_rows(path: pathlib.Path, rows: Sequence[Example]) -> None:
    """Writes rows as JSON lines, for the workers."""
    write_bytes(path, "".join(f"{row_to_json(row)}\n" for row in rows).encode("utf-8"))


def read_result(folder: pathlib.Path) -> dict[str, Any] | None:
    """What was measured on the candidate in a folder; `None` where it is not finished."""
    try:
        return json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def inherit_weights(
    model: IntentSlotModel, parents: Sequence[tuple[Mapping[str, np.ndarray], ProjectionSpec]]
) -> float:
    """Gives a new model the weights of its parents where shapes agree, those of the first parent before others.

    Rows of the bottleneck's kernel belong to features: those of words agree as far as both have them, as they are drawn
    one after the other, and those of n-grams where everything before them is the same.

    Args:
        model: The new model, whose other weights stay as they are drawn.
        parents: Weights by name, as a preset holds them, and the projection of each.

    Returns:
        The share of the model's weights that are inherited.
    """
    inherited = total = 0
    for name, variable in model._named_weights().items():
        size = int(np.prod(variable.shape))
        total += size
        for arrays, spec in parents:
            before = arrays.get(name)
            if before is None:
                continue
            if name == "bottleneck/kernel":
                if before.shape[1] == variable.shape[1]:
                    kernel = np.array(variable)
                    rows = _same_features(model.spec, spec)
                    for own, theirs in rows:
                        kernel[own] = before[theirs]
                    variable.assign(kernel)
                    inherited += kernel.shape[1] * sum(own.stop - own.start for own, _ in rows)
                    break
            elif before.shape == tuple(variable.shape):
                variable.assign(before)
                inherited += size
                break
    return inherited / total


def renamed_edges(
    arrays: Mapping[str, np.ndarray], of: EncoderGraph, to: EncoderGraph
) -> dict[str, np.ndarray]:
    """Weights of one graph, named as another graph has the same edges.

    A layer is named by its state and the edge's place there, and places move when an edge before goes. So in a state
    of both graphs an edge takes the place of its equal; what has none takes that of the edge where it stood, unless
    that went elsewhere.

    Args:
        arrays: Weights by name.
        of: The graph that they are of.
        to: The graph to name them for.
    """
    edges = {state.name: state.edges for state in of.states}
    names: dict[str, str] = {}
    for state in to.states:
        left = dict(enumerate(edges.get(state.name, ())))
        places = {}
        for place, edge in enumerate(state.edges):
            if (at := next((at for at, own in left.items() if own == edge), None)) is not None:
                places[place] = at
                del left[at]
        places |= {p: p for p in range(len(state.edges)) if p not in places and p in left}
        names |= {layer_name(state.name, at): layer_name(state.name, p) for p, at in places.items()}
    of_edges = {layer_name(state, at) for state, own in edges.items() for at in range(len(own))}
    renamed = {}
    for name, values in arrays.items():
        layer, slash, inside = name.partition("/")
        if layer not in of_edges:
            renamed[name] = values
        elif layer in names:
            renamed[f"{names[layer]}{slash}{inside}"] = values
    return renamed


def _same_features(own: ProjectionSpec, theirs: ProjectionSpec) -> list[tuple[slice, slice]]:
    """Ranges of features that are computed the same way in two projections."""
    words = min(own.word_features, theirs.word_features)
    ranges = [(slice(0, words), slice(0, words))]
    ngrams = ("word_features", "ngram_features", "ngram_orders", "ngram_hashes")
    places = [spec.word_features + spec.ngram_features for spec in (own, theirs)]
    if own.ngram_features and all(getattr(own, n) == getattr(theirs, n) for n in ngrams):
        ranges.append((slice(own.word_features, places[0]), slice(own.word_features, places[0])))
    if own.shape and theirs.shape:
        ranges.append((slice(places[0], own.features), slice(places[1], theirs.features)))
    return ranges


class CandidateWorker:
    """Trains and measures candidates; a `Worker` (`tasks.workers`).

    Args:
        folder: Folder of the search, which every worker sees under the same path.
        answers: Folder of the teacher's answers.
        base: What candidates have in common.
        labels: Their labels.
        measures: How they are trained and measured.
        one_thread: Whether TensorFlow is held to one thread.
    """

    def __init__(
        self,
        folder: str,
        answers: str,
        base: TrainingConfig,
        labels: LabelSet,
        measures: Measures,
        *,
        one_thread: bool,
    ) -> None:
        self.folder = folder
        self.answers = answers
        self.base = base
        self.labels = labels
        self.measures = measures
        self.one_thread = one_thread

    def setup(self) -> None:
        """Reads the teacher's answers and the rows."""
        if self.one_thread:
            hold_to_one_thread()
        folder = pathlib.Path(self.folder)
        self._data = LabelledText(self.answers)
        rewrite = rewriter(self.base, _read_rows(folder / TRAINING_ROWS))
        if rewrite is not None:
            self._data = self._data.rewritten(rewrite)
        self._rows = _read_rows(folder / DEVELOPMENT_ROWS)
        self._ways = [
            _KeptWriting(way.form, way.share, tuple(way.rows(self._rows, seed=SEED)))
            for way in (
                Writing(kind, self.measures.errors_share) for kind in self.measures.error_kinds
            )
        ]
        self._reference = Parser(folder / REFERENCE)

    def process(self, plan: Plan) -> str:
        """Trains and measures one candidate, and writes its folder; returns its name.

        A runner may deal a candidate out twice, such as when it takes a worker for dead: the second waits for the
        first, and does it only where there is no result then.
        """
        folder = pathlib.Path(self.folder) / "candidates" / plan.name
        with only_one(folder):
            if read_result(folder) is None:
                self._make(plan, folder)
        return plan.name

    def _make(self, plan: Plan, folder: pathlib.Path) -> None:
        begin, processor = time.perf_counter(), time.process_time()
        config = plan.genome.configured(self.base)
        write_json(folder / CONFIG_FILE, config.to_dict())
        student = build_model(config, self.labels)
        donors = plan.parents if self.measures.inherit else ()
        parents = [self._weights_of(name, plan.genome.graph) for name in donors]
        inherited = inherit_weights(student, parents)
        run_stage(
            student,
            Stage(name="search", data=(TASK,), steps=self.measures.steps),
            CachedTeacher(self._data.labels),
            self._data,
            config=dataclasses.replace(
                config, patience=0
            ),  # no development row chooses weights here
            development=(),
            folder=folder / "training",
            before=" ".join(donors),
            evaluate_every=1,
            verbose=0,
        )
        student.save_to_preset(folder)
        size = len(
            convert(student, path=folder / MODEL_FILE, short_texts=self.measures.short_texts)
        )
        record = {
            **plan.to_dict(),
            "inherited": round(inherited, 4),
            "steps": self.measures.steps,
            "parameters": sum(int(np.prod(v.shape)) for v in student.trainable_variables),
            "multiply_accumulates": multiply_accumulates(student, TOKENS),
            "bytes": size,
            "fits": size <= self.measures.max_bytes,
            **self._measured(folder / MODEL_FILE),
        }
        record["processor_seconds"] = round(time.process_time() - processor, 1)
        record["seconds"] = round(time.perf_counter() - begin, 1)
        write_json(folder / RESULT, record)
        shutil.rmtree(folder / "training")

    def _weights_of(
        self, name: str, graph: EncoderGraph
    ) -> tuple[dict[str, np.ndarray], ProjectionSpec]:
        """Weights of a candidate, named for a student with another graph, and its projection."""
        serialised, arrays = read_preset(pathlib.Path(self.folder) / "candidates" / name)
        config = serialised["config"]
        own = EncoderGraph.from_dict(config["encoder"]["config"]["graph"])
        return renamed_edges(arrays, own, graph), ProjectionSpec.from_dict(config["spec"])

    def _measured(self, path: pathlib.Path) -> dict[str, Any]:
        """Scores, robustness and latency of a file on the stock runtime."""
        how, rows = self.measures, self._rows
        model = open_model(path)
        answers = model.answers([row.text for row in rows])
        scores = score_answers(rows, answers).to_dict()
        known = {row.text: answer for row, answer in zip(rows, answers, strict=True)}
        errors = surface_losses(Verdicts(model.answers, known), rows, self._ways, seed=SEED)
        errors_exact = float(np.mean([record["flat_exact_match"] for record in errors]))
        attacked = attack_rows(model.answers, rows[: how.attack_rows], how.attack).to_dict()
        return {
            "flat_exact_match": scores["flat_exact_match"],
            "errors_exact_match": round(errors_exact, 2),
            "attacked_exact_match": attacked["attacked_exact_match"],
            "robustness": round((errors_exact + attacked["attacked_exact_match"]) / 2, 2),
            **self._latency(path),
            "scores": scores,
            "errors": errors,
            "attack": attacked,
        }

    def _latency(self, path: pathlib.Path) -> dict[str, float]:
        """How many times as long as the reference a text takes, median over texts, both taking turns."""
        texts = [row.text for row in self._rows[: self.measures.latency_rows]]
        systems = {"own": Parser(path).logits, "reference": self._reference.logits}
        seconds = time_in_turns(systems, texts, rounds=self.measures.latency_rounds)
        own, reference = (float(np.median(seconds[name])) for name in ("own", "reference"))
        return {
            "latency": round(own / reference, 3),
            "latency_us": round(own * 1e6, 1),
            "reference_us": round(reference * 1e6, 1),
        }


@dataclasses.dataclass(frozen=True)
class _KeptWriting(Writing):
    """A way of writing whose rows are written already: they are the same for all candidates."""

    written: tuple[Example, ...] = ()

    def rows(self, examples: Sequence[Example], *, seed: int) -> list[Example]:
        """The rows written again."""
        return list(self.written)


def _read_rows(path: pathlib.Path) -> list[Example]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [row_from_json(line, source=f"{path}:{n}") for n, line in enumerate(lines, start=1)]
