"""The runtime: from text to a parse or a vector with a .tflite file. Needs numpy and ai-edge-litert only."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "confidence": ["Calibration", "ConfidenceError", "Rejection", "ScoreMap"],
        "decoding": ["DecodedParse", "Decoder", "slots_of_tags"],
        "entities": ["Entities"],
        "entity_files": ["Entity", "EntityError"],
        "entity_matches": ["Candidate", "Match"],
        "entity_vectors": ["EntityVectors"],
        "labels": ["LabelError", "LabelSet"],
        "linking": ["Linker"],
        "loading": ["load"],
        "metadata": [
            "EncoderMetadata",
            "Metadata",
            "ModelFileError",
            "read_metadata",
            "replace_metadata",
        ],
        "nested_decoding": ["DecodedIntent", "DecodedSlot"],
        "parser": ["Parser"],
        "presets": ["PretrainedModel", "model_file", "pretrained_models"],
        "prototypes": ["IntentError", "IntentPrototypes"],
        "results": ["NestedIntent", "Parse", "Slot", "decode_outputs", "parse_outputs"],
        "spec": ["ProjectionSpec", "SpecError"],
        "text_encoder": ["Encoder"],
        "tflite_op": ["TfliteOpError", "op_registerer"],
        "trees": [
            "Tree",
            "TreeError",
            "format_tree",
            "parse_tree",
            "root_intent",
            "top_level_slots",
        ],
    },
)
