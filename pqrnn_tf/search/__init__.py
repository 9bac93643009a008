"""A search for students that are accurate, robust and quick: graphs as encoders, evolved (docs/search.md)."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "candidates": ["Measures"],
        "evolution": ["STRATEGIES", "Search", "search"],
        "genome": ["Genome"],
        "pareto": ["OBJECTIVES", "best", "crowding", "ranks"],
        "space": ["Space", "SpaceError", "count_parameters"],
    },
)
