"""What a search changes in a student: features of its projection, and the graph of its encoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pqrnn_tf.encoder.graph import EncoderGraph
from pqrnn_tf.tasks.config import TrainingConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class Genome:
    """A student, as far as a search decides it.

    Args:
        word_features, ngram_features, ngram_orders: As in `ProjectionSpec`.
        graph: Its encoder.
    """

    word_features: int
    ngram_features: int
    ngram_orders: tuple[int, ...]
    graph: EncoderGraph

    @classmethod
    def of(cls, config: TrainingConfig) -> Genome:
        """That of a configuration, whose stack becomes the graph that computes the same."""
        spec = config.spec
        return cls(
            word_features=spec.word_features,
            ngram_features=spec.ngram_features,
            ngram_orders=spec.ngram_orders,
            graph=config.as_graph().graph,  # type: ignore[arg-type]
        )

    def configured(self, base: TrainingConfig) -> TrainingConfig:
        """The configuration of this student; what a search does not decide is that of `base`."""
        spec = dataclasses.replace(
            base.spec,
            word_features=self.word_features,
            ngram_features=self.ngram_features,
            ngram_orders=self.ngram_orders,
        )
        return dataclasses.replace(base.as_graph(self.graph), spec=spec)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "word_features": self.word_features,
            "ngram_features": self.ngram_features,
            "ngram_orders": list(self.ngram_orders),
            "graph": self.graph.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Genome:
        """The inverse of `to_dict`."""
        return cls(
            word_features=values["word_features"],
            ngram_features=values["ngram_features"],
            ngram_orders=tuple(values["ngram_orders"]),
            graph=EncoderGraph.from_dict(values["graph"]),
        )
