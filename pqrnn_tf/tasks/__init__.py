"""The model that takes text: input pipeline, joint intent and slot model, losses, metrics, training."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "config": ["TrainingConfig"],
        "intent_slots": ["IntentSlotModel"],
        "label_collection": ["collect_labels"],
        "losses": ["LabelCrossentropy"],
        "metrics": ["Answer", "Scores", "score_parsed"],
        "out_of_scope": ["ScopeRows", "ScopeScores", "score_scope"],
        "parsing": ["answer_texts", "parse_texts", "score_model"],
        "pipeline": ["batches"],
        "scoring": ["FileModel", "measure", "open_model", "score_file"],
        "sentence_encoder": ["SentenceEncoder"],
        "tagging": ["encode_nested", "encode_tags", "nested_tag_names", "tag_names"],
        "training": ["train"],
    },
)
