"""Skills of OVOS: which folders are taken for them, and the rows made from them."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets.formats.found import Findings
from pqrnn_tf.datasets.formats.ovos import OVOS
from tests.written_files import write_files


def read(folder: pathlib.Path, **asked: object) -> Findings:
    found = Findings(**asked)
    OVOS.read(folder, found)
    return found


def texts(found: Findings) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    return {
        row.text: (row.intent, [(slot.name, slot.text(row.text)) for slot in row.slots or ()])
        for row in found.rows["train"]
    }


def test_phrases_entities_and_words_become_rows(tmp_path: pathlib.Path) -> None:
    found = read(
        write_files(
            tmp_path,
            {
                "volume.set.intent": "# a comment\n<Set> [the] volume to {{ Level }}\n\nvolume {level}; now\n",
                "volume.mute.intent": "(mute|silence)\n",
                "level.entity": "low\n(very|quite) high\n# of 2\n",
                "set.voc": "set\nput\n",
            },
        )
    )
    levels = ["low", "very high", "quite high", *(f"{digit} of 2" for digit in range(10))]
    assert not found.problems
    assert not found.notes
    rows = texts(found)
    possible = {
        "mute": ("volume.mute", []),
        "silence": ("volume.mute", []),
        **{f"volume {level}; now": ("volume.set", [("level", level)]) for level in levels},
        **{
            f"{verb} {the}volume to {level}": ("volume.set", [("Level", level)])
            for verb in ("set", "put")
            for the in ("the ", "")
            for level in levels
        },
    }
    assert rows.items() <= possible.items()
    assert {"mute", "silence", "volume low; now", "volume quite high; now"} <= set(rows)
    assert {row.template for row in found.rows["train"]} == {
        f"{tmp_path}/volume.mute.intent:1",
        f"{tmp_path}/volume.set.intent:2",
        f"{tmp_path}/volume.set.intent:4",
    }


def test_folders_of_languages_are_read_apart(tmp_path: pathlib.Path) -> None:
    folder = write_files(
        tmp_path,
        {
            "locale/en-us/stop.intent": "stop {thing}\n",
            "locale/en-us/thing.entity": "it\n",
            "locale/de-de/intents/stop.intent": "halt\n",
            "locale/de-de/stop.dialog": "gut\n",
            "readme.txt": "a skill",
        },
    )
    assert len(OVOS.claims(folder)) == 4
    assert OVOS.claims(folder) == OVOS.claims(folder / "locale")
    found = read(folder)
    assert sorted((row.locale, row.text) for row in found.rows["train"]) == [
        ("de-de", "halt"),
        ("en-us", "stop it"),
    ]
    assert ["files .dialog are not read" in note for note in found.notes] == [True]
    assert set(texts(read(folder, languages={"de"}))) == {"halt"}


def test_an_entity_without_a_file_takes_invented_values(tmp_path: pathlib.Path) -> None:
    found = read(write_files(tmp_path, {"play.intent": "play {query}\n"}))
    assert len(found.rows["train"]) > 3
    assert found.notes == ["unknown language: invented values fill {query}."]


def test_words_that_no_phrase_refers_to_are_said(tmp_path: pathlib.Path) -> None:
    found = read(write_files(tmp_path, {"a.intent": "hi\n", "b.voc": "bye\n", "c.entity": "d\n"}))
    assert found.notes == [
        f"{tmp_path}: no phrase of the 1 intents refers to b, c; these words are not used."
    ]


@pytest.mark.parametrize(
    ("files", "name", "line", "message"),
    [
        ({"a.intent": "hi\nhi (you\n"}, "a.intent", 2, "expected a template"),
        ({"a.intent": "hi\nhi <you>\n"}, "a.intent", 2, "there is no rule <you>"),
        ({"a.intent": "hi {b}\n", "b.entity": "c\n[d\n"}, "b.entity", 2, "expected a template"),
        ({"a.intent": "hi\n", "b.intent": "\n"}, "b.intent", 0, "the file has no phrase"),
    ],
)
def test_what_cannot_be_read_is_a_bad_row_with_its_line(
    tmp_path: pathlib.Path, files: dict[str, str], name: str, line: int, message: str
) -> None:
    (problem,) = read(write_files(tmp_path, files)).problems
    assert (problem.file, problem.line) == (str(tmp_path / name), line)
    assert problem.message.startswith(message)


def test_a_folder_without_intents_is_not_claimed(tmp_path: pathlib.Path) -> None:
    assert not OVOS.claims(
        write_files(tmp_path, {"en/x.txt": "a", "b.voc": "c", "locale/y.md": "d"})
    )


def test_a_comment_may_be_indented(tmp_path: pathlib.Path) -> None:
    files = {"a.intent": "  # say hi\nhi <b>\n", "b.voc": "\t# who\nyou\n"}
    assert set(texts(read(write_files(tmp_path, files)))) == {"hi you"}


def test_the_type_of_an_entity_was_its_name(tmp_path: pathlib.Path) -> None:
    files = {
        "timer.intent": "timer for {Duration:span} from {level:int}\n",
        "duration.entity": "an hour\n",
        "level.entity": "two\n",
        "timer.blacklist": "egg\n",
    }
    found = read(write_files(tmp_path, files))
    (row,) = found.rows["train"]
    assert [(slot.name, slot.text(row.text)) for slot in row.slots] == [
        ("Duration", "an hour"),
        ("level", "two"),
    ]
    assert found.notes == [
        f"{tmp_path}: files .blacklist are not read; they hold no phrases of an intent."
    ]
