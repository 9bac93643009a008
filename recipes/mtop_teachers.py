"""The teachers of `mtop_en_1mb` and `mtop_en_2mb`, and the text that they answer."""

from __future__ import annotations

LABELS = (
    "python -m pqrnn_tf.train --data mtop:en --config pretrained/mtop_en_1mb/config.json --set "
    "learning_rate=0.003 --set dropout=0.12 --set zoneout=0.12 --set head_dropout=0.15 --set "
    "feature_dropout=0.08 --set label_smoothing=0.1 --set distortion=0.06 --set epochs=62 "
    "--output runs/labels"
)
"""The student of labels that teaches too."""
MINILM_BOTH = (
    "python -m pqrnn_tf.finetune --data mtop:en --similar topv2 --repeat 3 --config "
    "pretrained/mtop_en_2mb/config.json --set nested_weight=0 --set distortion=0.06 "
    "--teacher minilm --epochs 1 --learning_rate 1.7e-4 --batch_size 64 --output "
    "runs/minilm_both"
)
"""One epoch on the labels of MTOP and TOPv2."""
MINILM_SECOND = (
    "python -m pqrnn_tf.finetune --data mtop:en --similar topv2 --repeat 3 --config "
    "pretrained/mtop_en_2mb/config.json --set nested_weight=0 --set distortion=0.06 "
    "--teacher runs/minilm_both/teacher --epochs 1 --learning_rate 1.2e-4 --batch_size 64 "
    "--output runs/minilm_second"
)
"""A second epoch of these, with a lower rate."""
MINILM = (
    "python -m pqrnn_tf.finetune --data mtop:en --config pretrained/mtop_en_2mb/config.json "
    "--set nested_weight=0 --set distortion=0.04 --teacher runs/minilm_second/teacher "
    "--epochs 4 --learning_rate 1e-4 --batch_size 32 --output runs/minilm"
)
"""Four epochs on the labels of MTOP only."""
TRANSFER_TEXT = (
    "python -m recipes.template_text --templates recipes/mtop_transfer/en.tsv --data mtop "
    "--output en.txt"
)
"""Text without labels, expanded from templates."""
COMMANDS = (LABELS, MINILM_BOTH, MINILM_SECOND, MINILM, TRANSFER_TEXT)
"""What makes both teachers, in order."""
TOPV2_TEXT = (
    "$(for d in alarm event messaging music reminder timer weather; do echo --transfer "
    "topv2/${d}_train.tsv --transfer topv2/${d}_eval.tsv; done)"
)
"""Flags that name the utterances of seven domains of TOPv2 as transfer text."""
OTHER_DATA = (
    "transfer text from templates written for this project (recipes/mtop_transfer), Apache-2.0",
    "teachers: all-MiniLM-L6-v2 (Apache-2.0), fine-tuned, and a student of its own kind, "
    "of labels only",
)
"""What the cards say of text and teachers."""
SELECTION = (
    "the weight of the second teacher was chosen among three by their exact match on "
    "development rows; the weights are those after the last step"
)
"""What the cards say of the use of development rows."""
