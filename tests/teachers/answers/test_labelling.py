"""Labelling text: the answers are the teacher's own, a run can be restarted, and bad input is named."""

from __future__ import annotations

import json
import os
import pathlib
import pickle
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.formats.json_rows import row_to_json
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.files import folder_digest
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.trees import parse_tree
from pqrnn_tf.tasks.pipeline import token_spans
from pqrnn_tf.teachers import SavedTeacher, TFHubBertTeacher, label_text, saved
from pqrnn_tf.teachers.answers.shard_files import ShardError
from pqrnn_tf.teachers.answers.shards import LabelledText

ROOT = pathlib.Path(__file__).resolve().parents[3]
SPEC = ProjectionSpec(
    max_tokens=16, word_features=8, ngram_features=0, ngram_orders=(), shape=False
)
ROWS = [
    Example(text="set alarms", intent="ALARM", slots=()),
    Example(text="call mom at 7pm", intent="CALL", slots=(SlotSpan("TIME", ((12, 15),)),)),
    Example(text="", intent="", slots=None, problem="no labels"),
    Example(text="สวัสดี 🙂 set", intent="", slots=None, problem="no labels"),
    Example(text="set an alarm for 7", intent="UNKNOWN", slots=(SlotSpan("WHO", ((0, 3),)),)),
    Example(text=" ".join(["set"] * 14), intent="ALARM", slots=()),
    Example(text="set eine alarm", intent="ALARM", slots=()),
]


@pytest.fixture(scope="module")
def teacher(bert, labels, tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("labelling") / "teacher"
    TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, seed=3).save(folder)
    return folder


@pytest.fixture(scope="module")
def labelled(teacher, tmp_path_factory) -> LabelledText:
    folder = tmp_path_factory.mktemp("labelling") / "labelled"
    return label_text(
        ROWS, teacher, folder, spec=SPEC, rows_per_shard=3, hidden=True, batch_size=2, workers=0
    )


@pytest.fixture
def own_copy(labelled, tmp_path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(labelled.folder, tmp_path / "labelled"))


def again(teacher, folder, **changes) -> LabelledText:
    options = {"spec": SPEC, "rows_per_shard": 3, "hidden": True, "workers": 0, **changes}
    return label_text(options.pop("rows", ROWS), teacher, folder, **options)


def live(teacher: TFHubBertTeacher, row: Example) -> dict[str, np.ndarray]:
    spans = token_spans([row.text], SPEC)[0]
    inputs = {
        "text": tf.constant([row.text]),
        "spans": np.reshape(spans, (1, -1, 2)).astype(np.int32),
        "lengths": np.array([len(spans)], np.int32),
    }
    return {key: value.numpy()[0] for key, value in teacher(inputs).items()}


def test_answers_are_the_live_teachers_in_the_order_of_the_rows(labelled, teacher):
    original = TFHubBertTeacher.load(teacher)
    rows = iter(ROWS)
    for number, record in enumerate(labelled.shards):
        shard, begin = labelled.shard(number), 0
        for k in range(record.rows):
            row, end = next(rows), int(shard.ends[k])
            answer = live(original, row)
            assert shard.texts[k].decode() == row.text
            assert shard.spans[begin:end].tolist() == [
                list(s) for s in token_spans([row.text], SPEC)[0]
            ]
            np.testing.assert_allclose(
                shard.intent_logits[k], answer["intent"], rtol=2e-3, atol=1e-4
            )
            for stored, name in ((shard.slot_logits, "slots"), (shard.hidden, "hidden")):
                np.testing.assert_allclose(stored[begin:end], answer[name], rtol=2e-3, atol=1e-4)
            assert shard.mask[begin:end].tolist() == answer["mask"].tolist()
            begin = end
    assert next(rows, None) is None


def test_gold_labels_are_kept_and_unknown_ones_ignored(labelled):
    first, second, _ = (labelled.shard(number) for number in range(3))
    assert first.intents.tolist() == [0, 1, -1]
    assert first.tags.tolist() == [0, 0] + [0, 0, 0, 1, 2]  # 7pm is two tokens
    assert second.intents.tolist() == [-1, -1, 0]
    assert -1 in second.tags.tolist()


def test_gold_nested_tags_come_from_trees(teacher, tmp_path):
    tree = parse_tree("[IN:CALL [SL:TIME [IN:GET [SL:WHO mom ] [SL:AT at 7 pm ] ] ] ]")
    nested = Example("call mom at 7pm", "CALL", (SlotSpan("TIME", ((5, 15),)),), tree)
    plain = Example("set", "ALARM", (), parse_tree("[IN:ALARM ]"))
    found = label_text([nested, plain, ROWS[1]], teacher, tmp_path / "a", spec=SPEC, workers=0)
    shard = found.shard(0)
    tags = [shard.nested_tags[i] if i >= 0 else None for i in shard.nested]
    assert tags == [None, "B-GET/WHO", "B-GET/AT", "I-GET/AT", "I-GET/AT"] + [None] * 6
    # Answers from before the rows had trees are answers to other rows.
    with pytest.raises(ValueError, match=r"differs in fingerprint.*, text "):
        label_text([ROWS[1], plain], teacher, tmp_path / "a", spec=SPEC, workers=0)


