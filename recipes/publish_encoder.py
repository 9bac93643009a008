"""Makes a folder under `pretrained/` from a finished pretraining: weights, .tflite, scores and card.

    python -m recipes.publish_encoder --recipe encoder_en_2mb --run runs/encoder_en_2mb --corpora corpora \\
        --output pretrained/encoder_en_2mb

The scores are those of the .tflite of 8 bits on development rows, beside what the weights in single precision have.
"""

from __future__ import annotations

import json
import pathlib
import sys
import textwrap
from collections.abc import Mapping
from typing import Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from recipes.encoder_scores import FEW_SHOT, SHOTS, rows_of, scores
from recipes.recipe import Recipe, load_recipe, recipe_names


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("run", "Output folder of `pqrnn pretrain`.", required=True, metavar="FOLDER")
    parser.flag(
        "corpora",
        "Folder with the corpora that are scored on, a folder each.",
        required=True,
        metavar="FOLDER",
    )
    parser.flag("languages", "Languages of STS-B, with commas between them.", default="en")
    parser.flag(
        "trained_in",
        "Languages that it was trained in, with commas between them.",
        shown="those of --languages",
        metavar="CODES",
    )
    parser.flag("output", "Folder to write.", required=True, metavar="FOLDER")
    parser.flag(
        "recipe",
        "File in recipes/ that says how it was made.",
        required=True,
        choices=recipe_names(),
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    record = publish_encoder(
        pathlib.Path(arguments.run),
        pathlib.Path(arguments.output),
        corpora=pathlib.Path(arguments.corpora),
        languages=arguments.languages.split(","),
        trained_in=(arguments.trained_in or arguments.languages).split(","),
        recipe=load_recipe(arguments.recipe),
    )
    print(json.dumps({name: record[name] for name in ("bytes", "stsb", "few_shot", "parity")}))


def publish_encoder(
    source: pathlib.Path,
    output: pathlib.Path,
    *,
    corpora: pathlib.Path,
    languages: list[str],
    trained_in: list[str],
    recipe: Recipe,
) -> dict[str, Any]:
    """Writes the folder of a published sentence encoder.

    Args:
        source: Folder of the pretraining.
        output: The folder; its name is that of the encoder.
        corpora: Folder of the corpora that are scored on.
        languages: Languages of STS-B.
        trained_in: Languages that it was trained in.
        recipe: What the card says of the making.

    Returns:
        What `scores.json` holds.

    Raises:
        PresetError: if `source` holds no sentence encoder.
    """
    import pqrnn_tf
    from pqrnn_tf.files import write_bytes, write_json
    from pqrnn_tf.runtime.presets import FILE
    from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
    from tflite_export.parity import compare_vectors

    model = SentenceEncoder.from_preset(source)
    config = json.loads((source / "training.json").read_text(encoding="utf-8"))["config"]
    output.mkdir(parents=True, exist_ok=True)
    model.export(
        output / FILE, licence=recipe.licence, extra={"name": output.name, "config": config}
    )
    model.save_to_preset(output, dtype="float16")
    encoder: Any = pqrnn_tf.load(output / FILE)
    texts = [row.text for row in rows_of(corpora, next(iter(FEW_SHOT)), SHOTS[0])]
    parity = compare_vectors(model, encoder, texts)
    record = {
        "kind": "encoder",
        "split": "dev",
        "languages": trained_in,
        "bytes": (output / FILE).stat().st_size,
        **scores(encoder.encode, corpora, languages),
        "floats": scores(model.encode, corpora, languages),
        "parity": {"texts": parity.texts, "least_cosine": round(parity.least_cosine, 5)},
        "versions": encoder.metadata.versions,
        "licence": encoder.metadata.licence,
        "other_data": list(recipe.other_data),
        "selection": recipe.selection,
        "commands": list(recipe.commands),
        "published_by": recipe.publish,
    }
    write_json(output / "scores.json", record)
    card = encoder_card(output.name, record)
    write_bytes(output / "README.md", card.encode("utf-8"))
    return record


def encoder_card(name: str, record: Mapping[str, Any]) -> str:
    """The card of a sentence encoder, as Markdown."""
    from tflite_export.model_card import language_name, table

    header = ["weights", *(f"STS-B {language}" for language in record["stsb"])]
    header += [
        f"{FEW_SHOT[corpus]}, {shots.removeprefix('train_')} an intent"
        for corpus in record["few_shot"]
        for shots in record["few_shot"][corpus]
    ]
    rows = [
        [
            title,
            *(f"{value:.1f}" for value in own["stsb"].values()),
            *(f"{value:.1f}" for found in own["few_shot"].values() for value in found.values()),
        ]
        for title, own in (("8 bits", record), ("single precision", record["floats"]))
    ]
    commands = "\n".join([*record["commands"], record["published_by"]])
    selection, terms = (textwrap.fill(record[part], 120) for part in ("selection", "licence"))
    parity = record["parity"]
    trained, scored = (
        ", ".join(language_name(code) for code in codes)
        for codes in (record["languages"], record["stsb"])
    )
    sources = "\n".join(
        textwrap.fill(f"- {source}", 120, subsequent_indent="  ") for source in record["other_data"]
    )
    return f"""# {name}

A sentence encoder: a text in, a vector of {record["width"]} numbers and unit length out.
Trained in: {trained}.
Scored on sentences in: {scored}.
`model.tflite` ({record["bytes"]:,} bytes) has weights of 8 bits and needs built-in operations only; `weights.npz` are
weights to train on.

```python
import pqrnn_tf

vectors = pqrnn_tf.load("{name}").encode(["wake me at seven", "set an alarm for 7"])
model = pqrnn_tf.IntentSlotModel.from_preset("{name}")  # its weights, and new heads
model.fit("phrases.yaml")
```

## Scores

Spearman's correlation of cosines with what people said on the development rows of STS-B, and the accuracy on
development rows of logistic regression over frozen vectors, trained on the official 5 and 10 rows an intent; in
percent.

{table(header, rows)}

The vectors of both kinds of weights have a cosine of at least {parity["least_cosine"]:.4f} on {parity["texts"]} texts.

## What it was trained on

{selection}

{sources}

The training texts of the corpora of intents above were among the text, without their labels, so that the accuracies
are not those of a new domain.

## How it was made

```bash
{commands}
```

## Terms

{terms}
"""


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.publish_encoder", __doc__, configure, run, sys.argv[1:])
    )
