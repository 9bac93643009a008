"""The cards of BERTs: what a fine-tuned teacher reaches, by language, and what a Transformer student of it does."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.files import write_bytes, write_json

if TYPE_CHECKING:
    from pqrnn_tf.datasets.making.mixture import Mixture
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.teachers.saved import SavedTeacher

CARD = "card.md"
SCORES_FILE = "scores.json"


def measure_teacher(teacher: SavedTeacher, rows: Mixture, spec: ProjectionSpec) -> dict[str, Any]:
    """Scores of a teacher on the development rows.

    Args:
        teacher: The teacher.
        rows: Its training rows and the development rows.
        spec: Decides the tokens.

    Returns:
        Those of `Scores.to_dict` over all rows and, where there are several languages, `languages`: of each the scores
        of its rows and, where there are such rows, `unlabelled`: of those whose intent no training row of that language
        has, but for templates.
    """
    from pqrnn_tf.datasets import rows_by_language
    from pqrnn_tf.tasks.parsing import answer_texts
    from pqrnn_tf.tasks.scoring import score_answers

    answers = answer_texts(teacher, [row.text for row in rows.development], spec=spec)
    answer_of = {id(row): answer for row, answer in zip(rows.development, answers, strict=True)}

    def scores(own: Sequence[Example]) -> dict[str, Any]:
        record = score_answers(own, [answer_of[id(row)] for row in own]).to_dict()
        # Teachers answer with intents and slots; what is nested in slots is not theirs.
        record.pop("tree_exact_match", None)
        return record

    record = scores(rows.development)
    languages = rows_by_language(rows.development)
    if len(languages) < 2:
        return record
    labelled = rows.training[: len(rows.training) - rows.from_templates]
    intents = {
        code: {row.intent for row in own} for code, own in rows_by_language(labelled).items()
    }
    record["languages"] = {}
    for code, own in languages.items():
        record["languages"][code] = scores(own)
        foreign = [row for row in own if row.intent not in intents.get(code, set())]
        if foreign:
            record["languages"][code]["unlabelled"] = scores(foreign)
    return record


def write_teacher_card(
    folder: pathlib.Path, record: Mapping[str, Any], *, data: Sequence[str], size: int, call: str
) -> None:
    """Writes scores and card into the folder of a fine-tuning.

    Args:
        folder: The folder.
        record: What `measure_teacher` says; empty without development rows.
        data: What it was trained and scored on, a sentence a line.
        size: Bytes of the teacher.
        call: The command.
    """
    write_json(folder / SCORES_FILE, record)
    write_bytes(folder / CARD, render_teacher_card(record, data, size, call).encode("utf-8"))


def render_teacher_card(
    record: Mapping[str, Any], data: Sequence[str], size: int, call: str
) -> str:
    """The card as Markdown; the arguments are those of `write_teacher_card`."""
    from tflite_export.model_card import (
        SCORES,
        language_name,
        mean_scores,
        score_cells,
        score_fields,
        table,
    )

    parts = [
        "# A fine-tuned teacher",
        f"{size / 1e6:.1f} MB. It teaches small models; it is not meant to be shipped.",
    ]
    parts += ["## Data", "\n".join(f"- {line}" for line in data)]
    parts += ["## Development rows"]
    if record:
        languages = record.get("languages", {})
        fields = score_fields([record])
        head = ["rows of", "rows", *(SCORES[field] for field in fields)]
        lines = [
            [language_name(code), of["rows"], *score_cells(of, fields)]
            for code, of in languages.items()
        ]
        if languages:
            mean = mean_scores(list(languages.values()))
            lines.append(["mean of the languages", "", *score_cells(mean, fields)])
        else:
            lines.append(["all", record["rows"], *score_cells(record, fields)])
        parts += [
            table(head, lines),
            "From raw text, in percent; the teacher was not trained on these rows.",
        ]
        foreign = {code: of["unlabelled"] for code, of in languages.items() if "unlabelled" in of}
        if foreign:
            lines = [
                [language_name(code), of["rows"], *score_cells(of, fields)]
                for code, of in foreign.items()
            ]
            parts += [
                "Of these, rows with an intent that no training row of their language has, but for templates:",
                table(head, lines),
            ]
    else:
        parts += ["There are no development rows, so nothing is known of how good the teacher is."]
    parts += ["## Make it again", f"```bash\n{call}\n```"]
    return "\n\n".join(parts) + "\n"


def write_student_card(
    folder: pathlib.Path,
    record: Mapping[str, Mapping[str, Any]],
    *,
    data: Sequence[str],
    size: int,
    call: str,
) -> None:
    """Writes scores and card into the folder of a Transformer student.

    Args:
        folder: The folder.
        record: Scores of the .tflite and of others on the development rows, by name; empty without such rows.
        data: What it was trained and scored on, a sentence a line.
        size: Bytes of the .tflite.
        call: The command.
    """
    from tflite_export.model_card import SCORES, score_cells, score_fields, table

    parts = [
        "# A Transformer student",
        f"{size / 1e6:.2f} MB. `model.tflite` takes the numbers of word pieces: BERT's tokenizer stands in front of "
        "it, outside of the file (`tflite_export.TransformerFile`). `student` is the same as a BERT in TF-Hub's "
        "format with its heads, which `pqrnn label` and `pqrnn distill --fine_tuned` take.",
        "## Data",
        "\n".join(f"- {line}" for line in data),
    ]
    if record:
        fields = score_fields(list(record.values()))
        head = ["", *(SCORES[field] for field in fields)]
        lines = [[name, *score_cells(scores, fields)] for name, scores in record.items()]
        parts += ["## Development rows", table(head, lines)]
    parts += ["## Make it again", f"```bash\n{call}\n```"]
    write_json(folder / SCORES_FILE, record)
    write_bytes(folder / CARD, ("\n\n".join(parts) + "\n").encode("utf-8"))
