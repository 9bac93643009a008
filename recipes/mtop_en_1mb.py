"""How `pretrained/mtop_en_1mb` was made: 1 MB for MTOP English, text as people write it.

    python -m recipes.mtop_en_1mb            # prints the commands
    python -m recipes.mtop_en_1mb | sh -e    # runs them

`mtop` and `topv2` are the folders of the corpora, `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and
vocab.txt. `recipes/mtop_teachers.py` has the teachers.
The student starts from the weights of one that had two other teachers, and that one from those of the first of its
size.
"""

from __future__ import annotations

from recipes.mtop_teachers import (
    COMMANDS,
    FORMS,
    FORMS_2MB,
    MORE_FORMS,
    OTHER_DATA_OF_MINILM,
    OUTSIDE_TEXT,
    SELECTION_OF_MINILM,
    TAUGHT_BY_THREE,
    taught_by_both,
    taught_by_minilm,
)
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        *COMMANDS,
        taught_by_both(
            "mtop_en_1mb.json",
            start="runs/first_1mb",
            settings=f"{FORMS}--set spec.version=2 --set learning_rate=0.0015 ",
            steps=7000,
            output="runs/forms_1mb",
        ),
        taught_by_both(
            "mtop_en_1mb.json",
            start="runs/forms_1mb",
            settings=f"{MORE_FORMS}--set spec.version=2 --set learning_rate=0.001 ",
            steps=8000,
            output="runs/more_forms_1mb",
        ),
        FORMS_2MB,
        *TAUGHT_BY_THREE,
        *taught_by_minilm("1mb", start="runs/more_forms_1mb", steps=18000),
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_1mb --run runs/mtop_en_1mb --data "
        "mtop_en --reject_at 0.4 --outside_text outside.txt --output pretrained/mtop_en_1mb"
    ),
    other_data=OTHER_DATA_OF_MINILM,
    selection=SELECTION_OF_MINILM,
)

if __name__ == "__main__":
    main(RECIPE)
