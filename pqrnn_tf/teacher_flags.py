"""The flag that the commands `finetune` and `distill` have in common."""

from __future__ import annotations

from absl import flags

TEACHER = flags.DEFINE_string(
    "teacher",
    None,
    "TF-Hub handle or folder of the BERT encoder, or folder with a BERT checkpoint in safetensors; multilingual "
    "cased BERT if not given.",
)
