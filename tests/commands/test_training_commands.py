"""`train`, `distill`, `finetune` and `label`: the whole way, and calls that are refused before anything is written."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import random
import re
import shlex
import shutil
import types

import pytest

from pqrnn_tf.commands.arguments import CommandParser
from pqrnn_tf.commands.demo import write_phrases
from pqrnn_tf.commands.main import main
from pqrnn_tf.datasets import load_mixture
from pqrnn_tf.datasets.making.grammar import vocabulary, write_mtop_folder

SMALL = [
    "epochs=2", "units=16", "bottleneck_units=16", "layers=1", "batch_size=32",
    "spec.word_features=32", "spec.ngram_features=32", "spec.max_tokens=24",
]  # fmt: skip
SETTINGS = ["--verbose", 0, *(part for value in SMALL for part in ("--set", value))]
SPEC = ["--verbose", 0, *(part for value in SMALL[5:] for part in ("--set", value))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_mtop_folder(
        tmp_path_factory.mktemp("data"), languages=["en"], train=64, dev=16, test=4, seed=1
    )


@pytest.fixture(scope="module")
def phrases(tmp_path_factory):
    """A CSV of 80 phrases with their slots in brackets, without development rows."""
    _, path = write_phrases(tmp_path_factory.mktemp("phrases"), ["en", "de"], 80)
    return path


@pytest.fixture(scope="module")
def trained(one_signature, phrases, tmp_path_factory):
    """What `pqrnn train` leaves, and what it prints."""
    output = tmp_path_factory.mktemp("trained") / "my run"
    line = ["train", phrases, "--output", output, "--licence", "CC0", *SETTINGS]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main([str(part) for part in line])
    assert code == 0
    return output, json.loads(out.getvalue().splitlines()[-1])


def test_train_leaves_a_model_for_keras_and_one_for_every_runtime(call, trained):
    output, scores = trained
    assert scores["rows"] == 8
    left = {path.name for path in output.iterdir()}
    assert {"model.keras", "model.tflite", "card.md", "labels.json", "log.jsonl"} <= left
    assert len(call("parse", "--model", output, "stop", "wake me").lines()) == 2


def test_the_card_has_scores_intents_and_the_commands(call, trained, phrases):
    output, scores = trained
    card = (output / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# my run\n")
    assert (
        "were held out" in card
        and "| model.tflite |" in card
        and f" {scores['intent_accuracy']:.2f} |" in card
    )
    size = (output / "model.tflite").stat().st_size
    assert f"`model.tflite`, {size:,} bytes" in card and "| licence | CC0 |" in card
    commands = re.search(r"```bash\n(.*?)\n```", card, re.DOTALL)[1].splitlines()
    assert "- Trained from drawn weights. The configuration decides what the preset would: " in card
    made = shlex.split(commands[-1])
    assert made[:3] == ["pqrnn", "train", str(phrases)] and made[-1] == SETTINGS[-1]
    (text,) = shlex.split(commands[0].partition(" | ")[0])[1:]
    words = shlex.split(commands[0].partition(" | ")[2])
    assert call(*words[1:], stdin=text.encode()).lines()[0]["text"] == text


def test_what_train_prints_is_what_evaluate_says(call, trained, phrases, tmp_path):
    output, printed = trained
    file = tmp_path / "scores.json"
    record = call("evaluate", phrases, "--model", output, "--split", "dev", "--output", file).json()
    assert record == json.loads(file.read_text(encoding="utf-8"))
    assert {name: record[name] for name in printed} == printed
    assert record["bytes"] == (output / "model.tflite").stat().st_size


def test_the_same_call_again_changes_nothing(call, trained, phrases):
    output, printed = trained
    before = (output / "card.md").read_bytes()
    line = ["train", phrases, "--output", output, "--licence", "CC0", *SETTINGS]
    assert call(*line).json() == printed
    assert (output / "card.md").read_bytes() == before


def test_export_hands_on_what_its_flags_say(call, trained, phrases, tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        "tflite_export.converter.convert", lambda model, **options: asked.update(options) or b"1234"
    )
    shutil.copy(trained[0] / "model.keras", tmp_path)
    line = ["--quantization", "int8", "--calibration", phrases, "--frontend", "string"]
    done = call("export", "--model", tmp_path, *line)
    assert done.out == f"{tmp_path / 'model.tflite'}: 4 bytes\n"
    assert len(asked.pop("calibration")) > 60
    assert asked == {
        "path": tmp_path / "model.tflite",
        "quantization": "int8",
        "frontend": "string",
        "licence": "",
    }


def test_distill(one_signature, call, folder, tmp_path):
    """A BERT in TF-Hub's format, fine-tuned and distilled by one command."""
    from pqrnn_tf.teachers import build_bert

    sizes = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 32}
    build_bert(tmp_path / "bert", vocabulary(["en"]), **sizes)
    teacher = ["--teacher", tmp_path / "bert", "--teacher_epochs", 1]
    line = ["distill", folder, "--output", tmp_path / "run", *teacher, *SETTINGS, "--verbose", 1]
    done = call(*line)
    scores = done.json()
    assert "fine-tuning the teacher: 64 of 64 rows" in done.err
    assert re.search(r"^distilling: (.+) of \1 rows, ", done.err, re.MULTILINE)
    assert scores["teacher"]["rows"] == scores["student"]["rows"] == 16
    for name in ("model.keras", "model.tflite", "card.md"):
        assert (tmp_path / "run" / name).is_file()
    assert (tmp_path / "run" / "teacher" / "encoder" / "saved_model.pb").is_file()


