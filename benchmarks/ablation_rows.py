"""The rows of the ablation: one change each to the same small student."""

from __future__ import annotations

import dataclasses

NAME = "ablation"
BASE = "base"
"""Row that the differences are counted from."""
INDEPENDENT = "independent_decoding"
"""Row of the base's own model, whose tags are read one by one."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One change.

    Attributes:
        part: What is changed.
        title: How.
        changes: Fields of TrainingConfig, as name=value.
    """

    part: str
    title: str
    changes: tuple[str, ...] = ()


ROWS = {
    BASE: Row("", "the base"),
    "word_256": Row("projection", "256 word features instead of 512", ("spec.word_features=256",)),
    "word_1024": Row("projection", "1,024 word features", ("spec.word_features=1024",)),
    "more_features": Row(
        "projection",
        "1,024 word and 2,048 n-gram features",
        ("spec.word_features=1024", "spec.ngram_features=2048"),
    ),
    "no_ngrams": Row(
        "projection", "no character n-grams", ("spec.ngram_features=0", "spec.ngram_orders=[]")
    ),
    "ngrams_3": Row("projection", "3-grams instead of 3- and 4-grams", ("spec.ngram_orders=[3]",)),
    "ngrams_2_to_4": Row("projection", "2-grams too", ("spec.ngram_orders=[2, 3, 4]",)),
    "one_hash": Row("projection", "1 feature an n-gram instead of 4", ("spec.ngram_hashes=1",)),
    "no_shape": Row("projection", "no features of capitals and digits", ("spec.shape=false",)),
    "bottleneck_64": Row("encoder", "bottleneck of 64 instead of 128", ("bottleneck_units=64",)),
    "bottleneck_256": Row("encoder", "bottleneck of 256", ("bottleneck_units=256",)),
    "units_96": Row("encoder", "state of 96 instead of 64", ("units=96",)),
    "kernel_1": Row("encoder", "kernel of 1 word instead of 2", ("kernel_width=1",)),
    "kernel_3": Row("encoder", "kernel of 3 words", ("kernel_width=3",)),
    "layers_2": Row("encoder", "2 layers instead of 3", ("layers=2",)),
    "layers_4": Row("encoder", "4 layers", ("layers=4",)),
    "no_residual": Row("encoder", "no residual connections", ("residual=false",)),
    "pooling_f": Row("encoder", "f-pooling instead of fo-pooling", ('pooling="f"',)),
    "pooling_ifo": Row("encoder", "ifo-pooling", ('pooling="ifo"',)),
    "layer_norm": Row(
        "encoder", "layer instead of batch normalisation", ('normalization="layer"',)
    ),
    "no_zoneout": Row("regularisation", "no zoneout instead of 0.1", ("zoneout=0",)),
    "no_dropout": Row(
        "regularisation",
        "no dropout of features, layers and heads instead of 0.1",
        ("feature_dropout=0", "dropout=0", "head_dropout=0"),
    ),
    "no_smoothing": Row("loss", "no label smoothing instead of 0.05", ("label_smoothing=0",)),
    "slot_weight_1": Row("loss", "slot loss with weight 1 instead of 3", ("slot_weight=1",)),
    "plain_slots": Row("loss", "no head for nested slots", ("nested_weight=0",)),
    "no_average": Row("optimiser", "no average of the weights", ("average=0",)),
    "rate_third": Row(
        "optimiser", "peak learning rate of 0.001 instead of 0.003", ("learning_rate=0.001",)
    ),
    "no_warmup": Row("optimiser", "no warm-up instead of 5 %", ("warmup=0",)),
    "no_distortion": Row("data", "no typing errors in 3 % of the words", ("distortion=0",)),
    "distortion_10": Row("data", "typing errors in 10 % of the words", ("distortion=0.1",)),
    "no_substitution": Row("data", "no exchange of slot values in 30 %", ("substitution=0",)),
    INDEPENDENT: Row("decoder", "best tag of each token by itself, and best intent"),
}
