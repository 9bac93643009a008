"""CSV and TSV as people save them."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import DataError, Example, SlotSpan, read_rows


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.write_bytes(content.encode("utf-8"))
    return path


def pairs(path: pathlib.Path) -> list[tuple[str, str]]:
    return [(row.text, row.intent) for row in read_rows(path).all]


@pytest.mark.parametrize(
    "content",
    [
        "text,intent\nhi there,greet\n",
        "intent,text\ngreet,hi there\n",
        "text,label\r\nhi there,greet\r\n",
        '"text","category"\n"hi there","greet"\n',
        "Utterance;Intent\nhi there;greet\n",
        "sep=;\nphrase;class\nhi there;greet\n",
        "id,Query,notes,Category\n1,hi there,none,greet\n",
        "sentence\tintent_name\nhi there\tgreet\n",
        'question\tlabel\n"hi there"\tgreet\n',
        "\ufefftext,intent\nhi there,greet\n",
    ],
)
def test_columns_stand_in_any_order_under_any_usual_name(
    tmp_path: pathlib.Path, content: str
) -> None:
    assert pairs(write(tmp_path / "phrases.csv", content)) == [("hi there", "greet")]


def test_two_columns_without_a_header_are_read_where_it_is_clear(tmp_path: pathlib.Path) -> None:
    lines = [("hi there", "greet"), ("good morning", "greet"), ("see you", "leave")]
    lines += [("take care", "leave"), ("well, well", "leave")]
    tabs = write(tmp_path / "a.tsv", "".join(f"{label}\t{text}\n" for text, label in lines))
    assert pairs(tabs) == lines
    quoted = "".join(f'"{text}",{label}\n' for text, label in lines)
    assert pairs(write(tmp_path / "a.csv", quoted)) == lines


@pytest.mark.parametrize(
    "content", ["hello\tworld\n" * 5, "one two,three four\nfive six,seven eight\n", "a,b\n1,2\n"]
)
def test_two_columns_are_refused_where_it_is_not_clear(
    tmp_path: pathlib.Path, content: str
) -> None:
    with pytest.raises(DataError, match="A table needs a header such as `text,intent`"):
        read_rows(write(tmp_path / "a.csv", content))


def test_slots_are_written_into_the_text(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", 'text,intent\n"fly to [New York](city), now",fly\n')
    assert read_rows(path).all == [
        Example("fly to New York, now", "fly", (SlotSpan("city", ((7, 15),)),), source=f"{path}:2")
    ]


@pytest.mark.parametrize(
    "slots",
    ["O O B-city I-city", "7:15:city", '"[{""name"": ""city"", ""start"": 7, ""end"": 15}]"'],
)
def test_slots_have_a_column_of_their_own(tmp_path: pathlib.Path, slots: str) -> None:
    path = write(tmp_path / "a.csv", f"text,intent,slots\nfly to New York,fly,{slots}\nhi,greet,\n")
    fly, greet = read_rows(path).all
    assert fly.slots == (SlotSpan("city", ((7, 15),)),)
    assert greet.slots == ()


def test_multiatis_is_a_table_with_tags(tmp_path: pathlib.Path) -> None:
    header = "id\tutterance\tslot_labels\tintent\n"
    path = write(tmp_path / "train_DE.tsv", header + "1\tflüge nach rom\tO O B-city\tflight\n")
    (row,) = read_rows(path).splits["train"]
    assert (row.intent, row.slots) == ("flight", (SlotSpan("city", ((11, 14),)),))


def test_tags_of_words_with_other_blanks_between_them(tmp_path: pathlib.Path) -> None:
    header = "id\tutterance\tslot_labels\tintent\n"
    rows = "1\t去\u3000北京 的\u00a0航班\tO B-city O O\tflight\n2\t10\u00a0h\tB-time\tflight\n"
    flight, hour = read_rows(write(tmp_path / "train_ZH.tsv", header + rows)).splits["train"]
    assert flight.slots == (SlotSpan("city", ((2, 4),)),)
    assert hour.slots == (SlotSpan("time", ((0, 4),)),)


def test_a_quoted_text_may_have_line_ends_and_the_line_is_where_it_begins(
    tmp_path: pathlib.Path,
) -> None:
    path = write(tmp_path / "a.csv", 'text,intent\n"one\ntwo",x\nthree,\n')
    with pytest.raises(DataError, match=r"a\.csv:4: the row has no intent: 'three'"):
        read_rows(path)


def test_one_broken_quote_is_one_bad_row(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", 'text,intent\nhi,greet\n"oh "no" x,greet\nbye,leave\n')
    rows = read_rows(path, skip_bad_rows=True)
    assert [row.text for row in rows.all] == ["hi", "bye"]
    assert [(problem.line, "not CSV" in problem.message) for problem in rows.problems] == [
        (3, True)
    ]


def test_a_text_with_a_comma_and_no_quotes_is_a_bad_row(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", "text,intent\nwell, hi,greet\n")
    with pytest.raises(DataError, match=r"a\.csv:2: expected 2 columns. Received: 3 columns"):
        read_rows(path)


def test_a_column_says_the_split_and_the_locale(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "a.csv", "text,intent,split,lang\nhi,greet,train,en\nhallo,greet,valid,de\n"
    )
    rows = read_rows(path)
    assert {split: [row.text for row in part] for split, part in rows.splits.items()} == {
        "train": ["hi"],
        "dev": ["hallo"],
    }
    assert list(rows.by_language("dev")) == ["de"]
    assert [row.text for row in read_rows(path, languages="de").all] == ["hallo"]


def test_a_latin_1_line_is_a_bad_row_with_its_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,intent\nhi,greet\ngr\xfc\xdf dich,greet\n")
    with pytest.raises(DataError, match=r"a\.csv:3: the line is not UTF-8"):
        read_rows(path)


def test_offsets_count_the_white_space_before_a_text(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", 'text,intent,slots\n"  fly to Rome ",fly,9:13:city\n')
    (row,) = read_rows(path).all
    assert (row.text, row.slots) == ("fly to Rome", (SlotSpan("city", ((7, 11),)),))


@pytest.mark.parametrize(
    "content",
    [
        "text,intent,,\nhi there,greet,,\n",
        ",text,intent,\n7,hi there,greet,x\n",
        "note,note,text,intent\na,b,hi there,greet\n",
        "text\tintent\t\t\nhi there\tgreet\t\t\n",
    ],
)
def test_columns_without_a_name_or_that_are_not_read_may_repeat(
    tmp_path: pathlib.Path, content: str
) -> None:
    assert pairs(write(tmp_path / "a.csv", content)) == [("hi there", "greet")]


def test_a_column_that_is_read_and_stands_twice_is_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.csv", "id,text,Text,intent\n1,hi,ho,greet\n")
    with pytest.raises(
        DataError, match=r"a\.csv:1: expected one column for `text`. Received: 2 columns 'text'"
    ):
        read_rows(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('text\tintent\n"oh\tno"\tgreet\n', "a text has no tab, also in quotes"),
        ('text\tintent\n"oh\nno"\tgreet\n', "each line is a row, also in quotes"),
    ],
)
def test_a_table_with_tabs_is_not_told_to_use_quotes(
    tmp_path: pathlib.Path, content: str, message: str
) -> None:
    with pytest.raises(DataError, match=rf"a\.tsv:2: expected 2 columns.*{message}"):
        read_rows(write(tmp_path / "a.tsv", content))


def test_a_field_that_is_too_long_is_said_to_be(tmp_path: pathlib.Path) -> None:
    content = f'text,intent\nhi,greet\n"{"x" * 140_000}",greet\nbye,leave\n'
    path = write(tmp_path / "a.csv", content)
    rows = read_rows(path, skip_bad_rows=True)
    assert [row.text for row in rows.all] == ["hi", "bye"]
    assert [problem.line for problem in rows.problems] == [3]
    assert "makes a field so long: close it, or shorten the field" in rows.problems[0].message


def test_a_split_that_is_not_known_is_noted_once(tmp_path: pathlib.Path) -> None:
    content = "text,intent,split\nhi,greet,test\nyo,greet,holdout\nhey,greet,holdout\nho,greet,\n"
    path = write(tmp_path / "a.csv", content)
    rows = read_rows(path)
    assert {split: len(part) for split, part in rows.splits.items()} == {"train": 3, "test": 1}
    assert rows.notes == (
        f"{path}:3: the split 'holdout' is none of train, dev, test; rows of it are read as train rows",
    )


def test_a_header_that_stands_again_is_no_row(tmp_path: pathlib.Path) -> None:
    table = "text,intent\nhi there,greet\n"
    read = read_rows(write(tmp_path / "phrases.csv", table + table.replace("hi", "ho")))
    assert [row.text for row in read.all] == ["hi there", "ho there"]
    assert any(":3: the header stands here again" in note for note in read.notes)


def test_an_empty_file_is_said_to_be_empty(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"phrases\.csv is empty\."):
        read_rows(write(tmp_path / "phrases.csv", "\n"))


def test_the_number_of_a_label_was_taken_where_its_name_stands_beside_it(
    tmp_path: pathlib.Path,
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("text,label,label_text\nfly to rome,0,fly\n", encoding="utf-8")
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"text": "fly to rome", "label": 0, "label_text": "fly"}\n', encoding="utf-8")
    assert [read_rows(path).all[0].intent for path in (table, lines)] == ["fly", "fly"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("command,topic\ngo,a\n", "its first line is 'command,topic'"),
        ("text,intent\rgo,a\r", "ends its lines with CR; save it with LF"),
    ],
)
def test_a_table_that_is_not_known_is_told_why(
    tmp_path: pathlib.Path, content: str, said: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode())
    with pytest.raises(DataError, match=said):
        read_rows(path)
