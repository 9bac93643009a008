"""Teachers: large models behind one small adaptor, aligned to the student's tokens."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adaptor": ["Teacher", "check_same_labels"],
        "bert_conversion": ["convert_bert"],
        "build": ["SPECIAL_PIECES", "build_bert", "learn_vocabulary"],
        "cached": ["CachedTeacher"],
        "ensemble": ["EnsembleTeacher"],
        "finetune": ["FinetuneReport", "finetune_teacher"],
        "keras_teacher": ["KerasTeacher"],
        "labelling": ["label_text"],
        "masked_words": ["MaskedWordReplacer"],
        "saved": ["load_teacher", "save_ensemble", "saved_labels"],
        "shards": ["LabelledText", "MixedText", "ShardError"],
        "tfhub_bert": ["DEFAULT_HANDLE", "TFHubBertTeacher"],
    },
)
