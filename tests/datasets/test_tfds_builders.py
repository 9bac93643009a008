from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import DataError, Example, generate, load_split, write_mtop_folder

tfds = pytest.importorskip("tensorflow_datasets")

from pqrnn_tf.datasets import Mtop, example_of, features_of  # noqa: E402


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("mtop")
    return write_mtop_folder(folder, languages=("de", "th"), train=12, dev=4, test=3)


def prepared(source: pathlib.Path, data_dir: pathlib.Path, language: str) -> Mtop:
    builder = Mtop(config=language, data_dir=str(data_dir), source=source)
    builder.download_and_prepare()
    return builder


@pytest.mark.parametrize("language", ["de", "th"])
def test_rows_come_back_as_the_examples_of_the_reader(
    source: pathlib.Path, tmp_path: pathlib.Path, language: str
) -> None:
    builder = prepared(source, tmp_path, language)
    for name, split in (("train", "train"), ("validation", "dev"), ("test", "test")):
        rows = [example_of(row) for row in tfds.as_numpy(builder.as_dataset(split=name))]
        expected = load_split(source, split, language=language)
        assert sorted(rows, key=lambda row: row.source) == sorted(
            expected, key=lambda row: row.source
        )


def test_manual_folder_of_tfds_serves_as_the_source(
    source: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    builder = Mtop(config="de", data_dir=str(tmp_path))
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(manual_dir=str(source))
    )
    assert builder.info.splits["train"].num_examples == 12


def test_a_missing_split_is_left_out(tmp_path: pathlib.Path) -> None:
    folder = write_mtop_folder(tmp_path / "mtop", languages=("en",), train=5, dev=2, test=1)
    (folder / "en" / "test.txt").unlink()
    builder = prepared(folder, tmp_path / "data", "en")
    assert sorted(builder.info.splits) == ["train", "validation"]


def test_a_missing_folder_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match="nowhere is missing"):
        prepared(tmp_path / "nowhere", tmp_path / "data", "en")


def test_a_row_with_a_problem_is_kept(tmp_path: pathlib.Path) -> None:
    folder = write_mtop_folder(tmp_path / "mtop", languages=("en",), train=2, dev=1, test=1)
    with (folder / "en" / "train.txt").open("a", encoding="utf-8") as file:
        file.write("2\tIN:A\t\tbroken\t\ten_XX\t[IN:A [SL:B whole ] ]\t{}\n")
    builder = prepared(folder, tmp_path / "data", "en")
    rows = [example_of(row) for row in tfds.as_numpy(builder.as_dataset(split="train"))]
    assert [row.text for row in rows if row.slots is None] == ["broken"]


def test_features_have_one_entry_per_span() -> None:
    example = next(
        row
        for row in generate(100, language="de")
        if any(len(slot.spans) > 1 for slot in row.slots or ())
    )
    entries = features_of(example)["slots"]
    assert len(entries) == sum(len(slot.spans) for slot in example.slots or ())
    assert entries[0]["name"] == (example.slots or ())[0].name


def test_there_is_a_config_for_each_language() -> None:
    assert sorted(Mtop.builder_configs) == ["de", "en", "es", "fr", "hi", "th"]


def test_features_of_a_row_without_slots() -> None:
    row = features_of(Example("a", "A", None, problem="lost"))
    assert (row["slots"], row["problem"], row["tree"]) == ([], "lost", "")
