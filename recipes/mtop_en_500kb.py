"""How `pretrained/mtop_en_500kb` was made: half a megabyte for MTOP English, text as people write it.

    python -m recipes.mtop_en_500kb            # prints the commands
    python -m recipes.mtop_en_500kb | sh -e    # runs them

`mtop` and `topv2` are the folders of the corpora, `minilm` is all-MiniLM-L6-v2 with config.json, model.safetensors and
vocab.txt. The teachers are the published models of 2 and of 1 MB. A student of two layers starts from new weights and
is trained further with half of the rate. The published one has a convolution behind these layers, which a search found;
it starts from their weights, and was trained further once more.
"""

from __future__ import annotations

from recipes import mtop_en_1mb, mtop_en_2mb
from recipes.mtop_teachers import FORMS, OTHER_DATA, OUTSIDE_TEXT, TOPV2_TEXT
from recipes.recipe import Recipe, main


def _taught(*, config: str, rate: float, seed: int, start: str, steps: int, output: str) -> str:
    return (
        f"python -m pqrnn_tf.distill --data mtop:en --config recipes/students/{config}.json "
        f"{FORMS}--set spec.version=2 --set learning_rate={rate} --set seed={seed} --fine_tuned runs/mtop_en_2mb "
        f"--fine_tuned runs/mtop_en_1mb --nolatent --regularisation 1 {TOPV2_TEXT} --transfer en.txt --copies 3 "
        f"{start}--steps {steps} --output {output}"
    )


_FIRST, _TWO_LAYERS, _START = "runs/first_500kb", "runs/two_layers_500kb", "runs/start_500kb"
_STACK, _WITH_CONVOLUTION = "mtop_en_500kb_two_layers", "mtop_en_500kb_depthwise"
RECIPE = Recipe(
    commands=(
        *dict.fromkeys(
            command
            for teacher in (mtop_en_1mb.RECIPE, mtop_en_2mb.RECIPE)
            for command in teacher.commands
            if command != OUTSIDE_TEXT
        ),
        _taught(config=_STACK, rate=0.004, seed=1, start="", steps=30000, output=_FIRST),
        _taught(
            config=_STACK,
            rate=0.002,
            seed=2,
            start=f"--start {_FIRST}/model.keras ",
            steps=20000,
            output=_TWO_LAYERS,
        ),
        f"python -m recipes.convolution_start --model {_TWO_LAYERS} "
        f"--config recipes/students/{_WITH_CONVOLUTION}.json --output {_START}",
        _taught(
            config=_WITH_CONVOLUTION,
            rate=0.002,
            seed=3,
            start=f"--start {_START}/model.keras ",
            steps=20000,
            output="runs/mtop_en_500kb",
        ),
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_500kb --run runs/mtop_en_500kb --data "
        "mtop_en --reject_at 0.5 --outside_text outside.txt --output pretrained/mtop_en_500kb"
    ),
    other_data=(
        *OTHER_DATA,
        "teachers: the published models of 2 and of 1 MB, mtop_en_2mb and mtop_en_1mb, with weights of half precision",
    ),
    selection=(
        "the structure of two layers was chosen among four by short trainings, and the convolution behind them by a "
        "search, both on development rows, and the weights of errors by what costs most there; the weights are those "
        "after the last step"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
