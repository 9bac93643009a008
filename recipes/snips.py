"""How `pretrained/snips` was made: 2 MB for SNIPS, taught by a MiniLM and a student, text as people write it.

    python -m recipes.snips            # prints the commands
    python -m recipes.snips | sh -e    # runs them; `snips` is the folder of the corpus

The first student has the configuration of `benchmarks.tasks`, the second one that of the published model with more
regularisation, and the third, which both teach, starts from the second one's weights. It teaches the next ones, on text
that is written again in each pass, and gives them its weights. A MiniLM is fine-tuned on the same rows. It and the
third student together teach the next ones, which start from the weights of the one before: first on copies of the rows,
then also on other text without labels. The last of these is grown to the size of the published model, which the same
two teach again. `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and vocab.txt.
"""

from __future__ import annotations

from recipes.mtop_teachers import FORMS, MORE_FORMS, OUTSIDE_TEXT
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m pqrnn_tf.train --data snips --config recipes/students/tasks.json --output "
        "runs/snips_a",
        "python -m pqrnn_tf.train --data snips --config recipes/students/snips.json --set "
        "dropout=0.15 --set zoneout=0.15 --set feature_dropout=0.1 --set head_dropout=0.2 "
        "--set label_smoothing=0.1 --set learning_rate=0.002 --set epochs=36 --output "
        "runs/snips_b",
        "python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json "
        "--fine_tuned runs/snips_a --fine_tuned runs/snips_b --nolatent --copies 6 --start "
        "runs/snips_b/model.keras --steps 6500 --output runs/first_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {FORMS}"
        "--set spec.version=2 --set learning_rate=0.0012 --fine_tuned runs/first_snips --nolatent "
        "--regularisation 1 --copies 6 --start runs/first_snips/model.keras --steps 4500 "
        "--answers runs/answers_snips --output runs/forms_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {FORMS}"
        "--set distortion=0.08 --set spec.version=2 --set learning_rate=0.001 --fine_tuned "
        "runs/first_snips --nolatent --regularisation 0.3 --copies 6 --start "
        "runs/forms_snips/model.keras --steps 8000 --answers runs/answers_snips --output "
        "runs/taught_snips",
        "python -m pqrnn_tf.finetune --data snips --config recipes/students/snips.json --set "
        "nested_weight=0 --set distortion=0.04 --teacher minilm --bfloat16 --head_factor 4 "
        "--learning_rate 5e-4 --epochs 8 --batch_size 32 --output runs/snips_minilm",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {MORE_FORMS}"
        "--set spec.version=2 --set learning_rate=0.0015 --fine_tuned runs/snips_minilm/teacher "
        "--fine_tuned runs/first_snips --nolatent --regularisation 0.5 --copies 5 --start "
        "runs/taught_snips/model.keras --steps 9000 --output runs/minilm_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips.json {MORE_FORMS}"
        "--set spec.version=2 --set learning_rate=0.0015 --fine_tuned runs/snips_minilm/teacher "
        "--fine_tuned runs/first_snips --nolatent --regularisation 0.5 --copies 3 --transfer "
        "topv2/music_train.tsv --transfer topv2/weather_train.tsv --transfer sgd/user.txt "
        "--transfer_limit 40000 --start runs/minilm_snips/model.keras --steps 9000 "
        "--output runs/before_snips",
        f"python -m pqrnn_tf.distill --data snips --config recipes/students/snips_2mb.json {MORE_FORMS}"
        "--set learning_rate=0.002 --fine_tuned runs/snips_minilm/teacher --fine_tuned runs/first_snips --nolatent "
        "--regularisation 0.5 --copies 5 --transfer topv2/music_train.tsv --transfer topv2/weather_train.tsv "
        "--transfer sgd/user.txt --transfer_limit 30000 --grow_from runs/before_snips/model.keras --steps 20000 "
        "--output runs/snips",
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe snips --run runs/snips --data snips --reject_at 0.3 "
        "--outside_text outside.txt --output pretrained/snips"
    ),
    other_data=(
        "teachers: all-MiniLM-L6-v2 (Apache-2.0), fine-tuned on the same rows, and a student of its "
        "kind on clean text, taught by two students of labels only. Its weights were taken back "
        "from its file of 8 bits (recipes/recovered_weights.py)",
        "transfer text without labels: 40,000 and then 30,000 utterances of TOPv2's music and weather (Chen et al. "
        "2020) and of users in SGD (Rastogi et al. 2020), both CC BY-SA 4.0",
    ),
    licence=(
        "Model trained on SNIPS, whose texts and labels are CC0 1.0, and on texts of TOPv2 and SGD, CC BY-SA 4.0; code "
        "Apache-2.0."
    ),
    selection=(
        "the weights are those after the last step; of three configurations of the first student "
        "this is the one with the highest exact match; of three ways of writing text again these have the highest one; "
        "the size was raised since 1.3 MB gained nothing more, and of four rates of rejection this one costs nothing"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
