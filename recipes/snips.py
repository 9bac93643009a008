"""How `pretrained/snips` was made: 1.3 MB for SNIPS, taught by students, text as people write it.

    python -m recipes.snips            # prints the commands
    python -m recipes.snips | sh -e    # runs them; `snips` is the folder of the corpus

The first student has the configuration of `benchmarks.tasks`, the second one that of the published model with more
regularisation, and the third, which both teach, starts from the second one's weights. It teaches the published one,
on text that is written again in each pass, and gives it its weights. No BERT takes part.
"""

from __future__ import annotations

from recipes.mtop_teachers import FORMS, OUTSIDE_TEXT
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m pqrnn_tf.train --data snips --config recipes/students/tasks.json --output "
        "runs/snips_a",
        "python -m pqrnn_tf.train --data snips --config recipes/students/snips.json --set "
        "dropout=0.15 --set zoneout=0.15 --set feature_dropout=0.1 --set head_dropout=0.2 "
        "--set label_smoothing=0.1 --set learning_rate=0.002 --set epochs=36 --output "
        "runs/snips_b",
        "python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json "
        "--fine_tuned runs/snips_a --fine_tuned runs/snips_b --nolatent --copies 6 --start "
        "runs/snips_b/model.keras --steps 6500 --output runs/first_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {FORMS}"
        "--set spec.version=2 --set learning_rate=0.0012 --fine_tuned runs/first_snips --nolatent "
        "--regularisation 1 --copies 6 --start runs/first_snips/model.keras --steps 4500 "
        "--answers runs/answers_snips --output runs/forms_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {FORMS}"
        "--set distortion=0.08 --set spec.version=2 --set learning_rate=0.001 --fine_tuned "
        "runs/first_snips --nolatent --regularisation 0.3 --copies 6 --start "
        "runs/forms_snips/model.keras --steps 8000 --answers runs/answers_snips --output runs/snips",
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe snips --run runs/snips --data snips --reject_at 0.2 "
        "--outside_text outside.txt --output pretrained/snips"
    ),
    other_data=(
        "teacher: a student of its kind on clean text, taught by two students of labels only. Its "
        "weights were taken back from its file of 8 bits (recipes/recovered_weights.py)",
    ),
    selection=(
        "the weights are those after the last step; of three configurations of the first student "
        "this is the one with the highest exact match; of three ways of writing text again these have the highest one"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
