"""The ways of fine-tuning that are timed are ways that there are."""

from __future__ import annotations

import inspect

import pytest

from benchmarks.teacher_steps import WAYS


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_one_of_the_fine_tuning_and_of_its_command(way):
    from pqrnn_tf.commands import finetune
    from pqrnn_tf.commands.arguments import CommandParser
    from pqrnn_tf.teachers.bert.finetune import compiled_model

    options = WAYS[way]
    assert set(options) - {"bfloat16"} <= set(inspect.signature(compiled_model).parameters)
    parser = CommandParser("finetune", "")
    finetune.configure(parser)
    flags = [
        f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()
    ]
    parser.parse(["x", "--output", "o", *flags])
