"""Export to quantised TensorFlow Lite files."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "converter": ["convert"],
        "transformer": ["TransformerFile", "convert_transformer"],
        "parity": ["ParityReport", "VectorParity", "compare", "compare_vectors"],
    },
)
