"""The flag that the commands `finetune` and `distill` have in common."""

from __future__ import annotations

from absl import flags

TEACHER = flags.DEFINE_string(
    "teacher",
    None,
    "TF-Hub handle or folder of the BERT encoder, folder with a BERT checkpoint in safetensors, or a fine-tuned "
    "teacher of the same labels, which goes on; multilingual cased BERT if not given.",
)
