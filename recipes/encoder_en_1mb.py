"""How `pretrained/encoder_en_1mb` was made: English sentence vectors in 1 MB, from those of all-MiniLM-L6-v2.

    python -m recipes.encoder_en_1mb            # prints the commands
    python -m recipes.encoder_en_1mb | sh -e    # runs them

`corpora` is a folder with the corpora, a folder each, and `minilm` is all-MiniLM-L6-v2 with config.json,
model.safetensors and vocab.txt.
"""

from __future__ import annotations

from recipes import encoder_en_2mb
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m recipes.encoder_text --corpora corpora --output text",
        *(
            f"python -m pqrnn_tf label text/{name}.txt --teacher minilm --vectors --bfloat16 "
            f"--output runs/answers_{name}"
            for name in ("first", "some_variants", "more")
        ),
        "python -m pqrnn_tf pretrain --answers runs/answers_first --answers runs/answers_some_variants "
        "--answers runs/answers_more --config recipes/students/encoder_en_1mb.json --set epochs=5 "
        "--output runs/encoder_en_1mb",
    ),
    publish="python -m recipes.publish_encoder --recipe encoder_en_1mb --run runs/encoder_en_1mb --corpora corpora "
    "--output pretrained/encoder_en_1mb",
    other_data=encoder_en_2mb.RECIPE.other_data,
    licence=encoder_en_2mb.RECIPE.licence,
    selection="Nothing was chosen by development rows. No row of development and nothing of MASSIVE, where half of the "
    "test texts of HWU64 stand, was trained on.",
)

if __name__ == "__main__":
    main(RECIPE)
