"""CoNLL, `seq.in`, and MASSIVE in both of its forms."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, Example, SlotSpan, read_rows

CITY = (SlotSpan("city", ((7, 15),)),)
WORDS = "fly\tO\nto\tO\nNew\tB-city\nYork\tI-city\n"


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "content",
    [
        f"# intent: fly\n{WORDS}\n# intent: greet\nhi\tO\n",
        f"# intent = fly\n{WORDS}\n# intent = greet\nhi\tO\n\n",
        f"{WORDS}fly\n\nhi\tO\ngreet\n",
        f"fly\n{WORDS}\ngreet\nhi\tO\n",
        "fly O fly\nto O fly\nNew B-city fly\nYork E-city fly\n\nhi O greet\n",
        "fly\tfly\tO\nto\tfly\tO\nNew\tfly\tB-city\nYork\tfly\tI-city\n\nhi\tgreet\tO\n",
        "-DOCSTART- O\n\n# intent: fly\n" + WORDS.replace("\t", " ") + "\n#intent: greet\nhi O\n",
    ],
)
def test_conll_has_its_intent_where_people_put_it(tmp_path: pathlib.Path, content: str) -> None:
    rows = read_rows(write(tmp_path / "a.conll", content)).all
    assert [(row.text, row.intent, row.slots) for row in rows] == [
        ("fly to New York", "fly", CITY),
        ("hi", "greet", ()),
    ]


def test_the_text_of_a_conll_sentence_is_kept_where_it_is_given(tmp_path: pathlib.Path) -> None:
    content = "# text = It's 7pm\n# intent = tell\nIt\tO\n's\tO\n7\tB-time\npm\tI-time\n"
    (row,) = read_rows(write(tmp_path / "a.conll", content)).all
    assert (row.text, row.slots) == ("It's 7pm", (SlotSpan("time", ((5, 8),)),))


def test_a_conll_line_without_a_tag_is_a_bad_row(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "a.conll", f"# intent: fly\n{WORDS}\n# intent: fly\nfly\tO\nto\nRome\tO\n"
    )
    with pytest.raises(DataError, match=r"a\.conll:9: expected a word and its tag"):
        read_rows(path)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("# intent: play\nplay\tO\njazz\n\n# intent: stop\nstop\tO\nit\tO\n", 3),
        ("# intent: play\nplay\nsome\tO\njazz\tO\n\n# intent: stop\nstop\tO\n", 2),
        ("play\tO\tplay\nsome\tO\tplay\njazz\n\nstop\tO\tstop\n", 3),
    ],
    ids=["last word", "first word", "intent in a column"],
)
def test_a_word_without_a_tag_is_not_lost_beside_an_intent_that_is_said(
    tmp_path: pathlib.Path, content: str, line: int
) -> None:
    path = write(tmp_path / "a.conll", content)
    with pytest.raises(DataError, match=rf"a\.conll:{line}: expected a word and its tag"):
        read_rows(path)
    assert [row.text.split()[0] for row in read_rows(path, skip_bad_rows=True).all] == ["stop"]


def seq(folder: pathlib.Path, texts: str, labels: str, tags: str | None = None) -> pathlib.Path:
    write(folder / "seq.in", texts)
    write(folder / "label", labels)
    if tags is not None:
        write(folder / "seq.out", tags)
    return folder


def test_seq_files_without_tags_have_intents_only(tmp_path: pathlib.Path) -> None:
    folder = seq(tmp_path, "hi there\nbye\n", "greet\nleave\n")
    assert [(row.text, row.intent, row.slots) for row in read_rows(folder).all] == [
        ("hi there", "greet", ()),
        ("bye", "leave", ()),
    ]


def test_own_seq_files_are_no_published_corpus(tmp_path: pathlib.Path) -> None:
    rows = read_rows(seq(tmp_path, "hi\n", "greet\n"))
    assert (rows.sources[0].corpora, rows.licence, rows.all[0].locale) == ((), "", "")


def test_an_empty_label_has_file_and_line(tmp_path: pathlib.Path) -> None:
    folder = seq(tmp_path, "lights on\nlights off\n", "on\n\n")
    with pytest.raises(DataError, match=r"label:2: the label is empty; its text is 'lights off'"):
        read_rows(folder)


def test_one_row_with_too_many_tags_is_the_only_one_that_is_left_out(
    tmp_path: pathlib.Path,
) -> None:
    folder = seq(tmp_path, "a b\nc d\ne f\n", "x\nx\nx\n", "O O\nO O O\nO\n")
    with pytest.raises(DataError, match=r"(?s)2 rows.*seq\.in:2: .*2 words, 3 tags.*seq\.in:3: "):
        read_rows(folder)
    rows = read_rows(folder, skip_bad_rows=True)
    assert [row.text for row in rows.all] == ["a b"]
    assert len(rows.problems) == 2


def test_a_no_break_space_is_inside_its_word(tmp_path: pathlib.Path) -> None:
    folder = seq(tmp_path, "pay 10\u00a0000 now\n", "pay\n", "O B-sum O\n")
    assert read_rows(folder).all[0].slots == (SlotSpan("sum", ((4, 10),)),)
    massive = write(tmp_path / "m" / "train.txt", "pay:O 10\u00a0000:B-sum now:O <=> pay\n")
    assert read_rows(massive).all[0].slots == (SlotSpan("sum", ((4, 10),)),)


def massive(text: str, annotated: str, **more: str) -> str:
    row = {"id": "1", "locale": "de-DE", "partition": "train", "scenario": "alarm"}
    row |= {"intent": "alarm_set", "utt": text, "annot_utt": annotated}
    return json.dumps({**row, **more}, ensure_ascii=False) + "\n"


def test_massive_as_published_says_split_and_locale(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "de-DE.jsonl",
        massive("weck mich um neun", "weck mich [time : um neun]")
        + massive("stop", "stop", partition="dev")
        + massive("halt", "halt", partition="test"),
    )
    rows = read_rows(tmp_path)
    assert {split: len(part) for split, part in rows.splits.items()} == {
        "train": 1,
        "dev": 1,
        "test": 1,
    }
    assert rows.splits["train"] == [
        Example(
            "weck mich um neun",
            "alarm_set",
            (SlotSpan("time", ((10, 17),)),),
            domain="alarm",
            locale="de-DE",
            source=f"{path}:1",
        )
    ]
    assert [corpus.name for corpus in rows.sources[0].corpora] == ["MASSIVE"]


def test_massive_of_a_script_without_spaces(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "ja-JP.jsonl", massive("九時に起こして", "[time : 九時] に起こして"))
    assert read_rows(path).all[0].slots == (SlotSpan("time", ((0, 2),)),)


def test_a_massive_annotation_of_another_text_is_a_bad_row(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.jsonl", massive("um neun", "um [time : zehn]"))
    with pytest.raises(DataError, match=r"a\.jsonl:1: the annotation must be the text"):
        read_rows(path)


NUMBERED = "1\tfly\t_\tO\n2\tto\t_\tO\n3\tNew\t_\tB-city\n4\tYork\t_\tI-city\n"


@pytest.mark.parametrize(
    "content",
    [
        f"# intent: fly\n{NUMBERED}\n# intent: greet\n1\thi\t_\tO\n",
        f"# intent: fly\n{NUMBERED}\n# intent: greet\n1-2\thiho\t_\t_\n1\thi\t_\tO\n",
        f"# intent: fly\n{NUMBERED.replace('_', 'fly')}\n# intent: greet\n1\thi\tgreet\tO\n",
        f"# intent: fly\n{NUMBERED}# sent_id = 2\n# intent: greet\n1\thi\t_\tO\n",
        f"# intent: fly\n{WORDS}# intent: greet\nhi\tO\n",
        f"# intent: fly\n{WORDS}# text = hi\n# intent: greet\nhi\tO\n",
        f"{WORDS}# intent: fly\n\nhi\tO\n# intent: greet\n",
        "# intent: fly\nfly   O\nto    O\nNew   B-city\nYork  I-city\n\n# intent: greet\nhi    O\n",
    ],
    ids=["numbered", "range", "column", "id", "joined", "text", "behind", "aligned"],
)
def test_conll_with_numbers_without_empty_lines_or_with_aligned_columns(
    tmp_path: pathlib.Path, content: str
) -> None:
    rows = read_rows(write(tmp_path / "a.conll", content)).all
    assert [(row.text, row.intent, row.slots) for row in rows] == [
        ("fly to New York", "fly", CITY),
        ("hi", "greet", ()),
    ]


def test_words_that_are_numbers_are_words(tmp_path: pathlib.Path) -> None:
    content = "# intent: count\n1\tO\n2\tO\n\n# intent: dial\n5\tB-digit\n1\tB-digit\n"
    rows = read_rows(write(tmp_path / "a.conll", content)).all
    assert [row.text for row in rows] == ["1 2", "5 1"]


def test_a_partition_of_massive_that_is_not_known_is_noted(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.jsonl", massive("halt", "halt", partition="holdout"))
    rows = read_rows(path)
    assert len(rows.splits["train"]) == 1
    assert f"{path}:1: the split 'holdout' is none of train, dev, test" in rows.notes[0]


def test_blanks_beside_tabs_were_parts_of_words(tmp_path: pathlib.Path) -> None:
    content = "# intent: play\nplay \tO\njazz \t B-genre \n\n# intent: stop\nstop\tO\n"
    path = tmp_path / "a.conll"
    path.write_text(content, encoding="utf-8")
    assert [(row.text, row.slots) for row in read_rows(path).all] == [
        ("play jazz", (SlotSpan("genre", ((5, 9),)),)),
        ("stop", ()),
    ]
