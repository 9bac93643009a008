"""Text → tokens → ternary features, bit for bit the same on every platform."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "definition": ["Projected", "project", "tokenize"],
        "layer": ["Projection"],
        "graph": ["project_code_points"],
    },
)
