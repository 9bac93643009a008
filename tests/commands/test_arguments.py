"""Flags: defaults, those that were given, and those that have no use."""

from __future__ import annotations

import pytest

from pqrnn_tf.commands.arguments import CommandParser, UsageError, at_least, share


@pytest.fixture
def parser() -> CommandParser:
    made = CommandParser("pqrnn try", "Tries.\n\nMore.")
    made.words("data", "What to try.", metavar="DATA", flag=True)
    made.flag("count", "How many.", type=at_least(1), default=3)
    made.flag("rate", "How fast, up to 100 %.", type=share, default=5e-5)
    made.flag("name", "Names.", repeat=True)
    made.switch("loud", "Say it.")
    return made


def test_what_is_not_given_has_its_default(parser):
    arguments = parser.parse([])
    assert {name: getattr(arguments, name) for name in ("data", "count", "rate", "name", "loud")} == {
        "data": [], "count": 3, "rate": 5e-5, "name": [], "loud": False
    }  # fmt: skip
    assert not any(map(arguments.is_given, ("data", "count", "rate", "name", "loud")))


def test_a_default_that_is_spelled_out_was_given(parser):
    arguments = parser.parse(["--count", "3", "--noloud"])
    assert arguments.is_given("count") and arguments.is_given("loud")
    with pytest.raises(UsageError, match="--count has no use here: it is Sunday"):
        arguments.refuse(["rate", "count"], "it is Sunday")


def test_data_stand_anywhere_and_behind_their_flag(parser):
    arguments = parser.parse(["a.csv", "--count", "2", "b.csv", "--data", "c", "--", "--d"])
    assert arguments.data == ["c", "a.csv", "b.csv", "--d"]


def test_the_call_is_what_a_shell_reads(parser):
    assert parser.parse(["my rows.csv", "--count", "2"]).call == "pqrnn try 'my rows.csv' --count 2"


def test_words_behind_dashes_may_be_something_else():
    parser = CommandParser("pqrnn try", "Tries.")
    parser.words("input", "Files.", metavar="FILE", behind="options")
    arguments = parser.parse(["a", "--", "--b=c"])
    assert (arguments.input, arguments.options) == (["a"], ["--b=c"])


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--cuont", "3"], "there is no flag --cuont"),
        (["--coun", "3"], "there is no flag --coun"),
        (["--cuont=3"], "there is no flag --cuont"),
        (["--count", "0"], "--count: must be at least 1, not 0"),
        (["--count", "many"], "--count: invalid whole number value: 'many'"),
        (["--rate", "1.5"], "--rate: must be from 0 to 1, not 1.5"),
        (["--count"], "--count: expected one argument"),
        (["--loud=yes"], "--loud: ignored explicit argument 'yes'"),
    ],
)
def test_a_wrong_flag_is_named_in_one_line(parser, argv, message):
    with pytest.raises(UsageError) as error:
        parser.parse(argv)
    assert message in str(error.value)
    assert "\n" not in str(error.value) and "pqrnn try --help" in str(error.value)


def test_words_where_there_are_none():
    with pytest.raises(UsageError, match=r"unexpected arguments: \['x'\]"):
        CommandParser("pqrnn try", "Tries.").parse(["x"])


def test_the_help_shows_every_flag_with_its_default(parser):
    text = parser.format_help()
    assert text.startswith("usage: pqrnn try [DATA ...] [flags]\n\nTries.\n\nMore.\n")
    for line in (
        "DATA  What to try.",
        "--count N    How many. Default: 3.",
        "--rate X     How fast, up to 100 %. Default: 5e-05.",
        "--name TEXT  Names. May be repeated.",
        "--loud       Say it.",
    ):
        assert line in text
    assert "noloud" not in text and "None" not in text


@pytest.mark.parametrize("command", ["train", "finetune", "distill"])
@pytest.mark.parametrize("flag", ["--data", "--similar", "--development"])
def test_data_that_are_missing_were_told_of_after_tensorflow_was_loaded(
    call, tmp_path, monkeypatch, command, flag
):
    late = "pqrnn_tf.commands.config_flags.require_tensorflow"
    monkeypatch.setattr(late, lambda: pytest.fail("too late"))
    teacher = ["--teacher", tmp_path] if command == "distill" else []
    flags = [flag, "nothing.csv", "--output", tmp_path / "out", *teacher]
    done = call(command, tmp_path, *flags)
    assert done.code == 1 and "nothing.csv is missing" in done.err


def test_an_output_without_a_name_was_the_current_folder(call):
    for command in ("train", "label", "search"):
        done = call(command, "rows.csv", "--output", "")
        assert done.code == 2 and "--output: must not be empty" in done.err


def test_an_export_of_another_ending_was_written_where_no_parser_reads_it(call, tmp_path):
    done = call("export", "--model", tmp_path, "--output", tmp_path / "model")
    assert done.code == 2 and "--output must end in .tflite" in done.err


@pytest.mark.parametrize("command", ["train", "finetune", "distill"])
@pytest.mark.parametrize("inside", ["", "/inside"])
def test_an_output_that_is_a_file_was_told_of_after_tensorflow_was_loaded(
    call, tmp_path, monkeypatch, command, inside
):
    late = "pqrnn_tf.commands.config_flags.require_tensorflow"
    monkeypatch.setattr(late, lambda: pytest.fail("too late"))
    teacher = ["--teacher", tmp_path] if command == "distill" else []
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = call(command, tmp_path, "--output", f"{tmp_path}/file{inside}", *teacher)
    assert done.code == 1 and f"`output` must be a folder. Received: '{tmp_path}/file" in done.err
