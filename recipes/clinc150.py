"""How `pretrained/clinc150` was made: 150 intents and a rejection of what belongs to none, with the choices of `train`.

python -m recipes.clinc150            # prints the commands
python -m recipes.clinc150 | sh -e    # runs them; `clinc150` is the folder of the corpus
"""

from __future__ import annotations

from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=("python -m pqrnn_tf.train --data clinc150 --output runs/clinc150",),
    publish=(
        "python -m recipes.publish --recipe clinc150 --run runs/clinc150 --data clinc150 --output "
        "pretrained/clinc150"
    ),
    selection=(
        "the weights are those after the last step; the encoder's weight beside the bag head is the one with which "
        "the development rows are likeliest"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