@pytest.mark.large
def test_distill_of_a_transformer(call, folder, tmp_path):
    """A teacher that is fine-tuned already, and a BERT beside it for general text."""
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.tasks.label_collection import collect_labels
    from pqrnn_tf.teachers import TFHubBertTeacher, build_bert

    sizes = {"hidden_size": 16, "layers": 2, "heads": 4, "intermediate_size": 32}
    build_bert(tmp_path / "bert", vocabulary(["en"]), **sizes)
    labels = collect_labels(load_split(folder, "train"), nested=False)
    TFHubBertTeacher(tmp_path / "bert", labels=labels).save(tmp_path / "teacher")
    (tmp_path / "general.txt").write_text("it is late\nset an alarm\n", encoding="utf-8")
    line = ["distill", folder, "--output", tmp_path / "run", *SPEC, "--steps", 10]
    line += ["--fine_tuned", tmp_path / "teacher", "--teacher", tmp_path / "bert"]
    line += ["--general", tmp_path / "general.txt", "--copies", 1]
    done = call(*line, "--transformer", "layers=1,width=8,heads=2,inner=16", "--layer_map", 2)
    scores = done.json()
    assert scores["teacher"]["rows"] == scores["tflite"]["rows"] == 16
    assert scores["bytes"] == (tmp_path / "run" / "model.tflite").stat().st_size
    assert "BERT's tokenizer stands in front" in (tmp_path / "run" / "card.md").read_text()
    assert (tmp_path / "run" / "student" / "teacher.json").is_file()
    lines = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    assert {json.loads(line)["stage"] for line in lines} == {
        *("1-general", "2-task_layers", "3-task_outputs"),
    }


