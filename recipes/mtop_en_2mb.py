"""How `pretrained/mtop_en_2mb` was made: 2 MB for MTOP English, text as people write it.

    python -m recipes.mtop_en_2mb            # prints the commands
    python -m recipes.mtop_en_2mb | sh -e    # runs them

`mtop` and `topv2` are the folders of the corpora, `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and
vocab.txt. `recipes/mtop_teachers.py` has the teachers.
The student starts from the weights of one that had three other teachers, this one from those of one that had two, and
that one from those of the first of its size.
"""

from __future__ import annotations

from recipes.mtop_teachers import (
    COMMANDS,
    FORMS_2MB,
    OTHER_DATA_OF_MINILM,
    OUTSIDE_TEXT,
    SELECTION_OF_MINILM,
    TAUGHT_BY_THREE,
    taught_by_minilm,
)
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        *COMMANDS,
        FORMS_2MB,
        *TAUGHT_BY_THREE,
        *taught_by_minilm("2mb", start="runs/three_2mb", steps=20000),
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_2mb --run runs/mtop_en_2mb --data "
        "mtop_en --reject_at 0.4 --outside_text outside.txt --output pretrained/mtop_en_2mb"
    ),
    other_data=OTHER_DATA_OF_MINILM,
    selection=SELECTION_OF_MINILM,
)

if __name__ == "__main__":
    main(RECIPE)
