"""Distances between teacher and student, and the model that trains one on the other."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "recipes": [
            "RECIPES",
            "Stage",
            "build_recipe",
            "four_stages",
            "labels_only",
            "sequential",
            "task_specific",
            "tinybert",
            "with_gradual_unfreezing",
            "with_growth",
            "with_row_weights",
        ],
        "stages": ["distill_in_stages"],
        "training": ["distill", "distill_with_text", "inherit", "label_for_stages"],
        "transformer": [
            "TransformerSizes",
            "distill_generally",
            "distill_transformer",
            "layer_map",
        ],
        "weights": ["inheriting"],
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