def test_a_transformer_that_does_not_fit_is_refused_before_its_teacher_is_fine_tuned(
    call, folder, tmp_path, monkeypatch
):
    """docs/tinybert.md says so; hours of fine-tuning came before."""

    def check(sizes, bert, chosen):
        raise ValueError(f"{sizes.layers} layers are too many for {bert}")

    def fit(*_, **__):
        pytest.fail("fine-tuned")

    monkeypatch.setattr("pqrnn_tf.distillation.transformer.check_student", check)
    monkeypatch.setattr("pqrnn_tf.teachers.bert.conversion.tfhub_handle", lambda handle, _: handle)
    monkeypatch.setattr("pqrnn_tf.teachers.bert.tfhub_bert.local_folder", lambda handle: handle)
    monkeypatch.setattr("pqrnn_tf.teachers.fit_teacher", fit)
    line = ("distill", folder, "--teacher", "bert", "--output", tmp_path / "run", *SPEC)
    done = call(*line, "--transformer", "layers=9")
    assert done.code == 1 and "9 layers are too many for bert" in done.err


@pytest.mark.large
def test_domains(call, phrases, tmp_path):
    """A meta-teacher over languages by one command, a student that weighs rows by its answers by another."""
    from pqrnn_tf.teachers import build_bert

    sizes = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 32}
    build_bert(tmp_path / "bert", vocabulary(["en", "de"]), **sizes)
    rows = [phrases.parent, "--domains", "language"]
    teacher = ["--teacher", tmp_path / "bert", "--epochs", 1]
    call("finetune", *rows, "--output", tmp_path / "meta", *teacher, *SPEC).json()
    log = (tmp_path / "meta" / "teacher.training" / "log.jsonl").read_text(encoding="utf-8")
    assert "domain_loss" in log
    taught = ["--fine_tuned", tmp_path / "meta" / "teacher", "--output", tmp_path / "student"]
    call("distill", *rows, *taught, "--copies", 1, *SETTINGS).json()
    answers = tmp_path / "student" / "answers"
    made = json.loads((answers / "task-fine-tuned" / "manifest.json").read_text(encoding="utf-8"))
    assert made["options"]["prototypes"]
    lines = ["distill", phrases, "--domains", "domain", *taught[:2], "--output", tmp_path / "no"]
    done = call(*lines, *SETTINGS)
    assert done.code == 1 and "Every row must belong to a domain where 'domain'" in done.err


@pytest.mark.parametrize("command", ["train", "distill", "finetune"])
def test_data_that_are_not_there_are_named(call, command, tmp_path):
    done = call(command, tmp_path / "nowhere", "--output", tmp_path / "out")
    assert done.code == 1
    assert done.err.startswith(f"pqrnn {command}: ") and "nowhere" in done.err
    assert not (tmp_path / "out").exists()


