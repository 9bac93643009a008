"""How `pretrained/mtop_en_2mb` was made: 2 MB for MTOP English, text as people write it.

    python -m recipes.mtop_en_2mb            # prints the commands
    python -m recipes.mtop_en_2mb | sh -e    # runs them

`mtop` and `topv2` are the folders of the corpora, `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and
vocab.txt. `recipes/mtop_teachers.py` has the teachers.
The student starts from the weights of the first one of its size.
"""

from __future__ import annotations

from recipes.mtop_teachers import (
    COMMANDS,
    MORE_FORMS,
    OTHER_DATA,
    OUTSIDE_TEXT,
    SELECTION,
    taught_by_both,
)
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        *COMMANDS,
        taught_by_both(
            "mtop_en_2mb.json",
            start="runs/first_2mb",
            settings=f"{MORE_FORMS}--set spec.version=2 --set learning_rate=0.0015 ",
            steps=7000,
            output="runs/mtop_en_2mb",
        ),
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_2mb --run runs/mtop_en_2mb --data "
        "mtop_en --reject_at 0.5 --outside_text outside.txt --output pretrained/mtop_en_2mb"
    ),
    other_data=OTHER_DATA,
    selection=SELECTION,
)

if __name__ == "__main__":
    main(RECIPE)
