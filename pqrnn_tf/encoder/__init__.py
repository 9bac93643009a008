"""From ternary features to contextual states: QRNN layers and the pQRNN encoder."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "attention_pooling": ["AttentionPooling"],
        "bidirectional": ["BidirectionalQRNN"],
        "bottleneck": ["Bottleneck"],
        "pqrnn_encoder": ["PQRNNEncoder"],
        "qrnn": ["QRNN"],
        "scan": ["linear_recurrence"],
    },
)
