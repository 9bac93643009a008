"""Writing a Model Garden encoder in TF-Hub's format."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from pqrnn_tf.extras import require


def export_encoder(
    encoder: Any,
    config: Any,
    vocabulary: Sequence[str] | bytes,
    fresh: pathlib.Path,
    *,
    lower_case: bool = False,
    masked_lm: Any = None,
) -> None:
    """Writes an encoder with its vocabulary and case rule as a SavedModel.

    Args:
        encoder: What `official.nlp.configs.encoders.build_encoder(config)` returned, with the weights
            to export.
        config: Its `EncoderConfig`.
        vocabulary: Word pieces in the order of their identifiers, or a model of SentencePiece whose numbers are the
            identifiers.
        fresh: Folder that `atomic_folder` yielded; scratch files go beside it.
        lower_case: Whether text is lower-cased and stripped of accents before it is cut into word pieces.
        masked_lm: The head of a `BertPretrainerV2` around the encoder, with the weights to export; the
            SavedModel then has it as its part `mlm`. `None` for an encoder without one.
    """
    export = require("official.nlp.tools.export_tfhub_lib")
    scratch = fresh.parent / "scratch"
    scratch.mkdir()
    if isinstance(vocabulary, bytes):
        vocabulary_file = scratch / "sentencepiece.model"
        vocabulary_file.write_bytes(vocabulary)
        asset = {"sp_model_file": str(vocabulary_file)}
    else:
        vocabulary_file = scratch / "vocab.txt"
        vocabulary_file.write_text("".join(f"{p}\n" for p in vocabulary), encoding="utf-8")
        asset = {"vocab_file": str(vocabulary_file)}
    # Under the names that the exporter looks for without and with the head.
    parts = {"model": encoder} if masked_lm is None else {"masked_lm": masked_lm}
    checkpoint = tf.train.Checkpoint(encoder=encoder, **parts).save(str(scratch / "weights"))
    export.export_model(
        str(fresh),
        encoder_config=config,
        model_checkpoint_path=checkpoint,
        with_mlm=masked_lm is not None,
        do_lower_case=lower_case,
        **asset,
    )
