"""pqrnn_tf: tiny language-understanding models (pQRNN), trained, distilled and exported.

Importing the package loads nothing heavy; a name loads its module when it is first used.
"""

from pqrnn_tf._keras_classes import register_with_keras
from pqrnn_tf._lazy import attach

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "runtime": [
            "Entities",
            "Entity",
            "Encoder",
            "IntentPrototypes",
            "LabelSet",
            "NestedIntent",
            "Parse",
            "Parser",
            "ProjectionSpec",
            "Slot",
            "load",
            "pretrained_models",
        ],
        "values": ["SlotValues", "Value"],
        "projection": ["Projection"],
        "encoder": ["PQRNNEncoder", "QRNN"],
        "tasks": ["IntentSlotModel", "SentenceEncoder"],
        "distillation": ["Distiller"],
    },
)

register_with_keras()
