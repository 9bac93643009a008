"""Files and folders are recognised by what they hold, and read through one door."""

from __future__ import annotations

import json
import pathlib
import random

import pytest

from pqrnn_tf.datasets import (
    DataError,
    Example,
    SlotSpan,
    hold_out,
    load_mixture,
    read_rows,
    read_transfer_text,
    training_and_development,
    write_rows,
)
from pqrnn_tf.datasets.formats.found import HEAD_BYTES, sample_of
from pqrnn_tf.datasets.formats.split_files import language_of_name, split_of_file, split_of_folder
from pqrnn_tf.datasets.recognition import FOLDERS, FORMATS, format_of

TREE = json.dumps({"question": "stop now", "logical_form": "[IN:STOP ]"}) + "\n"


def write(path: pathlib.Path, content: str | bytes) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def texts(rows, split: str) -> list[str]:
    return [row.text for row in rows.splits.get(split, [])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("._dev.json", b"\0\5\26\7\0\2\0\0Mac OS X"),
        ("._train.jsonl", b"\0\5\26\7\0\2\0\0Mac OS X"),
        ("notes.json", '{"a": "gr\u00fc\u00df dich"}'.encode("latin-1")),
        ("meta.json", '{"train": 2235, "test": "x"}'),
        ("other.json", '{"train": ["a", "b"]}'),
        ("test.csv", "name,age\nAnn,7\n"),
        ("dev.json", "[1, 2"),
        ("deep.json", "[" * 100_000),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0"),
        ("empty.csv", ""),
        ("broken.yml", "nlu: [\n"),
    ],
)
def test_a_stranger_beside_a_corpus_is_ignored_and_named(
    tmp_path: pathlib.Path, name: str, content: str | bytes
) -> None:
    write(tmp_path / "train.jsonl", TREE)
    write(tmp_path / name, content)
    (tmp_path / "x.json").mkdir()
    rows = read_rows(tmp_path)
    assert texts(rows, "train") == ["stop now"]
    assert [corpus.name for corpus in rows.sources[0].corpora] == ["MTOP"]
    assert name in rows.notes[0]


def test_no_file_is_read_whole_to_be_recognised(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", "text,intent\n" + "hi,greet\n" * 200_000)
    sample = sample_of(path)
    assert (len(sample.head), sample.whole) == (HEAD_BYTES, False)
    assert format_of(sample).name == "CSV or TSV"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,intent\nhi,greet\n"),
        ("a.jsonl", '{"text": "hi", "intent": "greet"}\n'),
        ("nlu.yml", "nlu:\n- intent: greet\n  examples: |\n    - hi\n"),
        ("nlu.md", "## intent:greet\n- hi\n"),
        ("a.yaml", "type: intent\nname: greet\nutterances:\n- hi\n"),
        ("a.conll", "# intent: greet\nhi O\n\n"),
        ("train.txt", "hi:O <=> greet\n"),
    ],
)
def test_line_ends_and_mark_of_windows_change_nothing(
    tmp_path: pathlib.Path, name: str, content: str
) -> None:
    plain = read_rows(write(tmp_path / "plain" / name, content)).all
    windows = content.replace("\n", "\r\n").encode("utf-8-sig")
    other = read_rows(write(tmp_path / "windows" / name, windows)).all
    assert [(row.text, row.intent) for row in plain] == [("hi", "greet")]
    assert [(row.text, row.intent, row.slots) for row in other] == [("hi", "greet", ())]
    line = plain[0].source.rpartition(":")[2]
    assert other[0].source.rpartition(":")[2] == line


