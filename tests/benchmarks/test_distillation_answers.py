"""One teacher's answers and several teachers' answers, as the distillation sweep reads them."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import keras

from pqrnn_tf.datasets import load_split
from pqrnn_tf.tasks.config import read_config
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.training import build_model, save_model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def command(module, *flags) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", f"benchmarks.{module}", *flags]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True)


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

    def told(module, *flags):
        result = command(module, "--data", str(snips), "--student_config", student, *flags)
        assert result.returncode == 0, result.stderr
        return result.stdout

    answer = ["distillation_answers", "--transfer", str(tmp_path / "logs.txt"), "--workers=0"]
    one, both = tmp_path / "one", tmp_path / "both"
    answered = told(*answer, "--teacher", teachers[0], "--output", str(one))
    assert json.loads(answered) == {"task/fine-tuned": 4 * 24, "transfer/fine-tuned": 2}
    answer += [f"--teacher={folder}" for folder in teachers]
    told(*answer, "--teacher_weight=1", "--teacher_weight=0.5", "--output", str(both))
    ensemble = json.loads((both / "teacher/ensemble.json").read_text(encoding="utf-8"))
    assert ensemble["weights"] == [1.0, 0.5]
    sweep = ["distillation", "--list", "--teacher", teachers[0]]
    sweep += [f"--{text}_shards={one}/{text}-fine-tuned" for text in ("task", "transfer")]
    several = [f"--teachers_together={both}/teacher", f"--answers_together={both}"]
    alone, together = told(*sweep), told(*sweep, *several)
    assert "left out: large_together, which needs --teachers_together" in alone
    assert "teachers_together_seed0" not in alone and "to do large_soft_transfer_seed1" in alone
    assert "to do teachers_together_seed0" in together and "to do large_together_seed2" in together
    assert "left out: longer_teacher, which needs --teacher_longer" in together
    longer = told(*sweep, f"--teacher_longer={teachers[0]}", f"--answers_longer={one}")
    assert "to do teacher_longer_seed0" in longer and "to do longer_teacher_seed1" in longer
    half = command(*sweep, "--data", str(snips), f"--answers_longer={one}")
    assert half.returncode != 0
    assert "`--teacher_longer` and `--answers_longer` must be given together" in half.stderr


def test_general_text_needs_the_pretrained_teacher():
    result = command("distillation_answers", "--general=text.txt")
    assert result.returncode != 0 and "--general needs --bert" in result.stderr + result.stdout
