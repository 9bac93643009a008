"""Label sets, decoding, the input pipeline, the joint intent and slot model and its metrics."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "labels": ["LabelError", "LabelSet"],
        "decoding": ["Decoder", "Parse", "decode"],
        "intent_slots": ["IntentSlotModel"],
        "losses": ["LabelCrossentropy"],
        "nested_decoding": ["NestedIntent", "Slot"],
        "metrics": ["Answer", "Scores", "score_parsed"],
        "out_of_scope": ["ScopeRows", "ScopeScores", "score_scope"],
        "parsing": ["answer_texts", "parse_texts", "score_model"],
        "pipeline": ["batches"],
        "rendering": ["ParsedSlot", "ParsedText"],
        "tagging": ["encode_nested", "encode_tags", "nested_tag_names", "tag_names"],
        "training": ["ResumeError", "TrainingConfig", "train"],
    },
)
