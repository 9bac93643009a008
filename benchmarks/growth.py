"""What growing and inheriting save: training at full size against a model that grows, or that a smaller one teaches.

    python -m benchmarks.growth --data ../shared/data/mtop_en --setting short --output runs/growth
    python -m benchmarks.growth --data ../shared/data/mtop_en --setting published --output runs/growth_published
    python -m benchmarks.render

Ways: `full` trains the whole model from the beginning; `grown` lets it grow on the way; `small` is a smaller model by
itself; `from_small` grows from it, `inherited` is taught by it at the beginning. Each is scored on the development rows
after every pass; `results/growth.json` has the curve of score against steps, multiply-accumulates and seconds, and the
first point at which a way is at most `TOLERANCE` below the last score of `full`. A killed run, started again, resumes;
`--only` does a part, beside `full`, which all are compared with. `short` is small and takes about ten minutes of one
core; `published` has the student of 2 MB, which inherits from the published model of 1 MB, and takes about an hour.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.records import read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command

NAME = "growth"
WAYS = ("full", "grown", "small", "from_small", "inherited")


@dataclasses.dataclass(frozen=True)
class Setting:
    """A training that growing and inheriting are measured in.

    Attributes:
        config: File of the student's configuration; `None` for the defaults.
        changes: Values instead of the configuration's.
        parts: Parts of the training in which the student that grows is smaller, as for `pqrnn distill --growth`.
        small: Sizes of the smaller model, or the preset that is one.
        rows: Training rows, evenly spread; `None` for all.
        steps: Optimizer steps of each way.
    """

    config: str | None
    changes: Mapping[str, Any]
    parts: Sequence[Mapping[str, Any]]
    small: Mapping[str, Any] | str
    rows: int | None
    steps: int

    @property
    def ways(self) -> tuple[str, ...]:
        """Ways that can be measured: a preset is trained already, and its projection may be another one."""
        return (*WAYS[:2], WAYS[-1]) if isinstance(self.small, str) else WAYS


SETTINGS = {
    "short": Setting(
        config=None,
        changes={"bottleneck_units": 96, "units": 48, "layers": 3, "batch_size": 32},
        parts=(
            {"share": 0.33, "bottleneck_units": 48, "units": 24, "layers": 1, "max_tokens": 16},
            {"share": 0.33, "bottleneck_units": 48, "units": 24, "layers": 2},
        ),
        small={"bottleneck_units": 48, "units": 24, "layers": 3},
        rows=8000,
        steps=1500,
    ),
    "published": Setting(
        config="recipes/students/mtop_en_2mb.json",
        changes={},
        parts=(
            {"share": 0.3, "bottleneck_units": 64, "units": 52, "layers": 2},
            {"share": 0.3, "bottleneck_units": 128, "units": 52},
        ),
        small="mtop_en_1mb",
        rows=None,
        steps=6000,
    ),
}
TOLERANCE = 0.3
"""Points of flat exact match that a way may be behind and still count as equal."""
TOKENS = 8
"""Tokens of the text whose forward pass is counted."""
PASSES = 3
"""Forward passes that a training step costs: two more for the gradients."""


def curve(
    lines: Sequence[dict[str, Any]], costs: dict[str, int], batch: int
) -> list[dict[str, Any]]:
    """Scores of a training against what it had cost.

    Args:
        lines: Lines of a `log.jsonl`; with `stage` where there are stages.
        costs: Multiply-accumulates of a forward pass of a text, by stage; `""` where there are none.
        batch: Rows of a step.

    Returns:
        For each score the steps, the multiply-accumulates and the seconds until then.
    """
    points: list[dict[str, Any]] = []
    operations = seconds = 0.0
    steps = before = 0
    stage = ""
    for line in lines:
        if line.get("stage", "") != stage:
            stage, before = line["stage"], 0
        steps += line["step"] - before
        operations += PASSES * costs[stage] * batch * (line["step"] - before)
        before = line["step"]
        seconds += line["seconds"]
        if "dev" in line:
            points.append(
                {
                    "steps": steps,
                    "multiply_accumulates": operations,
                    "seconds": round(seconds, 1),
                    "score": line["dev"]["flat_exact_match"],
                }
            )
    return points


def reached(points: Sequence[dict[str, Any]], score: float) -> dict[str, Any] | None:
    """The first point of a curve with at least a score."""
    return next((point for point in points if point["score"] >= score), None)


def plus(points: Sequence[dict[str, Any]], spent: dict[str, Any]) -> list[dict[str, Any]]:
    """A curve that begins after what was spent before."""
    names = ("steps", "multiply_accumulates", "seconds")
    return [{**point, **{name: point[name] + spent[name] for name in names}} for point in points]


def teaching(
    points: Sequence[dict[str, Any]], cost: int, batch: int, last: int
) -> list[dict[str, Any]]:
    """A curve with the forward passes of a teacher in the first `last` steps."""
    return [
        {
            **point,
            "multiply_accumulates": point["multiply_accumulates"]
            + cost * batch * min(point["steps"], last),
        }
        for point in points
    ]


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of the corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "setting",
        "Student, smaller model, rows and steps; see SETTINGS.",
        choices=[*SETTINGS],
        default="short",
    )
    parser.flag("only", "A way; all if not given.", choices=[*WAYS[1:]], repeat=True)
    parser.flag("seeds", "Seeds, from 1.", type=at_least(1), default=1)
    parser.flag("output", "Folder for the trainings.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.datasets.making.domains import spread

    setting = SETTINGS[arguments.setting]
    if unknown := [way for way in arguments.only or () if way not in setting.ways]:
        raise UsageError(f"--only {unknown[0]} is not measured with --setting {arguments.setting}")
    training, development = (load_split(arguments.data, part) for part in ("train", "dev"))
    training = spread(training, setting.rows)
    curves: dict[str, dict[str, Any]] = {}
    for seed in range(1, arguments.seeds + 1):
        folder = pathlib.Path(arguments.output) / f"seed_{seed}"
        found = measure(
            setting, seed, training, development, folder, arguments.only or setting.ways
        )
        goal = found["full"][-1]["score"] - TOLERANCE
        curves[str(seed)] = {
            way: {"curve": points, "reached": reached(points, goal)}
            for way, points in found.items()
        }
    results = {name: of for name, of in (read_results(NAME) or {}).items() if name in SETTINGS}
    results[arguments.setting] = {
        "stamp": made,
        **dataclasses.asdict(setting),
        "training_rows": len(training),
        "development_rows": len(development),
        "tolerance": TOLERANCE,
        "tokens": TOKENS,
        "seeds": curves,
    }
    write_results(NAME, results, made)


def measure(
    setting: Setting,
    seed: int,
    training: Sequence[Any],
    development: Sequence[Any],
    folder: pathlib.Path,
    ways: Sequence[str],
) -> dict[str, list[dict[str, Any]]]:
    """Trains `full`, some of the other ways and what they start from; returns their curves."""
    from pqrnn_tf.distillation import distill_in_stages, inherit, with_growth
    from pqrnn_tf.distillation.defaults import INHERITANCE_SHARE
    from pqrnn_tf.distillation.recipes import labels_only
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.growth import GrowthStage, multiply_accumulates
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel
    from pqrnn_tf.tasks.label_collection import labels_for
    from pqrnn_tf.tasks.training import build_model
    from pqrnn_tf.tasks.training_data import ExampleData, augmentation

    config = dataclasses.replace(read_config(setting.config, ()), **setting.changes, seed=seed)
    labels = labels_for(config, training)
    data = {"task": ExampleData(training, augmentation(config, training))}

    def cost(own: Any) -> int:
        return multiply_accumulates(build_model(own, labels), TOKENS)

    def staged(way: str, own: Any, stages: Any, **how: Any) -> Any:
        model = distill_in_stages(
            own,
            stages,
            labels=labels,
            data=data,
            development=development,
            output=folder / way,
            evaluate_every=1,
            verbose=0,
            **how,
        )
        costs = {
            f"{number}-{stage.name}": cost(stage.configured(own))
            for number, stage in enumerate(stages, start=1)
        }
        found[way] = curve(read(folder / way), costs, own.batch_size)
        print(way, found[way][-1], flush=True)
        return model

    def read(of: pathlib.Path) -> list[dict[str, Any]]:
        lines = (of / "log.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    found: dict[str, list[dict[str, Any]]] = {}
    plain = labels_only(steps=setting.steps)
    staged("full", config, plain)
    if "grown" in ways:
        parts = [GrowthStage.from_dict(part) for part in setting.parts]
        staged("grown", config, with_growth(plain, parts))
    if not {"small", "from_small", "inherited"} & set(ways):
        return found
    if isinstance(setting.small, str):
        small = IntentSlotModel.from_preset(setting.small)
    else:
        small = staged("small", dataclasses.replace(config, **setting.small), plain)
    if "from_small" in ways:
        staged("from_small", config, plain, grow_from=small, depth="identity")
        found["from_small"] = plus(found["from_small"], found["small"][-1])
    if "inherited" not in ways:
        return found
    inherit(
        config,
        small,
        training,
        development,
        folder / "inherited",
        steps=setting.steps,
        evaluate_every=1,
        verbose=0,
    )
    points = curve(read(folder / "inherited"), {"": cost(config)}, config.batch_size)
    last = round(INHERITANCE_SHARE * setting.steps)
    found["inherited"] = teaching(
        points, multiply_accumulates(small, TOKENS), config.batch_size, last
    )
    print("inherited", found["inherited"][-1], flush=True)
    return found


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.growth", __doc__, configure, run, sys.argv[1:]))
