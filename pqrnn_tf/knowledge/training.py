"""Embedding of the entities of a list: TransE, then the graph encoder, then 8-bit vectors."""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from pqrnn_tf.knowledge.config import GraphConfig
from pqrnn_tf.knowledge.eight_bits import FILE, eight_bits
from pqrnn_tf.knowledge.graph import KnowledgeGraph, Neighbourhoods
from pqrnn_tf.knowledge.graph_encoder import GraphEncoder
from pqrnn_tf.knowledge.transe import embed_by_transe
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_vectors import EntityVectors
from pqrnn_tf.runtime.labels import OUTSIDE, LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.optimizers import build_optimizer
from pqrnn_tf.tasks.pipeline import of_known_size

LEAST_ROWS = 3200
"""Examples of a pass over a small graph."""
_NO_LABELS = LabelSet(("step",), (OUTSIDE,))


class StepData:
    """Steps from one node to another as `TrainingData`, drawn anew in each pass.

    Args:
        graph: The graph.
        config: Share of steps of two relations, and of those whose triples are hidden.

    Attributes:
        rows: Steps of a pass.
        fingerprint: Digest of the graph.
    """

    def __init__(self, graph: KnowledgeGraph, config: GraphConfig) -> None:
        self.graph = graph
        self.config = config
        self.rows = max(LEAST_ROWS, 2 * len(graph.triples))
        self._numbers = {step: number for number, step in enumerate(graph.steps)}
        self._has_two = any(len(step) == 2 for step in graph.steps)
        digest = hashlib.sha256(repr((graph.nodes, graph.relations)).encode())
        digest.update(graph.triples.tobytes())
        self.fingerprint = digest.hexdigest()[:16]

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """One pass of `{"starts", "ends", "steps"}` int32 `(batch,)`, `"hidden"` int32 `(batch, 2)`, `"known"` and
        `"near"` bool `(batch, batch)`.

        `known[i, j]` says that the step of row i leads to the end of row j too, `near[i, j]` that any step does. See
        `TrainingData`; labels and specification have no meaning here.
        """

        def generate() -> Iterator[dict[str, np.ndarray]]:
            rng = random.Random(f"{seed}-{epoch()}")
            for begin in range(0, self.rows, batch_size):
                yield self._batch(rng, min(batch_size, self.rows - begin))

        one = tf.TensorSpec((None,), tf.int32)
        dataset = tf.data.Dataset.from_generator(
            generate,
            output_signature={
                "starts": one,
                "ends": one,
                "steps": one,
                "hidden": tf.TensorSpec((None, 2), tf.int32),
                "known": tf.TensorSpec((None, None), tf.bool),
                "near": tf.TensorSpec((None, None), tf.bool),
            },
        )
        return of_known_size(dataset.map(lambda batch: (batch,)), self.rows, batch_size)

    def _batch(self, rng: random.Random, size: int) -> dict[str, np.ndarray]:
        drawn = [self._draw(rng) for _ in range(size)]
        starts, steps, ends, hidden = zip(*drawn, strict=True)
        reached = [self.graph.reached(start, step) for start, step, *_ in drawn]
        known = [[end in own for end in ends] for own in reached]
        beside = [{start, *self.graph.near(start)} for start in starts]
        return {
            "starts": np.array(starts, np.int32),
            "ends": np.array(ends, np.int32),
            "steps": np.array(steps, np.int32),
            "hidden": np.array(hidden, np.int32),
            "known": np.array(known, bool),
            "near": np.array([[end in own for end in ends] for own in beside], bool),
        }

    def _draw(self, rng: random.Random) -> tuple[int, int, int, tuple[int, int]]:
        """Start, step, end, and the triples that are hidden."""
        graph = self.graph
        hidden = rng.random() < self.config.hidden
        if self._has_two and rng.random() < self.config.two_steps:
            for _ in range(8):  # some draws lead nowhere
                start = rng.randrange(graph.entities)
                if not graph.hops[start]:
                    continue
                one, first, middle = rng.choice(graph.hops[start])
                two, second, end = rng.choice(graph.hops[middle])
                step = self._numbers.get((first, second), -1)
                if step >= 0 and end != start:
                    return start, step, end, ((one, two) if hidden else (-1, -1))
        triple = rng.randrange(len(graph.triples))
        start, relation, end = graph.triples[triple].tolist()
        if rng.random() < 0.5:
            start, relation, end = end, ~relation, start
        return start, self._numbers[relation,], end, ((triple if hidden else -1), -1)