def test_a_recogniser_says_no_and_never_raises(tmp_path: pathlib.Path) -> None:
    rng = random.Random(3)
    parts = [
        '{"',
        '"text"',
        ":",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "\t",
        ",",
        ";",
        "nlu:",
        "- ",
        "O",
        "B-x",
    ]
    parts += ["## intent:a", "type: intent", " <=> ", '"train"', "é", "\0", "\ud800", "# intent: a"]
    for number in range(400):
        content = "".join(rng.choices(parts, k=rng.randrange(12)))
        path = write(tmp_path / f"{number}.json", content.encode("utf-8", "surrogatepass"))
        sample = sample_of(path)
        for known in FORMATS:
            assert known.recognises(sample) in (True, False)
    for folder in FOLDERS:
        assert not folder.claims(tmp_path)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.csv", "train"),
        ("training.tsv", "train"),
        ("en_dev.tsv", "dev"),
        ("alarm_eval.tsv", "dev"),
        ("val.jsonl", "dev"),
        ("validation-0001.json", "dev"),
        ("test.csv", "test"),
        ("phrases.csv", ""),
        ("contest.csv", ""),
        ("my_test_bot.yml", ""),
        ("my_test_it_bot.yml", ""),
        ("atis_test_EN.tsv", "test"),
        ("atis.test.en.tsv", "test"),
        ("multiatis_dev_pt_BR.tsv", "dev"),
        ("2_test_EN.tsv", "test"),
        ("atis2_test_EN_v1.tsv", ""),
    ],
)
def test_the_name_of_a_file_says_the_split(name: str, split: str) -> None:
    assert split_of_file(pathlib.Path(name)) == split


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("valid", "dev"),
        ("train_5", "train"),
        ("oos_valid", "dev"),
        ("test_bot", ""),
        ("data", ""),
        ("test_EN", "test"),
        ("de-dev", "dev"),
        ("atis_test_EN", ""),
    ],
)
def test_a_folder_is_a_split_only_if_its_name_is_no_more(name: str, split: str) -> None:
    assert split_of_folder(pathlib.Path(name)) == split


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("de", "de"),
        ("de-DE.jsonl", "de"),
        ("fr_train.tsv", "fr"),
        ("mtop_es", "es"),
        ("train_ZH.tsv", "zh"),
        ("EN", "en"),
        ("DE.tsv", "de"),
        ("IT", ""),
        ("atis.en.train.tsv", "en"),
        ("atis.TR.test.tsv", "tr"),
        ("multiatis_train_HI.tsv", "hi"),
        ("train EN.tsv", "en"),
        ("train_pt_BR.tsv", "pt"),
        ("train_zh_TW.tsv", "zh"),
        ("fr-CA_train.tsv", "fr"),
        ("es_AR.dev.tsv", "es"),
        ("make_it_train.csv", "it"),
        ("tell_me_it_train.csv", ""),
        ("we_have_a_test_IT.csv", "it"),
        ("IT_tickets.csv", ""),
        ("make_it_so.csv", ""),
        ("my_train.csv", ""),
        ("phrases", ""),
    ],
)
def test_the_name_of_a_file_may_say_the_language(name: str, language: str) -> None:
    assert language_of_name(pathlib.Path(name)) == language


def test_a_dev_file_beside_a_train_file_is_used(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "train.csv", "text,label\nlights on,on\nlights off,off\n")
    write(tmp_path / "dev.csv", "text,label\nturn on,on\n")
    rows = read_rows(tmp_path)
    assert (texts(rows, "train"), texts(rows, "dev")) == (["lights on", "lights off"], ["turn on"])
    training, development, note = training_and_development(rows)
    assert (len(training), len(development)) == (2, 1)
    assert note == "1 development rows of the data's own"


def test_files_and_folders_of_several_formats_are_mixed(tmp_path: pathlib.Path) -> None:
    one = write(tmp_path / "one.csv", "text,intent\nhi,greet\n")
    write(tmp_path / "two" / "train" / "seq.in", "bye\n")
    write(tmp_path / "two" / "train" / "label", "leave\n")
    rows = read_rows([one, tmp_path / "two"])
    assert texts(rows, "train") == ["hi", "bye"]
    assert [str(source) for source in rows.sources] == [
        f"{one}: CSV or TSV: train 1",
        f"{tmp_path / 'two'}: seq.in and label: train 1",
    ]


