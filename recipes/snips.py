"""How `pretrained/snips` was made: 1.3 MB for SNIPS, two students of labels as the teachers of a third.

    python -m recipes.snips            # prints the commands
    python -m recipes.snips | sh -e    # runs them; `snips` is the folder of the corpus

The first student has the configuration of `benchmarks.tasks`, the second one that of the published model with more
regularisation, and the third starts from the second one's weights. No BERT takes part.
"""

from __future__ import annotations

from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m pqrnn_tf.train --data snips --config recipes/students/tasks.json --output "
        "runs/snips_a",
        "python -m pqrnn_tf.train --data snips --config pretrained/snips/config.json --set "
        "dropout=0.15 --set zoneout=0.15 --set feature_dropout=0.1 --set head_dropout=0.2 "
        "--set label_smoothing=0.1 --set learning_rate=0.002 --set epochs=36 --output "
        "runs/snips_b",
        "python -m pqrnn_tf.distill --data snips --config pretrained/snips/config.json "
        "--fine_tuned runs/snips_a --fine_tuned runs/snips_b --nolatent --copies 6 --start "
        "runs/snips_b/model.keras --steps 6500 --output runs/snips",
    ),
    publish=(
        "python -m recipes.publish --recipe snips --run runs/snips --data snips --output "
        "pretrained/snips"
    ),
    other_data=("teachers: two students of its kind, of labels only",),
    selection=(
        "the weights are those after the last step; of three configurations of the student "
        "this is the one with the highest exact match"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
