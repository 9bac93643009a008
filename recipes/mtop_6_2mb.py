"""How `pretrained/mtop_6_2mb` was made: 2 MB for MTOP's six languages, text as people write it.

    python -m recipes.mtop_6_2mb            # prints the commands
    python -m recipes.mtop_6_2mb | sh -e    # runs them; `mtop_en`, `mtop_flat`, `mtop_parallel` and `topv2` are the
                                            # folders of the corpora

`recipes/six_languages.py` trains two teachers, a student of labels and a BiLSTM. Together they taught the first student
of this size, on clean text. It taught a second one, on text that is written again in each pass, and gave it its
weights. Multilingual E5 is fine-tuned on the same rows. It and the first student together taught a third one, which
starts from the weights of the second one. Then E5 had two passes more, and both taught the published model, from the
weights of the third one, for longer, with text of MTOD and with code-switched rows. `e5` is multilingual-e5-small with
config.json, model.safetensors and sentencepiece.bpe.model; `mtod` is a folder of a corpus.
"""

from __future__ import annotations

from recipes.mtop_teachers import MORE_FORMS, TOPV2_TEXT
from recipes.recipe import Recipe, main

RECIPE = Recipe(
    commands=(
        "python -m recipes.six_languages --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        "6000 --config recipes/students/six_languages.json --only pqrnn --only bilstm "
        "--output runs/six",
        "python -m pqrnn_tf.distill --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        "6000 --config recipes/students/mtop_6_2mb.json --module recipes.baselines.bilstm "
        "--fine_tuned runs/six/pqrnn --fine_tuned runs/six/bilstm --nolatent "
        "--regularisation 0.6 --copies 1 "
        f"{TOPV2_TEXT}"
        " --transfer_limit 20000 --start runs/six/pqrnn/model.keras --steps 7500 --output "
        "runs/first_6",
        "python -m pqrnn_tf.distill --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        f"6000 --config recipes/students/mtop_6_2mb.json {MORE_FORMS}--set spec.version=2 --set "
        "learning_rate=0.0015 --fine_tuned runs/first_6 --nolatent --regularisation 1 "
        f"{TOPV2_TEXT}"
        " --transfer_limit 20000 --copies 2 --start runs/first_6/model.keras --steps 8000 "
        "--output runs/forms_6",
        "python -m pqrnn_tf.finetune --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        "1500 --config recipes/students/six_languages.json --teacher e5 --layers 6 --prune "
        "--prune_text topv2 --embeddings rows --bfloat16 --head_factor 4 --learning_rate 4e-4 "
        "--epochs 3 --batch_size 16 --output runs/e5",
        "python -m pqrnn_tf.distill --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        f"3000 --config recipes/students/mtop_6_2mb.json {MORE_FORMS}--set spec.version=2 --set "
        "learning_rate=0.0015 --fine_tuned runs/e5/teacher --fine_tuned runs/first_6 "
        "--nolatent --regularisation 0.8 "
        f"{TOPV2_TEXT}"
        " --transfer_limit 20000 --copies 1 --start runs/forms_6/model.keras --steps 10000 "
        "--output runs/taught_6",
        "python -m pqrnn_tf.finetune --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        "1500 --config recipes/students/six_languages.json --set seed=2 --teacher runs/e5/teacher "
        "--embeddings rows --bfloat16 --head_factor 2 --learning_rate 3.5e-4 --epochs 2 "
        "--batch_size 16 --output runs/e5_more",
        "python -m recipes.mtod_text --data mtod/th_train.tsv --output th.txt",
        "python -m pqrnn_tf.distill --data mtop_en --data mtop_flat:de,es,fr,hi,th "
        "--development mtop_parallel:all --templates recipes/mtop_templates --template_rows "
        f"3000 --config recipes/students/mtop_6_2mb.json {MORE_FORMS}--set spec.version=2 --set "
        "learning_rate=0.0015 --set code_switching=0.06 --set seed=3 --fine_tuned "
        "runs/e5_more/teacher --fine_tuned runs/first_6 --nolatent --regularisation 0.7 "
        "$(for d in alarm event messaging music reminder timer weather; do echo --transfer "
        "topv2/${d}_eval.tsv; done) --transfer mtod/es_train.tsv --transfer th.txt --copies 1 "
        "--start runs/taught_6/model.keras --steps 18000 --output runs/mtop_6_2mb",
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_6_2mb --run runs/mtop_6_2mb --data "
        "mtop_parallel --data mtop_parallel:de --data mtop_parallel:es --data "
        "mtop_parallel:fr --data mtop_parallel:hi --data mtop_parallel:th --output "
        "pretrained/mtop_6_2mb"
    ),
    other_data=(
        "templates in de, es, fr, hi and th for the intents that the flat rows lack, written "
        "for this project (recipes/mtop_templates), Apache-2.0",
        "transfer text without labels, CC BY-SA 4.0: TOPv2 (Chen et al. 2020), utterances of seven "
        "domains, and MTOD (Schuster et al. 2019), Spanish and Thai",
        "teachers: multilingual-e5-small (MIT), its six lowest layers, fine-tuned on the same rows, "
        "and a student of its kind on clean text, taught by a BiLSTM and a student of labels only "
        "(recipes.six_languages). The student's weights were taken back from its file of 8 bits "
        "(recipes/recovered_weights.py)",
    ),
    selection=(
        "the encoder's sizes and learning rate were chosen by short runs on an earlier form "
        "of the training rows, scored on development rows, and so were layers and learning rate of "
        "the E5, which has the weights of its best round by them; the student's weights are those "
        "after the last step"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