def test_the_manifest_says_what_was_done(labelled, labels):
    manifest = json.loads((labelled.folder / "manifest.json").read_text())
    assert manifest["options"] == {"rows_per_shard": 3, "hidden": True}
    assert (manifest["rows"], manifest["width"], manifest["dtype"]) == (7, 16, "float16")
    assert [record["rows"] for record in manifest["shards"]] == [3, 3, 1]
    assert LabelSet.from_dict(manifest["labels"]) == labels
    assert not list(labelled.folder.glob("*.tmp")) + list(labelled.folder.glob("*.jsonl"))


def test_the_teacher_is_recognised(labelled, teacher, bert):
    labelled.check_teacher(teacher)
    with pytest.raises(ShardError, match="Label the text again with this teacher"):
        labelled.check_teacher(bert)


def test_files_give_what_their_rows_give(labelled, teacher, tmp_path):
    lines, plain = tmp_path / "a.jsonl", tmp_path / "b.txt"
    lines.write_text("".join(f"{row_to_json(row)}\n\n" for row in ROWS[:3]), encoding="utf-8")
    plain.write_text("\ufeffสวัสดี 🙂 set \r\n", encoding="utf-8")
    rest = tmp_path / "c.jsonl"
    rest.write_text("".join(f"{row_to_json(row)}\n" for row in ROWS[4:]), encoding="utf-8")
    store = again(teacher, tmp_path / "out", rows=[lines, str(plain), rest])
    assert store.fingerprint == labelled.fingerprint
    for number in range(3):
        ours, theirs = store.shard(number), labelled.shard(number)
        assert ours.texts == theirs.texts
        np.testing.assert_array_equal(ours.tags, theirs.tags)


def test_an_encoder_without_heads_gives_hidden_states_alone(bert_without_heads, tmp_path, labels):
    store = again(bert_without_heads, tmp_path / "out")
    assert store.labels is None and store.width == 16
    encoder = TFHubBertTeacher(bert_without_heads / "encoder", labels=None, max_word_pieces=12)
    shard, answer = store.shard(0), live(encoder, ROWS[0])
    assert set(answer) == {"hidden", "mask", "vector"} and shard.vectors is None
    np.testing.assert_allclose(shard.hidden[:2], answer["hidden"], rtol=2e-3, atol=1e-4)
    batches = store.batches(labels, SPEC, batch_size=7, seed=0, epoch=lambda: 0)
    _, targets = next(iter(batches))
    assert (targets["intent"].numpy() == -1).all()


@pytest.fixture(scope="module")
def bert_without_heads(bert, tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("labelling") / "headless"
    TFHubBertTeacher(bert, labels=None, max_word_pieces=12).save(folder)
    return folder


def test_a_teacher_without_heads_needs_hidden(bert, tmp_path):
    with pytest.raises(ValueError, match="`hidden` or `vectors` must be True"):
        again(bert, tmp_path / "out", hidden=False)


def times(folder: pathlib.Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("shard-*.npz")}


def test_a_second_run_makes_nothing_again(own_copy, teacher):
    before = times(own_copy)
    again(teacher, own_copy)
    assert times(own_copy) == before


def test_a_second_run_redoes_what_is_damaged(own_copy, teacher, labelled):
    before = times(own_copy)
    path = own_copy / "shard-00001.npz"
    path.write_bytes(path.read_bytes()[:-9])
    again(teacher, own_copy).verify()
    after = times(own_copy)
    assert [name for name in after if after[name] != before[name]] == ["shard-00001.npz"]


def test_other_text_in_the_same_folder(own_copy, teacher):
    with pytest.raises(ValueError, match=r"differs in fingerprint.*, text "):
        again(teacher, own_copy, rows=ROWS[:-1])
    LabelledText(own_copy).verify()
    assert again(teacher, own_copy, rows=ROWS[:-1], overwrite=True).rows == 6


def test_overwriting_that_is_killed_leaves_no_answers_for_those_of_the_new_work(
    own_copy, teacher, monkeypatch
):
    unlink = pathlib.Path.unlink

    def killed(path, **options):
        if path.name == "shard-00001.npz":
            raise KeyboardInterrupt
        unlink(path, **options)

    rows = ROWS[::-1]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pathlib.Path, "unlink", killed)
        again(teacher, own_copy, rows=rows, overwrite=True)
    with pytest.raises(ValueError, match="other work"):
        again(teacher, own_copy, rows=rows)
    store = again(teacher, own_copy, rows=rows, overwrite=True)
    texts = [bytes(text).decode() for number in range(3) for text in store.shard(number).texts]
    assert texts == [row.text for row in rows]