def test_a_row_with_unbalanced_brackets_is_named(call, folder, tmp_path):
    broken = tmp_path / "broken"
    (broken / "en").mkdir(parents=True)
    for name in ("train.txt", "eval.txt"):
        lines = (folder / "en" / name).read_text(encoding="utf-8").splitlines()
        if name == "train.txt":
            fields = lines[2].split("\t")
            fields[6] = fields[6].rsplit("]", 1)[0]
            lines[2] = "\t".join(fields)
        (broken / "en" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = call("train", "--data", broken, "--output", tmp_path / "out")
    assert done.code == 1
    assert "train.txt:3" in done.err


def test_a_distillation_refuses_names_before_its_teacher(call, folder, tmp_path):
    """The teacher was fine-tuned and had answered all the text before."""
    types = ["--set", 'entity_types={"CONTACT": "contact"}']
    for more in ([], ["--recipe", "labels_only"]):
        teacher = [] if more else ["--teacher", tmp_path / "no BERT"]
        done = call("distill", folder, "--output", tmp_path / "out", *teacher, *more, *types)
        assert done.code == 1 and done.err.count("\n") == 1
        assert "`entity_types` must be empty in a distillation" in done.err
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("setting", ["epochs", "epohcs=3", "epochs=0", "learning_rate=abc"])
def test_a_setting_that_is_wrong_leaves_no_folder(call, folder, tmp_path, setting):
    done = call("train", folder, "--output", tmp_path / "out", "--set", setting)
    assert done.code == 1 and done.err.count("\n") == 1
    assert setting.partition("=")[0] in done.err
    assert not (tmp_path / "out").exists()


def test_keras_on_another_backend_is_one_line_at_the_start(call, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    done = call("train", folder, "--output", tmp_path / "out")
    assert done.code == 1 and done.err.count("\n") == 1
    assert done.err.startswith("pqrnn train: ") and "Received: 'jax'" in done.err


@pytest.mark.parametrize(
    ("line", "flag"),
    [
        ("train x --output o --template_rows 5", "template_rows"),
        ("train x --output o --repeat 2", "repeat"),
        ("distill x --output o --fine_tuned t --teacher_epochs 5", "teacher_epochs"),
        ("distill x --output o --fine_tuned t --teacher b", "teacher"),
        ("finetune x --output o --prompts 9 --frozen_layers 1", "frozen_layers"),
        ("distill x --output o --streamed", "streamed"),
        ("distill x --output o --fine_tuned a --fine_tuned b --streamed", "streamed"),
        ("distill x --output o --inherit m --recipe sequential", "recipe"),
        ("distill x --output o --inherit m --fine_tuned t", "fine_tuned"),
        ("distill x --output o --inherit_share 0.3", "inherit_share"),
        ("distill x --output o --inherit m --domains language", "domains"),
        ("distill x --output o --recipe labels_only --domains language", "domains"),
        ("distill x --output o --start m --grow_from n", "grow_from"),
        ("distill x --output o --start m --steps 9 --growth share=0.5,units=8", "growth"),
        ("distill x --output o --depth identity", "depth"),
        ("train x --output o --depth identity", "depth"),
        ("train x --output o --quantized_from m --grow_from n", "grow_from"),
        ("distill x --output o --fine_tuned t --teacher_weight 1", "teacher_weight"),
        ("distill x --output o --module m", "module"),
        ("distill x --output o --recipe labels_only --temperature 2", "temperature"),
        ("distill x --output o --recipe labels_only --transfer t", "transfer"),
        ("distill x --output o --recipe sequential --student_loss_weight 0.5", "student_loss_weight"),
        ("distill x --output o --recipe sequential --latent", "latent"),
        ("distill x --output o --unfreeze --steps 100", "unfreeze"),
        ("distill x --output o --general g", "general"),
        ("distill x --output o --transfer_limit 5", "transfer_limit"),
        ("distill x --output o --layer_map 1,2", "layer_map"),
        ("distill x --output o --transformer layers=2 --recipe sequential", "recipe"),
        ("distill x --output o --transformer layers=2 --start m", "start"),
        ("distill x --output o --transformer layers=2 --streamed", "streamed"),
        ("distill x --output o --transformer layers=2 --fine_tuned t --teacher b", "teacher"),
        ("finetune x --output o --prune_text t", "prune_text"),
        ("finetune x --output o --frozen_layers 2 --embeddings rows", "embeddings"),
        ("export --model m --calibration x", "calibration"),
        ("evaluate x --model m --typos_seed 2", "typos_seed"),
        ("label --output o --verify --teacher t", "teacher"),
        ("label x --teacher t --output o --runner R --workers 2", "workers"),
        ("label x --teacher t --output o --set units=9", "set units"),
        ("finetune x --output o --set epochs=40", "set epochs"),
        ("finetune x --output o --set learning_rate=0.1", "set learning_rate"),
        ("finetune x --output o --set batch_size=8", "set batch_size"),
        ("finetune x --output o --set patience=3", "set patience"),
        ("finetune x --output o --set weight_decay=0.1", "set weight_decay"),
        ("distill x --output o --set bag_head=true", "set bag_head"),
        ("distill x --output o --set encoder_weight=2", "set encoder_weight"),
        ("distill x --output o --steps 9 --set epochs=2", "set epochs"),
        ("distill x --output o --transformer layers=2 --set learning_rate=0.1", "set learning_rate"),
        ("search x --teacher t --output o --set epochs=2", "set epochs"),
        ("pretrain --answers a --output o --set slot_weight=2", "set slot_weight"),
        ("mirror x --output o --set slot_weight=1", "set slot_weight"),
        ("mirror x --teacher t --output o --set units=9", "set units"),
        ("train x --output o --start m --set units=9", "set units"),
        ("train x --output o --start m --set spec.max_tokens=9", "set spec.max_tokens"),
    ],
)  # fmt: skip
def test_a_flag_that_the_call_cannot_use_is_an_error(call, line, flag, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("text,intent\n", encoding="utf-8")
    done = call(*line.split())
    assert (done.code, done.out) == (2, "")
    command = line.split()[0]
    assert done.err.startswith(f"pqrnn {command}: --{flag} has no use here: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --output o", "name the data"),
        ("distill x --output o --recipe four_stages", "needs --general"),
        ("distill x --output o --recipe sequential --unfreeze", "--unfreeze needs --steps"),
        ("distill x --output o --fine_tuned a --fine_tuned b --teacher_weight 1", "2 times, not 1"),
        ("distill x --output o --recipe other", "invalid choice: 'other'"),
        ("distill x --output o --domains place", "invalid choice: 'place'"),
        ("export --model m --quantization int8", "needs --calibration"),
        ("distill x --output o --growth share=0.4,units=8", "--growth needs --steps"),
        ("distill x --output o --steps 9 --growth units", "NAME=NUMBER"),
        ("distill x --output o --steps 9 --growth share=0.4,max_tokens=8", "no max_tokens"),
        ("distill x --output o --transformer layers", "--transformer must be NAME=NUMBER"),
        (
            "distill x --output o --transformer layers=2 --layer_map 1;2",
            "--layer_map must be whole",
        ),
        ("distill x --output o --transformer layers=2 --quantization int8", "int8_weights or none"),
        (
            "distill x --output o --transformer layers=2 --fine_tuned a --fine_tuned b",
            "one teacher",
        ),
        (
            "distill x --output o --transformer layers=2 --fine_tuned a --general g",
            "needs --teacher",
        ),
        ("label --output o", "give files and --teacher, or --verify"),
        ("label x --teacher t --output o -- --flink_master=h", "only --runner has options"),
    ],
)
def test_a_call_that_lacks_something_is_an_error(call, line, message):
    done = call(*line.split())
    assert (done.code, done.out) == (2, "")
    assert message in done.err and done.err.count("\n") == 1


def test_the_recipes_of_the_help_are_those_that_there_are():
    from pqrnn_tf.commands.distill import RECIPES
    from pqrnn_tf.distillation import recipes

    assert tuple(RECIPES) == recipes.RECIPES


@pytest.mark.parametrize(
    ("command", "flag"), [("train", "evaluate_every"), ("distill", "evaluate_every"), ("finetune", "patience")]
)  # fmt: skip
def test_the_help_said_epochs_where_parts_of_long_ones_are_counted(command, flag):
    from pqrnn_tf.tasks.engine import CHECKPOINT_STEPS

    parser = CommandParser(command, "")
    importlib.import_module(f"pqrnn_tf.commands.{command}").configure(parser)
    told = " ".join(parser.format_help().partition(f"--{flag} ")[2].split("--")[0].split())
    assert f"{CHECKPOINT_STEPS} steps" in told


def test_a_wanted_rate_was_dropped_without_development_rows(call, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("text,intent\nstop it,STOP\nwake me,ALARM\n", encoding="utf-8")
    for command in ("train", "distill"):
        done = call(command, path, "--output", tmp_path / "out", "--reject_at", "0.1")
        assert (
            done.code == 2 and "--reject_at has no use here: there are no development" in done.err
        )
        assert not (tmp_path / "out").exists()


def test_texts_out_of_scope_were_read_only_after_the_training(call, phrases, tmp_path, monkeypatch):
    def never(*_, **__):
        raise AssertionError("it was trained")

    monkeypatch.setattr("pqrnn_tf.tasks.training.train", never)
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    for name, told in (("empty.txt", "holds no text"), ("missing.txt", "missing.txt")):
        line = ["--reject_at", "0.1", "--outside_text", tmp_path / name]
        done = call("train", phrases, "--output", tmp_path / "out", *line)
        assert done.code == 1 and told in done.err
        assert not (tmp_path / "out").exists()


def test_the_card_of_a_teacher_of_drawn_rows_told_of_all_rows(call, phrases, tmp_path, monkeypatch):
    """What is trained on is what it was: the first rows of all of them, shuffled."""
    taken = {}

    def fit_teacher(handle, config, training, *_, **__):
        taken["training"] = list(training)
        return types.SimpleNamespace(folder=tmp_path)

    def measure_teacher(teacher, rows, spec):
        taken["rows"] = rows
        return {}

    monkeypatch.setattr("pqrnn_tf.teachers.fit_teacher", fit_teacher)
    monkeypatch.setattr("pqrnn_tf.commands.teacher_card.measure_teacher", measure_teacher)
    call("finetune", phrases, "--rows", 10, "--output", tmp_path / "out", "--teacher", "t").json()
    mixture = load_mixture([phrases])
    shuffled = list(mixture.training)
    random.Random(1).shuffle(shuffled)
    assert taken["training"] == shuffled[:10]
    assert taken["rows"].training == [row for row in mixture.training if row in shuffled[:10]]
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert "10 training rows" in card


@pytest.mark.parametrize(
    "flags",
    [
        ["--transfer", "missing.txt"],
        ["--paraphrases", "missing.tsv"],
        ["--recipe", "four_stages", "--general", "missing.txt"],
        ["--temperature", "0"],
    ],
)
def test_a_teacher_was_fine_tuned_before_a_flag_was_found_wrong(
    call, folder, tmp_path, monkeypatch, flags
):
    monkeypatch.setattr("pqrnn_tf.teachers.fit_teacher", lambda *_, **__: pytest.fail("too late"))
    done = call("distill", folder, "--teacher", tmp_path, "--output", tmp_path / "out", *flags)
    assert done.code == 1 and ("missing" in done.err or "`temperature` must be" in done.err)
    assert not (tmp_path / "out").exists()


def test_pieces_of_texts_that_differ_in_casing_only_were_pruned(
    call, folder, tmp_path, monkeypatch
):
    texts = []

    def fit_teacher(*_, other_texts, **__):
        texts.extend(other_texts)
        raise ValueError("seen")

    monkeypatch.setattr("pqrnn_tf.teachers.fit_teacher", fit_teacher)
    path = tmp_path / "logs.txt"
    path.write_text("Wake me\nwake ME!\n" + 200 * "long " + "\n")
    line = ["finetune", folder, "--teacher", "t", "--prune", "--prune_text", path]
    assert "seen" in call(*line, "--output", tmp_path / "out").err
    assert texts == ["Wake me", "wake ME!", (200 * "long ").strip()]


def test_settings_of_a_training_in_steps_make_one_on_rows_of_intents_only(
    call, tmp_path, monkeypatch
):
    given = []

    def train(*_, with_passes, **__):
        given.append(with_passes)
        raise ValueError("enough")

    monkeypatch.setattr("pqrnn_tf.tasks.training.train", train)
    rows = tmp_path / "rows.csv"
    rows.write_text("text,intent\nwake me,alarm\nplay,music\n")
    config = tmp_path / "config.json"
    config.write_text('{"batch_size": 4}')
    for settings in ([], ["--set", "learning_rate=0.001"], ["--config", str(config)]):
        call("train", str(rows), "--output", str(tmp_path / "o"), "--start", "none", *settings)
    assert given == [False, True, True]
