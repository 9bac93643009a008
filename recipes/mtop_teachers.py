"""The teachers of the models for MTOP English, and the text that they answer.

A MiniLM and a student of labels taught two students first, on clean text. Both together, which are better than either,
taught students on text that is written again as people write it. These two and a second MiniLM taught one more of 2 MB.
It and a third MiniLM, trained for more than twice as long, teach the published models of 1 and 2 MB, which start from
the weights of the students before.
"""

from __future__ import annotations

from collections.abc import Sequence

LABELS = (
    "python -m pqrnn_tf.train --data mtop:en --config recipes/students/mtop_en_1mb.json --set "
    "learning_rate=0.003 --set dropout=0.12 --set zoneout=0.12 --set head_dropout=0.15 --set "
    "feature_dropout=0.08 --set label_smoothing=0.1 --set distortion=0.06 --set epochs=62 "
    "--output runs/labels"
)
"""The student of labels that teaches too."""
MINILM_BOTH = (
    "python -m pqrnn_tf.finetune --data mtop:en --similar topv2 --repeat 3 --config "
    "recipes/students/mtop_en_2mb.json --set nested_weight=0 --set distortion=0.06 "
    "--teacher minilm --epochs 1 --learning_rate 1.7e-4 --batch_size 64 --output "
    "runs/minilm_both"
)
"""One epoch on the labels of MTOP and TOPv2."""
MINILM_SECOND = (
    "python -m pqrnn_tf.finetune --data mtop:en --similar topv2 --repeat 3 --config "
    "recipes/students/mtop_en_2mb.json --set nested_weight=0 --set distortion=0.06 "
    "--teacher runs/minilm_both/teacher --epochs 1 --learning_rate 1.2e-4 --batch_size 64 "
    "--output runs/minilm_second"
)
"""A second epoch of these, with a lower rate."""
MINILM = (
    "python -m pqrnn_tf.finetune --data mtop:en --config recipes/students/mtop_en_2mb.json "
    "--set nested_weight=0 --set distortion=0.04 --teacher runs/minilm_second/teacher "
    "--epochs 4 --learning_rate 1e-4 --batch_size 32 --output runs/minilm"
)
"""Four epochs on the labels of MTOP only."""
_QUICK = (
    "python -m pqrnn_tf.finetune --data mtop:en {similar}--config recipes/students/mtop_en_2mb.json "
    "--set nested_weight=0 --set distortion={distortion} --teacher {teacher} --embeddings rows "
    "--bfloat16 {rate} --epochs {epochs} --batch_size 32 --output {output}"
)
QUICK_BOTH = _QUICK.format(
    similar="--similar topv2 --repeat 3 ",
    distortion=0.06,
    teacher="minilm",
    rate="--head_factor 4 --learning_rate 5e-4",
    epochs=1,
    output="runs/minilm_quick_both",
)
"""A second MiniLM, with the higher rate that a narrow BERT can take: one epoch on the labels of both."""
_OF_MTOP = {
    "similar": "",
    "distortion": 0.04,
    "teacher": "runs/minilm_quick_both/teacher",
    "rate": "--head_factor 2 --learning_rate 3e-4",
}
QUICK = _QUICK.format(**_OF_MTOP, epochs=4, output="runs/minilm_quick")
"""Four epochs on the labels of MTOP only."""
LONGER = _QUICK.format(**_OF_MTOP, epochs=9, output="runs/minilm_longer")
"""A third MiniLM: nine of them."""
TRANSFER_TEXT = (
    "python -m recipes.template_text --templates recipes/mtop_transfer/en.tsv --data mtop "
    "--output en.txt"
)
"""Text without labels, expanded from templates."""
TOPV2_TEXT = (
    "$(for d in alarm event messaging music reminder timer weather; do echo --transfer "
    "topv2/${d}_train.tsv --transfer topv2/${d}_eval.tsv; done)"
)
"""Flags that name the utterances of seven domains of TOPv2 as transfer text."""
FIRST_1MB = (
    "python -m pqrnn_tf.distill --data mtop:en --config recipes/students/mtop_en_1mb.json "
    "--set learning_rate=0.002 --fine_tuned runs/minilm/teacher --fine_tuned runs/labels "
    f"--teacher_weight 1 --teacher_weight 0.7 --nolatent --regularisation 1 {TOPV2_TEXT}"
    " --transfer en.txt --copies 3 --start runs/labels/model.keras --steps 15000 "
    "--output runs/first_1mb"
)
"""The first student of 1 MB."""
LABELS_BOTH = (
    "python -m pqrnn_tf.train --data mtop:en --similar topv2 --repeat 3 --config "
    "recipes/students/mtop_en_2mb.json --set nested_weight=0 --set learning_rate=0.003 "
    "--set dropout=0.1 --set zoneout=0.1 --set label_smoothing=0.1 --set distortion=0.06 "
    "--set epochs=4 --output runs/labels_both"
)
"""What the first student of 2 MB starts from."""
FIRST_2MB = (
    "python -m pqrnn_tf.distill --data mtop:en --config recipes/students/mtop_en_2mb.json "
    "--set learning_rate=0.002 --fine_tuned runs/minilm/teacher --fine_tuned runs/labels "
    f"--teacher_weight 1 --teacher_weight 0.7 --nolatent --regularisation 1 {TOPV2_TEXT}"
    " --transfer en.txt --copies 3 --start runs/labels_both/model.keras --steps 12000 "
    "--output runs/first_2mb"
)
"""The first student of 2 MB."""
OUTSIDE_TEXT = "python -m recipes.outside_text --output outside.txt"
"""Text that belongs to no intent, for the threshold below which a request is rejected."""
COMMANDS = (
    LABELS,
    MINILM_BOTH,
    MINILM_SECOND,
    MINILM,
    TRANSFER_TEXT,
    FIRST_1MB,
    LABELS_BOTH,
    FIRST_2MB,
)
"""What makes both teachers of the published students, in order."""
FORMS = (
    '--set surface=0.5 --set distortion=0.12 --set \'surface_weights={"word_boundary": 3, '
    '"homophone": 2, "recognised": 2, "phonetic": 1.5}\' '
)
"""How the text of the published students is written again: with more of the errors that cost most."""
MORE_FORMS = (
    '--set surface=0.55 --set distortion=0.08 --set \'surface_weights={"word_boundary": 3, '
    '"homophone": 2, "recognised": 2, "phonetic": 1.5, "words_split": 2, '
    '"name_after": 1.5, "emoji_between": 1.2, "spoken": 1.4, "closer_after": 2.5, '
    '"invented_values": 2.2, "unknown_word_between": 0.6, "words_joined": 1.2}\' '
)
"""Fewer errors, and more of the forms that cost most after that."""


