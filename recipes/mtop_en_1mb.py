"""How `pretrained/mtop_en_1mb` was made: 1 MB for MTOP English, taught by a MiniLM and by a student of labels.

    python -m recipes.mtop_en_1mb            # prints the commands
    python -m recipes.mtop_en_1mb | sh -e    # runs them; `mtop` and `topv2` are the folders of the corpora, `minilm` is
                                             # all-MiniLM-L6-v2 with config.json, model.safetensors and vocab.txt

`recipes/mtop_teachers.py` has the teachers. The student starts from the weights of the one that also teaches.
"""

from __future__ import annotations

from recipes.mtop_teachers import COMMANDS, OTHER_DATA, SELECTION, TOPV2_TEXT
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        *COMMANDS,
        "python -m pqrnn_tf.distill --data mtop:en --config pretrained/mtop_en_1mb/config.json "
        "--set learning_rate=0.002 --fine_tuned runs/minilm/teacher --fine_tuned runs/labels "
        "--teacher_weight 1 --teacher_weight 0.7 --nolatent --regularisation 1 "
        f"{TOPV2_TEXT}"
        " --transfer en.txt --copies 3 --start runs/labels/model.keras --steps 15000 "
        "--output runs/mtop_en_1mb",
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_1mb --run runs/mtop_en_1mb --data "
        "mtop_en --output pretrained/mtop_en_1mb"
    ),
    other_data=(
        "TOPv2 (Chen et al. 2020), CC BY-SA 4.0: for one teacher 87,611 rows with labels, of "
        "those that MTOP has too; for the student utterances of seven domains without "
        "labels. No row with the text of a development row, and the copy had none with that "
        "of a test row",
        *OTHER_DATA,
    ),
    selection=SELECTION,
)

if __name__ == "__main__":
    main(RECIPE)
