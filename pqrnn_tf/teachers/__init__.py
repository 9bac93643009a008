"""Teachers: large models behind one small adaptor, aligned to the student's tokens."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adaptor": ["Teacher", "check_same_labels"],
        "build": ["SPECIAL_PIECES", "build_bert", "learn_vocabulary"],
        "cached": ["CachedTeacher"],
        "finetune": ["FinetuneReport", "finetune_teacher"],
        "tfhub_bert": ["DEFAULT_HANDLE", "TFHubBertTeacher"],
    },
)