def test_other_options_in_the_same_folder(own_copy, teacher):
    with pytest.raises(
        ValueError, match=r"options.hidden \(True there, False here\).*tokens.max_tokens"
    ):
        again(teacher, own_copy, hidden=False, spec=ProjectionSpec())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "must be a JSON object"),
        ("[]", "must be a JSON object"),
        ('{"intent": "A"}', "text"),
        ('{"text": 3}', "text"),
        ('{"text": "a", "slots": [{"name": "X", "start": 2, "end": 1}]}', "half-open"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(teacher, tmp_path, line, problem):
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"text": "set"}}\n{line}\n')
    with pytest.raises(DataError, match=rf"rows.jsonl:2: .*{problem}"):
        again(teacher, tmp_path / "out", rows=[path])
    assert not (tmp_path / "out").exists()


def test_a_line_that_is_not_utf8_is_named(teacher, tmp_path):
    (tmp_path / "rows.txt").write_bytes(b"set\n\xff\n")
    with pytest.raises(DataError, match="rows.txt:2: the line is not UTF-8"):
        again(teacher, tmp_path / "out", rows=[tmp_path / "rows.txt"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("rows.csv", "text,intent\nset,ALARM\ncall mom,CALL\n", "its format is CSV or TSV"),
        ("rows.json", '{"text": "set", "intent": "ALARM"}\n', "its format is JSON lines"),
    ],
)
def test_the_lines_of_a_table_were_labelled_as_texts(teacher, tmp_path, name, content, told):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=f"{name}: .*{told}.*pqrnn convert"):
        again(teacher, tmp_path / "out", rows=[tmp_path / name])
    assert not (tmp_path / "out").exists()


def test_lines_of_unicode_white_space_became_empty_rows(teacher, tmp_path):
    path = tmp_path / "rows.txt"
    path.write_bytes("\ufeff\nset\n\u00a0\u3000\n \t\ncall mom\n".encode())
    store = again(teacher, tmp_path / "out", rows=[path])
    assert [bytes(text) for text in store.shard(0).texts] == [b"set", b"call mom"]


def test_an_input_file_that_is_missing(teacher, tmp_path):
    with pytest.raises(DataError, match="cannot read .*rows.txt"):
        again(teacher, tmp_path / "out", rows=[tmp_path / "rows.txt"])


def test_an_empty_input_file(teacher, tmp_path):
    (tmp_path / "rows.txt").write_text("\n \n")
    with pytest.raises(DataError, match="at least one row.*rows.txt"):
        again(teacher, tmp_path / "out", rows=[tmp_path / "rows.txt"])


def test_no_rows(teacher, tmp_path):
    with pytest.raises(DataError, match="at least one example or file"):
        again(teacher, tmp_path / "out", rows=[])


def test_a_teacher_is_loaded_once_for_all_who_ask_it(teacher, tmp_path, monkeypatch):
    loads = []
    real = saved.load_teacher
    monkeypatch.setattr(
        saved,
        "load_teacher",
        lambda *args, **options: (loads.append(args), real(*args, **options))[1],
    )
    shared = SavedTeacher(teacher)
    assert shared.labels == TFHubBertTeacher.load(teacher).labels
    assert not loads
    again(shared, tmp_path / "one")
    again(shared, tmp_path / "two", rows=ROWS[:2])
    live(shared, ROWS[0])
    assert len(loads) == 1
    assert pickle.loads(pickle.dumps(shared)).digest == folder_digest(teacher)