def test_the_bad_rows_of_all_files_are_in_one_report(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a.csv", "text,intent\nhi,\n" + "yo,greet\n")
    write(tmp_path / "b.jsonl", '{"text": "a", "intent": "x"}\n{"text": ""}\n' + "{\n" * 30)
    with pytest.raises(DataError) as error:
        read_rows(tmp_path)
    message = str(error.value)
    assert message.startswith("32 rows cannot be read:")
    assert "a.csv:2: the row has no intent: 'hi'" in message
    assert "b.jsonl:3: the line must be a JSON object" in message
    assert "and 12 more" in message
    assert "--skip_bad_rows" in message
    rows = read_rows(tmp_path, skip_bad_rows=True)
    assert (len(rows.all), len(rows.problems)) == (2, 32)


def test_a_file_whose_rows_are_all_in_another_is_not_read_twice(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "train.csv", "text,intent\nhi,greet\nyo,greet\nbye,leave\n")
    write(tmp_path / "train_1.csv", "text,intent\nhi,greet\nbye,leave\n")
    rows = read_rows(tmp_path)
    assert len(rows.all) == 3
    assert "train_1.csv: its 2 rows are all in" in rows.notes[0]


def test_a_slot_that_cuts_a_word_is_counted_and_named(tmp_path: pathlib.Path) -> None:
    row = Example("stell den Küchenwecker", "set", (SlotSpan("timer", ((10, 15),)),))
    path = tmp_path / "rows.jsonl"
    write_rows(path, [row, Example("stell ihn", "set", (SlotSpan("timer", ((6, 9),)),))])
    rows = read_rows(path)
    assert len(rows.all) == 2
    (note,) = rows.notes
    assert note.startswith("train: 1 rows have a slot that no model can find; the first:")
    for part in ("rows.jsonl:1", "'timer'", "'Küche'", "stell den Küchenwecker"):
        assert part in note


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "name,age\nAnn,7\n", "has no format that is known.*needs a header"),
        ("a.txt", "just\ntexts\n", "has no format that is known"),
        ("a.jsonl", '{"text": "hi"}\n', "holds texts without intents"),
        ("a.csv", b"\xff\xfet\0e\0x\0t\0", "is UTF-16; save it as UTF-8"),
        ("a.csv", "text,intent\n", "no rows in"),
        (
            "a.xlsx",
            b"PK\x03\x04\x14\0\x06\0",
            "is an Excel file or another archive; save its table as CSV",
        ),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "is a file of an old Excel or Word; save its table as CSV",
        ),
        ("a.csv.gz", b"\x1f\x8b\x08\0", "is compressed; unpack it"),
    ],
)
def test_a_file_without_rows_is_refused(
    tmp_path: pathlib.Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_rows(write(tmp_path / name, content))


def test_no_data_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match="`data` names no file"):
        read_rows([])
    with pytest.raises(DataError, match="gone is missing"):
        read_rows(tmp_path / "gone")
    with pytest.raises(DataError, match="must hold rows of a known format.*holds: nothing"):
        read_rows(tmp_path)


def test_languages_are_those_of_rows_folders_and_arguments(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "de" / "a.csv", "text,intent\nhallo,greet\n")
    write(tmp_path / "fr" / "a.csv", "text,intent\nsalut,greet\n")
    assert list(read_rows(tmp_path).by_language("train")) == ["de", "fr"]
    assert texts(read_rows(tmp_path, languages="fr,de"), "train") == ["salut", "hallo"]
    assert texts(read_rows(f"{tmp_path}:de"), "train") == ["hallo"]
    with pytest.raises(DataError, match="has the languages de, fr. Received: language='th'"):
        read_rows(tmp_path, languages="th")


def test_rows_of_an_unknown_language_are_of_all(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", "text,intent\nhallo,greet\n")
    assert len(read_rows(path, languages="de").all) == 1


def test_only_a_test_file_is_not_trained_on(tmp_path: pathlib.Path) -> None:
    rows = read_rows(write(tmp_path / "test.csv", "text,intent\nhi,greet\n"))
    with pytest.raises(DataError, match=r"no training rows .*found: test 1.*rename the file"):
        training_and_development(rows)


def test_own_rows_without_development_rows_have_some_held_out(tmp_path: pathlib.Path) -> None:
    lines = [f"phrase {number} {name},{name}" for name in ("a", "b") for number in range(20)]
    path = write(tmp_path / "a.csv", "\n".join(["text,intent", *lines, "once,c"]) + "\n")
    mixture = load_mixture(path)
    assert (len(mixture.training), len(mixture.development)) == (37, 4)
    assert "4 of 41 training rows were held out" in mixture.notes[0]
    assert "1 intents have too few" in mixture.notes[0]


def test_very_few_rows_still_have_development_rows(tmp_path: pathlib.Path) -> None:
    content = "text,intent\nhi,greet\nyo,greet\nhello,greet\nbye,leave\n"
    rows = read_rows(write(tmp_path / "a.csv", content))
    training, development, _ = training_and_development(rows)
    assert (len(training), len(development)) == (3, 1)
    assert {row.intent for row in training} == {"greet", "leave"}


def test_rows_of_one_template_are_held_out_together() -> None:
    rows = [
        Example(f"{name} {number}", "a", (), template=name)
        for name in ("one", "two", "three", "four", "five")
        for number in range(4)
    ]
    training, development = hold_out(rows, share=0.25)
    assert len(development) == 4
    assert len({row.template for row in development}) == 1
    assert not {row.template for row in training} & {row.template for row in development}


def test_templates_that_share_a_text_are_held_out_together() -> None:
    rows = [
        Example(text, "a", (), template=name)
        for text, name in (("x", "t1"), ("y", "t1"), ("y!", "t2"), ("z", "t2"))
    ]
    rows += [Example(f"w {number}", "a", ()) for number in range(8)]
    for seed in range(10):
        training, development = hold_out(rows, share=0.4, seed=seed)
        sides = {row.template: False for row in training if row.template}
        assert not sides.keys() & {row.template for row in development if row.template}
        assert len(development) in (4, 5)


def test_the_one_template_of_an_intent_stays_in_training() -> None:
    rows = [Example(f"x {number}", "a", (), template="t") for number in range(10)]
    assert hold_out(rows) == (rows, [])


def test_named_development_rows_need_no_name_of_a_split(tmp_path: pathlib.Path) -> None:
    data = write(tmp_path / "a.csv", "text,intent\nhi,greet\nbye,leave\n")
    named = write(tmp_path / "held.csv", "text,intent\nHi!,greet\n")
    mixture = load_mixture([data], development=[named])
    assert [row.text for row in mixture.training] == ["bye"]
    assert [row.text for row in mixture.development] == ["Hi!"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.conll", "wake\tO\nme\tO\n\nstop\tO\nit\tO\n"),
        ("a.txt", "wake O\nme O\n\nstop O\nit O\n"),
        ("nlu.yml", "nlu:\n- intent: a\n  examples: |\n    - wake me\n    - stop [it](x)\n"),
        ("a.csv", "intent,text\na,wake me\nb,stop it\n"),
        ("a.csv", "id,text\n1,wake me\n2,stop it\n"),
        ("a.txt", "wake me\nstop it\n"),
    ],
)
def test_transfer_text_is_the_texts_of_any_format_and_not_its_marks(
    tmp_path: pathlib.Path, name: str, content: str
) -> None:
    rows = read_transfer_text(write(tmp_path / name, content))
    assert sorted(row.text for row in rows) == ["stop it", "wake me"]
    assert {(row.intent, row.slots) for row in rows} == {("", None)}