def taught_by_both(config: str, *, start: str, settings: str, steps: int, output: str) -> str:
    """The command of a student of both first students.

    Args:
        config: Its configuration, a file in recipes/students/.
        start: Folder of the run whose weights it starts from; empty for new ones.
        settings: Flags `--set`, each with a space behind it, such as `FORMS`.
        steps: Optimizer steps.
        output: Folder of the run.
    """
    begun = f"--start {start}/model.keras " if start else ""
    return (
        f"python -m pqrnn_tf.distill --data mtop:en --config recipes/students/{config} "
        f"{settings}--fine_tuned runs/first_1mb --fine_tuned runs/first_2mb --nolatent "
        f"--regularisation 1 {TOPV2_TEXT} --transfer en.txt --copies 3 {begun}--steps {steps} "
        f"--output {output}"
    )


FORMS_2MB = taught_by_both(
    "mtop_en_2mb.json",
    start="runs/first_2mb",
    settings=f"{MORE_FORMS}--set spec.version=2 --set learning_rate=0.0015 ",
    steps=7000,
    output="runs/forms_2mb",
)
"""The student of 2 MB that the one of three teachers starts from."""


def _taught(
    size: str,
    *,
    seed: int,
    teachers: Sequence[str],
    copies: int,
    start: str,
    steps: int,
    output: str,
) -> str:
    """The command of a student of any teachers, on less transfer text and other copies than `taught_by_both` has."""
    by = "".join(f"--fine_tuned {folder} " for folder in teachers)
    return (
        f"python -m pqrnn_tf.distill --data mtop:en --config recipes/students/mtop_en_{size}.json "
        f"{MORE_FORMS}--set spec.version=2 --set learning_rate=0.0015 --set seed={seed} {by}--nolatent "
        f"--regularisation 1 {TOPV2_TEXT} --transfer en.txt --transfer_limit 80000 --copies {copies} "
        f"--start {start}/model.keras --steps {steps} --output {output}"
    )


TAUGHT_BY_THREE = (
    QUICK_BOTH,
    QUICK,
    _taught(
        "2mb",
        seed=2,
        teachers=("runs/minilm_quick/teacher", "runs/first_2mb", "runs/first_1mb"),
        copies=1,
        start="runs/forms_2mb",
        steps=9000,
        output="runs/three_2mb",
    ),
)
"""The commands of a student of 2 MB of the second MiniLM and both first students."""


def taught_by_minilm(size: str, *, start: str, steps: int) -> tuple[str, ...]:
    """The commands of a published student: its teachers are the third MiniLM and the last student of 2 MB.

    Args:
        size: `"1mb"` or `"2mb"`.
        start: Folder of the run whose weights it starts from.
        steps: Optimizer steps.
    """
    return (
        LONGER,
        _taught(
            size,
            seed=3,
            teachers=("runs/minilm_longer/teacher", "runs/three_2mb"),
            copies=2,
            start=start,
            steps=steps,
            output=f"runs/mtop_en_{size}",
        ),
    )


OTHER_DATA = (
    "TOPv2 (Chen et al. 2020), CC BY-SA 4.0: for the teachers 87,611 rows with labels, of "
    "those that MTOP has too; for the student utterances of seven domains without "
    "labels. No row with the text of a development row, and the copy had none with that "
    "of a test row",
    "transfer text from templates written for this project (recipes/mtop_transfer), Apache-2.0",
)
"""What the cards say of text."""
OTHER_DATA_OF_MINILM = (
    *OTHER_DATA,
    "teachers: all-MiniLM-L6-v2 (Apache-2.0), fine-tuned, and a student of 2 MB, whose teachers were another such "
    "MiniLM and two students, of 1 and of 2 MB, on clean text. Their weights were taken back from their files of 8 "
    "bits (recipes/recovered_weights.py), its own from half precision",
)
"""The same, and of the teachers, of those that have the third MiniLM."""
SELECTION = (
    "for the teachers' own teachers one weight was chosen among three by exact match on "
    "development rows, and for the weights of errors what costs most there; the weights are "
    "those after the last step"
)
"""What the cards say of the use of development rows."""
SELECTION_OF_MINILM = (
    f"{SELECTION}; the second and the third MiniLM have the weights of their best rounds by development rows, and the "
    "teachers were chosen among five and then among six sets of teachers and weights by their own score there; so was "
    "the rate of rejection, among those that cost nothing there"
)
"""The same of those that have the third MiniLM."""
