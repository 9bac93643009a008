"""Makes a folder under `pretrained/` from a finished training: model, labels, configuration, scores and card.

python -m benchmarks.publish --run runs/en --data mtop --output pretrained/mtop_en_2mb
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence

from absl import app, flags

_RUN = flags.DEFINE_string(
    "run", None, "Output folder of `pqrnn_tf.train` or `pqrnn_tf.distill`.", required=True
)
_DATA = flags.DEFINE_string("data", None, "Folder of MTOP files.", required=True)
_LANGUAGE = flags.DEFINE_string("language", "en", "Language of the rows.")
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write.", required=True)
_COMMAND = flags.DEFINE_multi_string(
    "command",
    [],
    "A command that made the run, for the card; may be repeated. Those of `pqrnn_tf.train` if not given.",
)
_DATA_NOTE = flags.DEFINE_multi_string(
    "data_note", [], "What the model learned from beside MTOP, with its licence; may be repeated."
)
_SELECTION = flags.DEFINE_string(
    "selection",
    "the weights are those after the last epoch",
    "How development rows were used, for the card.",
)

DATA = "MTOP (Li et al. 2021, arXiv 2008.09335), training rows, CC BY-SA 4.0"
LICENCE = "Model trained on MTOP, whose texts and labels are CC BY-SA 4.0; code Apache-2.0."
LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "th": "Thai",
}


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    import keras

    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.files import write_bytes, write_json
    from pqrnn_tf.tasks.parsing import score_model
    from tflite_export.converter import convert
    from tflite_export.model_card import render_card
    from tflite_export.parity import compare
    from tflite_export.parser import Parser
    from tflite_export.scoring import score_parser

    run, output = pathlib.Path(_RUN.value), pathlib.Path(_OUTPUT.value)
    config = json.loads((run / "training.json").read_text(encoding="utf-8"))["config"]
    model = keras.models.load_model(run / "model.keras", compile=False)
    development = load_split(_DATA.value, "dev", language=_LANGUAGE.value)
    path = output / "model.tflite"
    convert(model, path=path, licence=LICENCE, extra={"name": output.name, "config": config})
    parser = Parser(path)
    scores = score_parser(parser, development)
    report = compare(model, parser, [row.text for row in development])
    record = {
        "split": "dev",
        "language": _LANGUAGE.value,
        "bytes": path.stat().st_size,
        "tflite": scores.to_dict(),
        "keras": score_model(model, development).to_dict(),
        "parity": {name: round(value, 4) for name, value in dataclasses.asdict(report).items()},
        "versions": parser.metadata.versions,
    }
    write_json(output / "scores.json", record)
    write_json(output / "labels.json", model.labels.to_dict())
    write_json(output / "config.json", config)
    trained = _COMMAND.value or [
        f"python -m pqrnn_tf.train --data mtop --language {_LANGUAGE.value} "
        f"--config pretrained/{output.name}/config.json --output runs/{output.name}"
    ]
    recipe = [
        *trained,
        f"python -m benchmarks.publish --run runs/{output.name} --data mtop "
        f"--language {_LANGUAGE.value} --output pretrained/{output.name}",
    ]
    card = render_card(
        {
            **record["tflite"],
            "name": output.name,
            "language": LANGUAGES[_LANGUAGE.value],
            "size": record["bytes"],
            "quantization": parser.metadata.quantization,
            "version": parser.spec.version,
            "max_code_points": parser.spec.max_code_points,
            "max_tokens": parser.spec.max_tokens,
            "intents": len(parser.labels.intents),
            "slots": len(parser.labels.slot_names),
            "data": "; ".join([DATA, *_DATA_NOTE.value]),
            "licence": LICENCE,
            "versions": ", ".join(f"{k} {v}" for k, v in record["versions"].items()),
            "keras_flat_exact_match": record["keras"]["flat_exact_match"],
            "same_parse": round(100 * report.same_parse, 2),
            "largest_difference": round(report.largest_difference, 3),
            "tolerance": round(report.tolerance, 3),
            "selection": _SELECTION.value,
            "recipe": "\n".join(recipe),
        }
    )
    write_bytes(output / "README.md", card.encode("utf-8"))
    print(json.dumps(record["tflite"]))


if __name__ == "__main__":
    app.run(main)
