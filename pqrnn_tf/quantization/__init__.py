"""Serialisable fake-quantizers, and the places in layers where activations are rounded."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "fake_quantizers": [
            "FakeQuantizer",
            "FixedRangeQuantizer",
            "SymmetricWeightQuantizer",
            "get_quantizer",
        ],
        "places": ["Places", "RangeWatcher", "rounding"],
    },
)
