"""Readers of corpora, alignment of trees with utterances, the demo grammar, augmentation."""

from pqrnn_tf._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "alignment": ["Alignment", "align_slots"],
        "augmentation": [
            "SlotValues",
            "augmented_copy",
            "distort_characters",
            "distort_examples",
            "distort_text",
            "keyboard_typos",
            "substitute_slot_values",
        ],
        "banking77": ["read_banking77"],
        "bio": ["BioError", "slots_from_bio"],
        "builders": ["Mtop", "MtopConfig", "example_of", "features_of"],
        "clinc150": ["OUT_OF_SCOPE", "read_clinc150"],
        "corpora": ["CORPORA", "Corpus", "corpus_of", "load_split"],
        "examples": ["AlignmentReport", "DataError", "Example", "SlotSpan", "alignment_report"],
        "grammar": ["DOMAINS", "generate", "vocabulary", "write_mtop_file", "write_mtop_folder"],
        "held_out": ["hold_out"],
        "massive": ["read_massive"],
        "mtop": ["LANGUAGES", "example_from_tree", "find_split", "read_mtop"],
        "plain_text": ["read_plain_text"],
        "snips": ["read_snips"],
        "student_text": ["StudentText", "WordReplacer", "build_student_text"],
        "topv2": ["load_topv2_split", "read_topv2"],
        "transfer": [
            "ParaphraseReport",
            "TransferReport",
            "read_paraphrases",
            "read_transfer_text",
            "unlabelled",
        ],
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
