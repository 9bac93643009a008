"""From ternary features to contextual states: QRNN layers and the pQRNN encoder."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "attention_pooling": ["AttentionPooling"],
        "bidirectional": ["BidirectionalQRNN"],
        "bottleneck": ["Bottleneck"],
        "building": ["Encoder", "encoder_of"],
        "depthwise": ["DepthwiseConvolution"],
        "graph": ["Edge", "EncoderGraph", "State"],
        "graph_encoder": ["GraphEncoder"],
        "pqrnn_encoder": ["PQRNNEncoder"],
        "qrnn": ["QRNN"],
        "scan": ["linear_recurrence"],
    },
)
