"""How `pretrained/encoder_en_2mb` was made: English sentence vectors in 2 MB, from those of all-MiniLM-L6-v2.

    python -m recipes.encoder_en_2mb            # prints the commands
    python -m recipes.encoder_en_2mb | sh -e    # runs them

`corpora` is a folder with the corpora, a folder each, and `minilm` is all-MiniLM-L6-v2 with config.json,
model.safetensors and vocab.txt.
"""

from __future__ import annotations

from recipes.recipe import Recipe, main

STUDENT = "--config recipes/students/encoder_en_2mb.json"

RECIPE = Recipe(
    commands=(
        "python -m recipes.encoder_text --corpora corpora --output text",
        "python -m pqrnn_tf label text/first.txt --teacher minilm --vectors --workers 2 "
        "--output runs/answers_first",
        "python -m pqrnn_tf label text/more.txt --teacher minilm --vectors --workers 2 "
        "--output runs/answers_more",
        f"python -m pqrnn_tf pretrain --answers runs/answers_first {STUDENT} --set epochs=5 "
        "--output runs/encoder_first",
        "python -m pqrnn_tf pretrain --answers runs/answers_first --answers runs/answers_more "
        f"--start runs/encoder_first {STUDENT} --set epochs=5 --output runs/encoder_second",
        "python -m pqrnn_tf label text/rest.txt --teacher minilm --vectors --workers 2 "
        "--output runs/answers_rest",
        "python -m pqrnn_tf pretrain --answers runs/answers_first --answers runs/answers_more "
        f"--answers runs/answers_rest --start runs/encoder_second {STUDENT} --set epochs=9 --bfloat16 "
        "--output runs/encoder_third",
        "python -m pqrnn_tf label text/variants.txt --teacher minilm --vectors --workers 2 "
        "--output runs/answers_variants",
        "python -m pqrnn_tf pretrain --answers runs/answers_first --answers runs/answers_variants "
        f"--answers runs/answers_more --start runs/encoder_third {STUDENT} --set epochs=6 "
        "--output runs/encoder_en_2mb",
    ),
    publish="python -m recipes.publish_encoder --recipe encoder_en_2mb --run runs/encoder_en_2mb --corpora corpora "
    "--output pretrained/encoder_en_2mb",
    other_data=(
        "sentence vectors of all-MiniLM-L6-v2 (Apache-2.0), the teacher",
        "texts of Common Voice English (CC0 1.0), NTREX (CC BY-SA 4.0), SGD (CC BY-SA 4.0) and TOPv2 (CC BY-SA 4.0)",
        "training texts, without labels, of Banking77, HWU64 (CC BY 4.0), CLINC150 (CC BY 3.0), SNIPS (CC0 1.0) and "
        "MTOP (CC BY-SA 4.0)",
    ),
    licence="Model trained on the vectors of all-MiniLM-L6-v2 (Apache-2.0) for texts of Common Voice (CC0 1.0), SGD, "
    "MTOP, TOPv2 and NTREX (CC BY-SA 4.0), Banking77 and HWU64 (CC BY 4.0), CLINC150 (CC BY 3.0) and SNIPS (CC0 1.0); "
    "code Apache-2.0.",
    selection="Development rows chose nothing but the number of passes that there was time for. No row of development "
    "and nothing of MASSIVE, where half of the test texts of HWU64 stand, was trained on. 153 of the 208,553 texts "
    "that were put together from parts of others came out equal to a development text, such as 'shopping list', "
    "and were trained on without a label; the command leaves such texts out since.",
)

if __name__ == "__main__":
    main(RECIPE)
