"""How `pretrained/mtop_en_500kb` was made: half a megabyte for MTOP English, text as people write it.

    python -m recipes.mtop_en_500kb            # prints the commands
    python -m recipes.mtop_en_500kb | sh -e    # runs them

`mtop` and `topv2` are the folders of the corpora, `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and
vocab.txt. `recipes/mtop_teachers.py` has the teachers.
The student starts from new weights.
"""

from __future__ import annotations

from recipes.mtop_teachers import (
    COMMANDS,
    FORMS,
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
            "mtop_en_500kb.json",
            start="",
            settings=f"{FORMS}--set spec.version=2 --set learning_rate=0.004 ",
            steps=30000,
            output="runs/mtop_en_500kb",
        ),
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_500kb --run runs/mtop_en_500kb --data "
        "mtop_en --reject_at 0.5 --outside_text outside.txt --output pretrained/mtop_en_500kb"
    ),
    other_data=OTHER_DATA,
    selection=SELECTION,
)

if __name__ == "__main__":
    main(RECIPE)
