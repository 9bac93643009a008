"""How `pretrained/clinc150` was made: 150 intents, and a rejection of requests that belong to none of them.

python -m recipes.clinc150            # prints the commands
python -m recipes.clinc150 | sh -e    # runs them; `clinc150` is the folder of the corpus
"""

from __future__ import annotations

from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m pqrnn_tf.train --data clinc150 --set bottleneck_units=160 --set units=80 --set layers=2 --set "
        "kernel_width=2 --set learning_rate=0.003 --set epochs=10 --output runs/clinc150",
    ),
    publish=(
        "python -m recipes.publish --recipe clinc150 --run runs/clinc150 --data clinc150 "
        "--output pretrained/clinc150"
    ),
    selection=(
        "the weights are those after the last step; the weight of the encoder beside the bag head is the one with "
        "which development rows are likeliest, and the threshold of the rejection is chosen on them"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
