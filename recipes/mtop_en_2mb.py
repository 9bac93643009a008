"""How `pretrained/mtop_en_2mb` was made: 2 MB for MTOP English, taught by a MiniLM and by a student of labels.

    python -m recipes.mtop_en_2mb            # prints the commands
    python -m recipes.mtop_en_2mb | sh -e    # runs them; `mtop`, `topv2` and `minilm` as in `recipes/mtop_en_1mb.py`

`recipes/mtop_teachers.py` has the teachers. The student starts from weights that the labels of MTOP and TOPv2 gave.
"""

from __future__ import annotations

from recipes.mtop_teachers import COMMANDS, OTHER_DATA, SELECTION, TOPV2_TEXT
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        *COMMANDS,
        "python -m pqrnn_tf.train --data mtop:en --similar topv2 --repeat 3 --config "
        "pretrained/mtop_en_2mb/config.json --set nested_weight=0 --set learning_rate=0.003 "
        "--set dropout=0.1 --set zoneout=0.1 --set label_smoothing=0.1 --set distortion=0.06 "
        "--set epochs=4 --output runs/labels_both",
        "python -m pqrnn_tf.distill --data mtop:en --config pretrained/mtop_en_2mb/config.json "
        "--set learning_rate=0.002 --fine_tuned runs/minilm/teacher --fine_tuned runs/labels "
        "--teacher_weight 1 --teacher_weight 0.7 --nolatent --regularisation 1 "
        f"{TOPV2_TEXT}"
        " --transfer en.txt --copies 3 --start runs/labels_both/model.keras --steps 12000 "
        "--output runs/mtop_en_2mb",
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_2mb --run runs/mtop_en_2mb --data "
        "mtop_en --output pretrained/mtop_en_2mb"
    ),
    other_data=(
        "TOPv2 (Chen et al. 2020), CC BY-SA 4.0: for one teacher and the start of the "
        "student 87,611 rows with labels, of those that MTOP has too; for the student "
        "utterances of seven domains without labels. No row with the text of a development "
        "row, and the copy had none with that of a test row",
        *OTHER_DATA,
    ),
    selection=SELECTION,
)

if __name__ == "__main__":
    main(RECIPE)
