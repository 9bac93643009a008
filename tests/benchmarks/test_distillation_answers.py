"""One teacher's answers and several teachers' answers, as the distillation sweep reads them."""

from __future__ import annotations

import contextlib
import io
import json

import keras
import pytest

from benchmarks import distillation
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_split
from pqrnn_tf.tasks.config import read_config
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.training import build_model, save_model
from recipes import distillation_answers


def told(module, *flags) -> tuple[int, str, str]:
    """What a command prints, and how it ends, in this process."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = run_command(
            module.__name__, module.__doc__, module.configure, module.run, [*flags]
        )
    return status, out.getvalue(), errors.getvalue()


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

    def done(module, *flags):
        status, out, errors = told(
            module, "--data", str(snips), "--student_config", student, *flags
        )
        assert status == 0, errors
        return out

    answer = [distillation_answers, "--transfer", str(tmp_path / "logs.txt"), "--workers=0"]
    one, both = tmp_path / "one", tmp_path / "both"
    answered = done(*answer, "--teacher", teachers[0], "--output", str(one))
    assert json.loads(answered) == {"task/fine-tuned": 4 * 24, "transfer/fine-tuned": 2}
    answer += [f"--teacher={folder}" for folder in teachers]
    done(*answer, "--teacher_weight=1", "--teacher_weight=0.5", "--output", str(both))
    ensemble = json.loads((both / "teacher/ensemble.json").read_text(encoding="utf-8"))
    assert ensemble["weights"] == [1.0, 0.5]
    sweep = [distillation, "--list", "--teacher", teachers[0]]
    sweep += [f"--{text}_shards={one}/{text}-fine-tuned" for text in ("task", "transfer")]
    several = [f"--teachers_together={both}/teacher", f"--answers_together={both}"]
    without, together = done(*sweep), done(*sweep, *several)
    assert "left out: large_together, which needs --teachers_together" in without
    assert "teachers_together_seed0" not in without and "to do large_soft_transfer_seed1" in without
    assert "to do teachers_together_seed0" in together and "to do large_together_seed2" in together
    assert "left out: longer_teacher, which needs --teacher_longer" in together
    longer = done(*sweep, f"--teacher_longer={teachers[0]}", f"--answers_longer={one}")
    assert "to do teacher_longer_seed0" in longer and "to do longer_teacher_seed1" in longer
    status, _, errors = told(*sweep, "--data", str(snips), f"--answers_longer={one}")
    assert status == 2
    assert "--teacher_longer and --answers_longer must be given together" in errors


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--general=text.txt"], "--general needs --bert"),
        (["--bert=folder"], "--bert has no use here: they belong to --general"),
    ],
)
def test_general_text_and_the_pretrained_teacher_belong_together(flags, message):
    needed = ["--data=d", "--teacher=t", "--output=o"]
    status, _, errors = told(distillation_answers, *needed, *flags)
    assert status == 2 and message in errors
