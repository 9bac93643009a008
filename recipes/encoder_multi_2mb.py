"""How `pretrained/encoder_multi_2mb` was made: sentence vectors of ten languages, from those of multilingual-e5-small.

    python -m recipes.encoder_multi_2mb            # prints the commands
    python -m recipes.encoder_multi_2mb | sh -e    # runs them

`corpora` is a folder with the corpora, a folder each, and `e5` is multilingual-e5-small with config.json,
model.safetensors and its SentencePiece vocabulary.
"""

from __future__ import annotations

from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m recipes.encoder_text --corpora corpora --output text --languages many",
        "python -m pqrnn_tf label text/many.txt --teacher e5 --vectors --workers 2 --output runs/answers_many",
        "python -m pqrnn_tf pretrain --answers runs/answers_many --config recipes/students/encoder_multi_2mb.json "
        "--set epochs=9 --output runs/encoder_multi_2mb",
    ),
    publish="python -m recipes.publish_encoder --recipe encoder_multi_2mb --run runs/encoder_multi_2mb "
    "--corpora corpora --languages en,de,es,fr,it,ja,pt,zh --trained_in en,de,es,fr,hi,ja,pt,th,tr,zh "
    "--output pretrained/encoder_multi_2mb",
    other_data=(
        "sentence vectors of multilingual-e5-small (MIT), the teacher, from its weights of 4 bits",
        "texts of Common Voice in English, German, Spanish, French, Hindi, Japanese, Portuguese, Thai, Turkish and "
        "Chinese (CC0 1.0), of SGD in English and of NTREX (CC BY-SA 4.0)",
        "training texts, without labels, of Banking77, HWU64 (CC BY 4.0), CLINC150 (CC BY 3.0), SNIPS (CC0 1.0), MTOP "
        "and MTOD (CC BY-SA 4.0)",
    ),
    licence="Model trained on the vectors of multilingual-e5-small (MIT) for texts of Common Voice (CC0 1.0), MTOP, "
    "MTOD, SGD and NTREX (CC BY-SA 4.0), Banking77 and HWU64 (CC BY 4.0), CLINC150 (CC BY 3.0) and SNIPS (CC0 1.0); "
    "code Apache-2.0.",
    selection="Sizes, learning rate, rows a step, weight of the similarity and share of other forms were chosen by "
    "short English trainings, scored on development rows of STS-B and of the corpora of intents; there was time for "
    "nine passes. No development text, no sentence of STS-B and nothing of MASSIVE was trained on.",
)

if __name__ == "__main__":
    main(RECIPE)