@pytest.mark.parametrize(
    ("folder", "counts"),
    [
        ("mtop_en", {"train": 15_667, "dev": 2_235}),
        ("mtop_parallel", {"dev": 6 * 859}),
        ("mtod", {"train": 3_617 + 2_156, "dev": 1_983 + 1_235}),
        ("few_shot/banking77", {"train": 8_622, "dev": 1_540}),
        ("few_shot/clinc150", {"train": 15_000, "dev": 3_100}),
        ("few_shot/hwu64", {"train": 8_954, "dev": 1_076}),
        ("bots/financial_demo", {"train": 578}),
        ("bots/snips_lights", {"train": 14}),
    ],
)
def test_real_data_have_all_their_rows(
    corpora: pathlib.Path, folder: str, counts: dict[str, int]
) -> None:
    rows = read_rows(corpora / folder)
    assert {split: len(part) for split, part in rows.splits.items()} == counts


MARKS = {"train": "on", "dev": "off", "test": "stop"}


def test_a_named_file_has_the_split_of_its_folder_where_other_splits_stand_beside_it(
    tmp_path: pathlib.Path,
) -> None:
    files = [
        write(tmp_path / split / "EN.csv", f"text,intent\n{text},{text}\n")
        for split, text in MARKS.items()
    ]
    rows = read_rows(files)
    assert {split: own[0].text for split, own in rows.splits.items()} == MARKS
    assert {row.locale for row in rows.all} == {"en"}
    alone = write(tmp_path / "mine" / "test" / "a.csv", "text,intent\nhi,greet\n")
    assert list(read_rows(alone).splits) == ["train"]


def test_rows_whose_language_is_not_known_beside_others_are_noted(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "DE" / "train.csv", "text,intent\nlicht an,on\n")
    write(tmp_path / "IT" / "train.csv", "text,intent\nluce,on\nstop,off\n")
    (note,) = read_rows(tmp_path).notes
    assert note.startswith("the language of 2 rows is not known, that of others is (de).")
    assert "IT/train.csv" in note
    assert not read_rows(tmp_path / "IT").notes and not read_rows(tmp_path / "DE").notes


def test_languages_without_development_rows_are_named(tmp_path: pathlib.Path) -> None:
    for name in ("train_EN", "dev_EN", "train_TR", "train_HI"):
        write(tmp_path / f"{name}.csv", f"text,intent\n{name},on\n")
    *_, said = training_and_development(read_rows(tmp_path))
    assert said == "1 development rows of the data's own; none of hi, tr"


def test_languages_may_be_asked_for_in_capitals(tmp_path: pathlib.Path) -> None:
    for code in ("EN", "DE", "TR"):
        write(tmp_path / f"train_{code}.csv", f"text,intent\n{code},on\n")
    for rows in (read_rows(f"{tmp_path}:DE,TR"), read_rows(tmp_path, languages="DE,tr")):
        assert [row.locale for row in rows.all] == ["de", "tr"]
    assert len(read_rows(tmp_path, languages="ALL").all) == 3
