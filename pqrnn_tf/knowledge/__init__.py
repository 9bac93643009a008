"""Knowledge graphs of lists of entities, embedded for linking (docs/entities.md)."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "config": ["GraphConfig"],
        "graph": ["KnowledgeGraph"],
        "graph_encoder": ["GraphEncoder"],
        "training": ["embed_entities"],
    },
)