def test_one_process_needs_no_beam(teacher, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    assert again(teacher, tmp_path / "out").rows == len(ROWS)


def test_what_predict_wrote_is_labelled(teacher, tmp_path):
    line = {"text": "call mom", "intent": "CALL", "score": 0.9, "tree": None, "truncated": False}
    line["slots"] = [{"name": "TIME", "start": 5, "end": 8, "text": "mom"}]
    (tmp_path / "rows.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    shard = again(teacher, tmp_path / "out", rows=[tmp_path / "rows.jsonl"]).shard(0)
    assert (shard.intents.tolist(), shard.tags.tolist()) == ([1], [0, 1])


def test_a_folder_without_a_teacher(tmp_path):
    with pytest.raises(FileNotFoundError, match="none of .*teacher.json.*saved_model.pb"):
        again(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", ["rows_per_shard", "batch_size", "workers"])
def test_sizes_out_of_range(teacher, tmp_path, name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least"):
        again(teacher, tmp_path / "out", **{name: -1})


SCRIPT = """
import sys
from tests.teachers.answers.test_labelling import SPEC, label_text
label_text([sys.argv[1]], sys.argv[2], sys.argv[3], spec=SPEC, rows_per_shard=2, workers=0)
"""


def test_a_killed_run_loses_at_most_the_shard_in_work(teacher, tmp_path):
    shards = 200
    rows, folder = tmp_path / "rows.txt", tmp_path / "out"
    rows.write_text("set an alarm for 7\n" * 2 * shards)
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, rows, teacher, folder], cwd=ROOT)
    deadline = time.monotonic() + 120
    while len(list(folder.glob("shard-*.json"))) < 3 and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    written = times(folder)
    recorded = {path.stem for path in folder.glob("shard-*.json")}
    assert 3 <= len(recorded) < shards
    assert len(written) - len(recorded) <= 1
    with pytest.raises(FileNotFoundError, match="has not finished"):
        LabelledText(folder)

    store = label_text([rows], teacher, folder, spec=SPEC, rows_per_shard=2, workers=0)
    assert store.rows == 2 * shards
    store.verify()
    after = times(folder)
    kept = [name for name in written if after[name] == written[name]]
    assert len(kept) >= len(recorded)


def command(*arguments) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "pqrnn_tf.label", *map(str, arguments)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True)


def test_the_command_names_a_damaged_shard(own_copy):
    path = own_copy / "shard-00002.npz"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    bad = command("--output", own_copy, "--verify")
    assert bad.returncode == 1 and "shard-00002.npz" in bad.stderr and "altered" in bad.stderr


def test_the_command_labels_files(teacher, tmp_path):
    (tmp_path / "rows.txt").write_text("set an alarm\ncall mom\n")
    flags = ["--teacher", teacher, "--input", tmp_path / "rows.txt", "--output", tmp_path / "out"]
    result = command(*flags, "--workers=0", "--set=spec.max_tokens=8")
    assert result.returncode == 0 and json.loads(result.stdout)["rows"] == 2
    assert LabelledText(tmp_path / "out").manifest["tokens"]["max_tokens"] == 8
    assert "1 of 1 shards" in result.stderr


def test_another_runner_is_named_with_its_options(labelled, teacher, tmp_path):
    store = again(
        teacher,
        tmp_path / "out",
        workers=1,
        runner="BundleBasedDirectRunner",
        pipeline_args=["--job_name=labelling"],
    )
    assert store.fingerprint == labelled.fingerprint


@pytest.mark.large
def test_the_workers_of_a_cluster_share_the_shards(labelled, teacher, tmp_path):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
        ) as cluster,
        Client(cluster) as client,
    ):
        store = again(
            teacher,
            tmp_path / "out",
            runner="DaskRunner",
            pipeline_args=[f"--dask_client_address={cluster.scheduler_address}"],
        )
        loaded = client.run(lambda: "tensorflow" in sys.modules)
    assert list(loaded.values()) == [True, True]
    assert store.fingerprint == labelled.fingerprint
    for number in range(3):
        np.testing.assert_allclose(
            store.shard(number).slot_logits, labelled.shard(number).slot_logits, atol=1e-3
        )


def test_an_unknown_runner(teacher, tmp_path):
    with pytest.raises(ValueError, match="NoSuchRunner"):
        again(teacher, tmp_path / "out", runner="NoSuchRunner")


@pytest.mark.large
def test_worker_processes_give_the_same(labelled, teacher, tmp_path):
    store = again(teacher, tmp_path / "out", workers=2)
    assert store.fingerprint == labelled.fingerprint
    for number in range(3):
        np.testing.assert_allclose(
            store.shard(number).slot_logits, labelled.shard(number).slot_logits, atol=1e-3
        )


def test_an_encoder_without_heads_gives_sentence_vectors(bert_without_heads, tmp_path):
    store = again(bert_without_heads, tmp_path / "out", hidden=False, vectors=True)
    assert store.width is None and store.vector_width == 16
    encoder = TFHubBertTeacher(bert_without_heads / "encoder", labels=None, max_word_pieces=12)
    vectors = store.shard(0).vectors.astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=2e-3)
    pieces, _ = encoder.tokenizer(tf.constant([ROWS[0].text]))
    states = encoder.encoder(pieces, training=False)["sequence_output"][0]
    mean = np.mean(states, axis=0)  # [CLS] and [SEP] count too
    np.testing.assert_allclose(vectors[0], mean / np.linalg.norm(mean), atol=2e-3)


def test_vectors_of_a_teacher_with_heads_are_refused(teacher, tmp_path):
    with pytest.raises(ValueError, match="`vectors` must be False for a teacher with heads"):
        again(teacher, tmp_path / "out", vectors=True)
