"""One teacher's answers and several teachers' answers, as the distillation sweep reads them."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import keras

from pqrnn_tf.datasets import load_split
from pqrnn_tf.tasks.training import build_model, labels_for, read_config, save_model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_rows_of_several_teachers_need_their_answers(snips, student, tmp_path):
    config = read_config(student, [])
    labels = labels_for(config, load_split(snips, "train"))
    teachers = []
    for seed in (1, 2):
        folder = tmp_path / f"teacher_{seed}"
        folder.mkdir()
        keras.utils.set_random_seed(seed)
        save_model(build_model(config, labels), folder)
        teachers.append(str(folder))
    (tmp_path / "logs.txt").write_text("play some blues\nwake me\n", encoding="utf-8")

    def command(module, *arguments):
        line = [sys.executable, "-m", f"benchmarks.{module}", "--data", str(snips), *arguments]
        line += ["--student_config", student]
        return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    answer = ("distillation_answers", "--transfer", str(tmp_path / "logs.txt"), "--workers=0")
    one, both = str(tmp_path / "one"), str(tmp_path / "both")
    assert (
        json.loads(command(*answer, "--teacher", teachers[0], "--output", one))[
            "transfer/fine-tuned"
        ]
        == 2
    )
    two = (
        "--teacher",
        teachers[0],
        "--teacher",
        teachers[1],
        "--teacher_weight=1",
        "--teacher_weight=0.5",
    )
    command(*answer, *two, "--output", both)
    shards = (
        "--task_shards",
        f"{one}/task-fine-tuned",
        "--transfer_shards",
        f"{one}/transfer-fine-tuned",
    )
    sweep = ("distillation", "--list", "--teacher", teachers[0], *shards)
    alone, together = command(*sweep), command(*sweep, "--answers_together", both)
    assert "left out: large_together, which needs --answers_together" in alone
    assert "teachers_together" not in alone and "to do large_soft_transfer_seed1" in alone
    assert "to do teachers_together_seed0" in together and "to do large_together_seed2" in together
