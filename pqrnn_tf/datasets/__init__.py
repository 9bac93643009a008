"""Readers of corpora, alignment of trees with utterances, the demo grammar, augmentation."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "alignment": ["Alignment", "align_slots"],
        "bio": ["BioError", "slots_from_bio"],
        "examples": ["AlignmentReport", "DataError", "Example", "SlotSpan", "alignment_report"],
        "mtop": ["LANGUAGES", "load_split", "read_mtop"],
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
