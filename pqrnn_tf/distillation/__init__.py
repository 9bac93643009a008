"""Distances between teacher and student, and the model that trains one on the other."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "training": ["distill", "fit_teacher"],
        "distances": [
            "agreement",
            "gram_distance",
            "hidden_distance",
            "logit_distance",
            "soft_label_distance",
        ],
        "distiller": ["Distiller"],
        "latent": ["LatentLoss"],
    },
)