class GraphTrainer(keras.Model):
    r"""Trains a graph encoder to reconstruct triples, and steps of two.

    The loss of a step t from s to o is the sum of two cross-entropies over the ends of the batch. In the first one
    ends compete for the step,

        −log softmax_j(cos(v(s) + t, v(o_j)) / temperature) at o

    but for those to which it leads too. t is the sum of the vectors of its relations, negative against their
    direction. One relation is a triple, with the translation of TransE; two are the paths of Guu et al. 2015
    (*Traversing Knowledge Graphs in Vector Space*, section 3). In the second one the step to o competes with all steps
    to all ends that s has nothing to do with, because linking does not know which step a text means.

    Args:
        encoder: The encoder.
        graph: The graph.
        temperature: Temperature of the cosines.
    """

    def __init__(self, encoder: GraphEncoder, graph: KnowledgeGraph, temperature: float) -> None:
        super().__init__(name="graph_trainer")
        self.encoder = encoder
        self._steps = graph.step_matrix
        self._untyped = graph.untyped_steps
        self._temperature = temperature
        self.built = True

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The vectors of starts, ends and steps."""
        both = ops.concatenate([inputs["starts"], inputs["ends"]])
        hidden = ops.concatenate([inputs["hidden"], inputs["hidden"]])
        starts, ends = ops.split(self.encoder(both, hidden), 2)
        return {"starts": starts, "ends": ends, "steps": self.step_table()}

    def step_table(self) -> Any:
        """The vectors of the steps, `(steps, width)`."""
        return ops.matmul(ops.convert_to_tensor(self._steps), self.encoder.relation_table())

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The mean of the losses of the batch."""
        starts, ends, steps = y_pred["starts"], ops.transpose(y_pred["ends"]), y_pred["steps"]

        def logits(moved: Any) -> Any:
            return ops.matmul(ops.normalize(moved, axis=-1), ends) / self._temperature

        by_step = logits(starts + ops.take(steps, x["steps"], axis=0))
        right = ops.eye(ops.shape(by_step)[0])
        true = ops.sum(by_step * right, axis=-1)
        others = ops.logical_and(x["known"], right == 0)
        losses = ops.logsumexp(ops.where(others, -1e9, by_step), axis=-1) - true
        # (batch, steps, batch): any step from any start to any end.
        anywhere = logits(starts[:, None] + ops.take(steps, ops.array(self._untyped), axis=0))
        false = ops.where(x["near"][:, None], -1e9, anywhere)
        losses += ops.logaddexp(true, ops.logsumexp(false, axis=(1, 2))) - true
        return ops.mean(losses)

    def get_config(self) -> dict[str, Any]:
        """Raises `NotImplementedError`: what is worth keeping are the vectors."""
        raise NotImplementedError("A graph trainer is not saved. Save the vectors of its encoder.")


def embed_entities(
    entities: Entities,
    output: str | os.PathLike[str],
    config: GraphConfig | None = None,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> EntityVectors:
    """Embeds the entities of a list; a killed training resumes to the same result.

    Args:
        entities: The list, whose entities have relations.
        config: How to embed it; `None` for the defaults.
        output: Folder for `vectors.json`, `training.json`, `log.jsonl` and `checkpoint/`.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The vectors, as the file has them.

    Raises:
        EntityError: if no entity has a relation.
        ResumeError: if `output` holds another training.
    """
    require_tensorflow_backend()
    config = GraphConfig() if config is None else config
    graph = KnowledgeGraph.of(entities)
    data = StepData(graph, config)
    nodes, relations = embed_by_transe(
        graph.triples, len(graph.nodes), len(graph.relations), width=config.width, seed=config.seed
    )
    keras.utils.set_random_seed(config.seed)
    encoder = GraphEncoder(
        Neighbourhoods.of(graph, config.neighbourhood),
        nodes,
        relations,
        layers=config.layers,
        heads=config.heads,
    )
    trainer = GraphTrainer(encoder, graph, config.temperature)
    rounds = engine.Rounds.of(data, config.batch_size, epochs=config.epochs, steps=None)
    trainer.compile(optimizer=build_optimizer(config, rounds.total), jit_compile=False)
    folder = pathlib.Path(output)
    engine.run(
        trainer,
        encoder,
        data,
        rounds,
        folder,
        identity={"config": config.to_dict(), "data": data.fingerprint},
        labels=_NO_LABELS,
        spec=config.spec,
        batch_size=config.batch_size,
        seed=config.seed,
        callbacks=callbacks,
        verbose=verbose,
    )
    vectors = np.concatenate(
        [
            ops.convert_to_numpy(encoder(ops.arange(begin, min(begin + 256, graph.entities))))
            for begin in range(0, graph.entities, 256)
        ]
    )
    found = eight_bits(entities, graph, vectors, ops.convert_to_numpy(trainer.step_table()))
    found.save(folder / FILE)
    return found
