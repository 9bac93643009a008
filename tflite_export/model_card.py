"""The card of a published model, rendered from what was measured."""

from __future__ import annotations

from typing import Any

_TEMPLATE = """# {name}

Intent and slots of {language} utterances in MTOP's label set, from raw text: one .tflite for any stock LiteRT runtime.

| | |
|---|---|
| file | `model.tflite`, {size:,} bytes, weights: {quantization} |
| projection | version {version}, up to {max_code_points} code points and {max_tokens} tokens |
| labels | {intents} intents, {slots} slots (`labels.json`) |
| data | {data} |
| licence | {licence} |
| made with | {versions} |

## Scores on the development set

Through the .tflite on the stock runtime, from raw text; all {rows} rows count.

| flat exact match | intent accuracy | slot F1 | slot F1 of BIO tags (seqeval) |
|---|---|---|---|
| **{flat_exact_match}** | {intent_accuracy} | {slot_f1} | {tag_f1} |

Flat exact match: root intent and every top-level slot (name and words) right; the words of a nested slot
are its leaves. The float model in Keras has {keras_flat_exact_match} on the same rows; {same_parse} % of the
parses are the same and no logit differs by more than {largest_difference} (the quantisation step explains up
to {tolerance}). The numbers are those of `scores.json`, which the command below writes. Development rows were
not trained on; {selection}.

## Made by

```bash
{recipe}
```

Training configuration: `config.json`.

## Limits

- One pass, flat: nested intents inside a slot are not opened. A slot with a hole is found; its offsets are
  those of its hull, its words in the tree are its own.
- {language} only; other languages give some parse with a low score. The score is the model's own probability
  and was not calibrated.
- Text is not normalised (NFC/NFD); typing errors cost accuracy.
- Names, places and dates are those of MTOP's annotators. Do not use it where a wrong parse does harm.
"""


def render_card(values: dict[str, Any]) -> str:
    """The card as Markdown.

    Args:
        values: Everything that the template names.

    Raises:
        KeyError: if a value is missing.
    """
    return _TEMPLATE.format(**values)
