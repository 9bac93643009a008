"""Teachers: large models behind one small adaptor, aligned to the student's tokens."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "adaptor": ["Teacher", "check_same_labels"],
        "bert.conversion": ["convert_bert"],
        "bert.build": ["SPECIAL_PIECES", "build_bert", "learn_vocabulary"],
        "answers.cached": ["CachedTeacher"],
        "domain_weights": ["DomainPrototypes"],
        "ensemble": ["EnsembleTeacher"],
        "bert.finetune": ["finetune_teacher"],
        "fine_tuned": ["fit_teacher"],
        "keras_teacher": ["KerasTeacher"],
        "answers.labelling": ["label_text"],
        "answers.prototypes": ["domain_prototypes"],
        "bert.growth": ["grow_bert"],
        "bert.layered": ["LayeredBert"],
        "bert.masked_words": ["MaskedWordReplacer"],
        "saved": ["SavedTeacher", "load_layered", "load_teacher", "save_ensemble", "saved_labels"],
        "answers.shard_files": ["ShardError"],
        "answers.shards": ["LabelledText", "MixedText"],
        "bert.prompts": ["PromptedTeacher"],
        "bert.streaming": ["StreamedTeacher"],
        "bert.tfhub_bert": ["DEFAULT_HANDLE", "TFHubBertTeacher"],
    },
)
