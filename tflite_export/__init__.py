"""Export to quantised TensorFlow Lite files, and the runtime that parses text with them."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "converter": ["convert"],
        "metadata": ["Metadata", "ModelFileError", "read_metadata"],
        "parity": ["ParityReport", "compare"],
        "parser": ["Parser"],
        "pretrained": ["PretrainedModel", "load", "pretrained_models"],
    },
)
