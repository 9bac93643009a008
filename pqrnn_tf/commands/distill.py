"""Distils a BERT teacher into a joint intent and slot model.

The teacher is a BERT encoder in TF-Hub's format: a handle such as
https://tfhub.dev/tensorflow/bert_multi_cased_L-12_H-768_A-12/4 or a folder. A folder with config.json,
model.safetensors and vocab.txt is converted into OUTPUT/bert. It is fine-tuned on the training rows first and kept in
OUTPUT/teacher, unless it is there already, or --fine_tuned names one that `pqrnn finetune` has made; several answer
as an ensemble. Then it answers the student's text once (OUTPUT/answers): copies of the training rows with other slot
values, and the --transfer text, which needs no labels. The student is trained on these answers and on this text,
written again in each pass as people write, with typing errors. A killed run, started again with the same flags,
resumes where it was. OUTPUT gets what `pqrnn train` leaves too.

    pqrnn distill mtop --language en --teacher bert_folder --transfer logs.txt --output runs/distilled
    pqrnn distill mtop --language en --transformer layers=4,width=312,heads=12,inner=1200 \\
        --fine_tuned runs/minilm/teacher --output runs/tinybert
    pqrnn parse --model runs/distilled "wake me at 7"
"""

from __future__ import annotations

import json
import logging
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pqrnn_tf.commands import config_flags, data_flags, finished_run, keras_model, teacher_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least, share
from pqrnn_tf.commands.running import log_to_stderr, without_native_messages
from pqrnn_tf.distillation.defaults import INHERITANCE_SHARE, STUDENT_LOSS_WEIGHT, TEMPERATURE
from pqrnn_tf.teachers.bert.defaults import BATCH_SIZE, EPOCHS, RATE_BY_WIDTH

if TYPE_CHECKING:
    from pqrnn_tf.datasets import Mixture
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.teachers.bert.layered import LayeredBert

_LOG = logging.getLogger(__name__)

RECIPES = {
    "labels_only": "no teacher: what a distillation is compared with",
    "task_specific": "soft and hard labels in one stage",
    "sequential": "hidden states, then logits, then labels",
    "four_stages": "general text first, then that of the task",
}
"""Names of the recipes and what they do; `pqrnn_tf.distillation.recipes` builds them."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    parser.section("teacher")
    teacher_flags.add_bert(parser)
    parser.flag("teacher_epochs", "Epochs of its fine-tuning.", type=at_least(1), default=EPOCHS)
    parser.flag(
        "teacher_learning_rate",
        "Peak learning rate of its fine-tuning.",
        type=float,
        shown=RATE_BY_WIDTH,
    )
    parser.flag(
        "fine_tuned",
        "Folder of a teacher that is fine-tuned on this task already, by `pqrnn finetune` or `pqrnn train`. Several "
        "answer as one, by the mean of their logits.",
        repeat=True,
        metavar="FOLDER",
    )
    parser.flag(
        "teacher_weight",
        "Weight of each --fine_tuned, in their order; all alike if not given.",
        type=float,
        repeat=True,
    )
    teacher_flags.add_modules(parser)
    teacher_flags.add_streamed(parser)
    parser.flag(
        "answers",
        "Folder for the teacher's answers; students that are trained on the same text can share it.",
        shown="OUTPUT/answers",
        metavar="FOLDER",
    )
    parser.flag(
        "workers",
        "Processes that run the teacher over the text; 0: this one, with all its threads.",
        type=at_least(0),
        default=0,
    )
    parser.section("text that the teacher answers")
    parser.flag(
        "copies",
        "Copies of the training rows with other slot values.",
        type=at_least(0),
        default=4,
    )
    parser.flag(
        "transfer",
        "File or folder of text without labels (.txt, .tsv, .jsonl).",
        repeat=True,
        metavar="PATH",
    )
    parser.flag("transfer_limit", "At most so many lines of --transfer.", type=at_least(1))
    parser.flag(
        "masked",
        "Probability that a word is replaced by one the teacher's BERT finds fitting.",
        type=share,
        default=0.0,
    )
    parser.flag(
        "paraphrases", "File of paraphrases: original<TAB>paraphrase a line.", metavar="FILE"
    )
    parser.flag(
        "general",
        "File or folder of general text, for the recipe four_stages and for --transformer.",
        repeat=True,
        metavar="PATH",
    )
    parser.flag("general_limit", "At most so many lines of --general.", type=at_least(1))
    parser.section("stages")
    told = "; ".join(f"{name}: {what}" for name, what in RECIPES.items())
    parser.flag(
        "recipe",
        f"Stages of the distillation; docs/distillation.md compares them. {told}.",
        choices=list(RECIPES),
        default="task_specific",
    )
    teacher_flags.add_domains(
        parser,
        "Meta-KD: the losses weigh each row by how typical it is of its domain and of the others, and by how much the "
        "teacher gets right in it; a teacher that is fine-tuned here is a meta-teacher (docs/distillation.md).",
    )
    parser.switch("unfreeze", "Thaw the student gradually in later stages; needs --steps.")
    parser.switch("latent", "Let the recipe task_specific compare hidden states too.")
    parser.flag("temperature", "Temperature of the soft labels.", type=float, default=TEMPERATURE)
    parser.flag(
        "student_loss_weight",
        "Share of the hard labels in the loss.",
        type=share,
        default=STUDENT_LOSS_WEIGHT,
    )
    parser.flag(
        "regularisation",
        "Factor from 0 to 1 on the configuration's dropout and zoneout where a teacher teaches.",
        type=share,
        shown="a small one with transfer text (docs/distillation.md), 1 without",
    )
    parser.flag(
        "steps",
        "Optimizer steps of all stages together.",
        type=at_least(1),
        shown="the configuration's epochs",
    )
    parser.flag(
        "start",
        "A student whose training resumes: model.keras of `pqrnn train` with the same --config, or its folder; new "
        "weights if not given.",
        metavar="MODEL",
    )
    config_flags.add_config(parser, "learning_rate=0.001 or spec.max_tokens=48")
    config_flags.add_growth(parser)
    parser.flag(
        "growth",
        "A part of the training in which the student is smaller than --config says: its share of --steps and sizes, "
        "such as share=0.4,units=32,bottleneck_units=64,layers=1; several follow one another. max_tokens, with the "
        "recipe labels_only, leaves longer texts' ends out.",
        repeat=True,
        metavar="SHARE,SIZES",
    )
    parser.section("Transformer student")
    parser.flag(
        "transformer",
        "Distil a BERT into a smaller Transformer instead, as TinyBERT does, and name its sizes: "
        "layers=4,width=312,heads=12,inner=1200. First what is inside of it is compared with its teachers, then its "
        "outputs. Its tokenizer is not in model.tflite (docs/tinybert.md).",
        metavar="SIZES",
    )
    parser.flag(
        "layer_map",
        "Layers of the teacher, from 1, that the student's layers are compared with, such as 2,3,5,6.",
        shown="evenly spread, the last with the last",
        metavar="NUMBERS",
    )
    parser.section("inheritance")
    parser.flag(
        "inherit",
        "A smaller model of the same labels that teaches this one at the beginning, in the place of a teacher and its "
        "recipe: a preset, or model.keras of a training, or its folder (docs/growth.md).",
        metavar="MODEL",
    )
    parser.flag(
        "inherit_share",
        "Share of all steps in which the weight of --inherit falls to 0.",
        type=share,
        default=INHERITANCE_SHARE,
    )
    finished_run.add_export(parser)
    config_flags.add_run(
        parser, "Folder for the student, its log and its checkpoints, and for the teacher."
    )
    config_flags.add_scoring(parser)


_OF_ONE_BERT = ("teacher_weight", "module", "streamed")
"""Flags of teachers that are no BERT by themselves, or not looked into."""
_OF_PQRNN = (
    *("recipe", "unfreeze", "latent", "student_loss_weight", "regularisation", "start", "grow_from"),
    *("domains", "growth", "depth", "inherit", "inherit_share", "reject_at", "outside_text", "licence"),
)  # fmt: skip
"""Flags that only a student without attention has."""
_OF_TEACHERS = (
    *("teacher", "teacher_epochs", "teacher_learning_rate", "fine_tuned", "teacher_weight", "module"),
    *("streamed", "answers", "workers", "copies", "transfer", "transfer_limit", "masked", "paraphrases"),
    *("temperature", "student_loss_weight", "unfreeze", "latent", "domains"),
)  # fmt: skip
"""Flags that only a distillation of a teacher's answers has."""


def read_numbers(flag: str, texts: Sequence[str]) -> list[dict[str, float]]:
    """What a flag names: of each text the numbers by name.

    Raises:
        UsageError: if a text is not NAME=NUMBER,NAME=NUMBER.
    """
    parts = []
    for text in texts:
        part: dict[str, float] = {}
        for assignment in text.split(","):
            name, equals, value = assignment.partition("=")
            try:
                number = json.loads(value) if equals else None
            except ValueError:
                number = None
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise UsageError(f"--{flag} must be NAME=NUMBER,NAME=NUMBER, not {text}")
            part[name.strip()] = number
        parts.append(part)
    return parts


def check(arguments: Arguments) -> None:
    """Refuses flags that the recipe or the teacher has no use for.

    Raises:
        UsageError: if there is one, or one is missing.
    """
    data_flags.check_training_data(arguments)
    finished_run.check_rejection(arguments)
    config_flags.refuse_settings(
        arguments, "a distilled student has no such head", unread=config_flags.FIELDS_OF_BAG_HEADS
    )
    if arguments.steps is not None:
        config_flags.refuse_settings(arguments, "--steps says how long", unread=("epochs",))
    recipe = arguments.recipe
    if arguments.transformer is not None:
        _check_transformer(arguments)
        return
    arguments.refuse(["layer_map"], "it belongs to --transformer")
    if arguments.inherit is not None:
        others = ("recipe", "regularisation", "general", "general_limit", "start", "grow_from")
        arguments.refuse(
            [*_OF_TEACHERS, *others, "growth", "depth"], "--inherit names what teaches"
        )
        return
    arguments.refuse(["inherit_share"], "it belongs to --inherit")
    if arguments.start is not None:
        arguments.refuse(
            ["grow_from", "growth"], "--start names the student, of the size of --config"
        )
    if arguments.grow_from is None and not arguments.growth:
        arguments.refuse(["depth"], "it belongs to --grow_from and --growth")
    if arguments.growth and arguments.steps is None:
        raise UsageError("--growth needs --steps")
    if recipe != "labels_only" and any(
        "max_tokens" in p for p in read_numbers("growth", arguments.growth)
    ):
        raise UsageError("--growth has no max_tokens with a teacher, whose answers are stored")
    if recipe == "labels_only":
        arguments.refuse(_OF_TEACHERS, "the recipe labels_only has no teacher")
    if recipe == "sequential":
        arguments.refuse(
            ["student_loss_weight"], "the recipe sequential has a stage of its own for hard labels"
        )
    if recipe != "task_specific":
        arguments.refuse(["latent"], f"the recipe {recipe} decides itself, task_specific does not")
    else:
        arguments.refuse(["unfreeze"], "the recipe task_specific has one stage, and thaws nothing")
    if recipe != "four_stages":
        arguments.refuse(["general", "general_limit"], "it belongs to the recipe four_stages")
    elif not arguments.general:
        raise UsageError("the recipe four_stages needs --general")
    if arguments.unfreeze and arguments.steps is None:
        raise UsageError("--unfreeze needs --steps")
    if not arguments.transfer:
        arguments.refuse(["transfer_limit"], "it belongs to --transfer")
    if arguments.fine_tuned:
        arguments.refuse(
            ["teacher_epochs", "teacher_learning_rate"],
            "--fine_tuned names a teacher that is fine-tuned already",
        )
        if recipe != "four_stages" and not arguments.masked:
            arguments.refuse(
                ["teacher"],
                "--fine_tuned names the teacher; a BERT beside it serves --masked and the recipe four_stages",
            )
    else:
        arguments.refuse(["module", "streamed"], "it belongs to --fine_tuned")
    if len(arguments.fine_tuned) > 1:
        arguments.refuse(["streamed"], "a teacher of several is not streamed")
    if len(arguments.fine_tuned) < 2:
        arguments.refuse(["teacher_weight"], "it needs --fine_tuned more than once")
    elif arguments.teacher_weight and len(arguments.teacher_weight) != len(arguments.fine_tuned):
        raise UsageError(
            f"--teacher_weight must be given for each --fine_tuned: {len(arguments.fine_tuned)} times, not "
            f"{len(arguments.teacher_weight)}"
        )


def _check_transformer(arguments: Arguments) -> None:
    arguments.refuse(_OF_PQRNN, "--transformer names a student of another kind")
    arguments.refuse(_OF_ONE_BERT, "a Transformer is compared with what is inside of one BERT")
    read = (*config_flags.FIELDS_OF_BERTS, "batch_size", "epochs", "slot_weight")
    config_flags.refuse_settings(
        arguments, f"of a configuration --transformer reads {', '.join(read)}", read=read
    )
    if len(arguments.fine_tuned) > 1:
        raise UsageError("--transformer needs one teacher, not several --fine_tuned")
    read_numbers("transformer", [arguments.transformer])
    _layer_map(arguments.layer_map)
    if arguments.quantization == "int8":
        raise UsageError("--quantization of a --transformer is int8_weights or none")
    if arguments.fine_tuned:
        arguments.refuse(
            ["teacher_epochs", "teacher_learning_rate"],
            "--fine_tuned names a teacher that is fine-tuned already",
        )
        if arguments.general and arguments.teacher is None:
            raise UsageError("--general needs --teacher, the BERT that --fine_tuned was made from")
        if not arguments.general and not arguments.masked:
            arguments.refuse(
                ["teacher"],
                "--fine_tuned names the teacher; a BERT beside it serves --masked and --general",
            )
    for flag, owner in (("general_limit", "general"), ("transfer_limit", "transfer")):
        if not getattr(arguments, owner):
            arguments.refuse([flag], f"it belongs to --{owner}")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    check(arguments)
    log_to_stderr()
    data_flags.check_places(arguments)
    config = config_flags.read_configuration(arguments)
    from pqrnn_tf.distillation.stages import check_no_entities

    start = (
        None
        if arguments.start is None
        else keras_model.load_keras(keras_model.parser_file(arguments.start))
    )
    grow_from = None
    if arguments.grow_from is not None:
        grow_from = keras_model.load_student(arguments.grow_from)
    check_no_entities(config, start, grow_from)  # before a teacher works for it
    growth = read_numbers("growth", arguments.growth)
    rows = data_flags.read_training_data(arguments)
    finished_run.check_rows_of_rejection(arguments, rows)
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.datasets import StudentText, read_paraphrases, read_transfer_text, text_files
    from pqrnn_tf.distillation import (
        TransformerSizes,
        build_recipe,
        distill_transformer,
        tinybert,
        with_growth,
        with_row_weights,
    )
    from pqrnn_tf.distillation.recipes import FINE_TUNED, PRETRAINED, TASK, TRANSFER
    from pqrnn_tf.distillation.training import distill_with_text
    from pqrnn_tf.distillation.transformer import check_student
    from pqrnn_tf.tasks.growth import GrowthStage
    from pqrnn_tf.tasks.label_collection import collect_labels
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import (
        DEFAULT_HANDLE,
        MaskedWordReplacer,
        SavedTeacher,
        check_same_labels,
        fit_teacher,
        save_ensemble,
    )
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle
    from pqrnn_tf.teachers.bert.tfhub_bert import local_folder

    if arguments.inherit is not None:
        _inherit(arguments, config, rows)
        return
    if arguments.transformer is not None:
        sizes = TransformerSizes.from_dict(read_numbers("transformer", [arguments.transformer])[0])
    text = StudentText(
        substitution=config.substitution,
        code_switching=config.code_switching,
        copies=arguments.copies,
        masked=arguments.masked,
        paraphrases=arguments.paraphrases,
        transfer=tuple(arguments.transfer),
        transfer_limit=arguments.transfer_limit,
        seed=config.seed,
    )
    transfer = bool(text.transfer or text.masked or text.paraphrases)
    stages = build_recipe(
        arguments.recipe,
        layers=config.parts - 1,
        transfer=transfer,
        temperature=arguments.temperature,
        student_loss_weight=arguments.student_loss_weight,
        latent=arguments.latent,
        unfreeze=arguments.unfreeze,
        regularisation=arguments.regularisation,
        steps=arguments.steps,
    )
    if arguments.transformer is not None:
        stages = tinybert(
            data=(TASK, TRANSFER) if transfer else (TASK,),
            general=bool(arguments.general),
            temperature=arguments.temperature,
            steps=arguments.steps,
        )
    if arguments.domains is not None:
        stages = with_row_weights(stages)
    if growth:
        stages = with_growth(stages, [GrowthStage.from_dict(part) for part in growth])
    # What cannot be read is said now, not when a teacher is fine-tuned.
    if texts := [*arguments.transfer, *arguments.general]:
        text_files(texts)
    if arguments.paraphrases is not None:
        read_paraphrases(arguments.paraphrases, rows.training)
    output = pathlib.Path(arguments.output)
    scores = {}
    teachers = {}
    handle = None
    if any(stage.teacher for stage in stages):
        handle = tfhub_handle(arguments.teacher or DEFAULT_HANDLE, output / "bert")
        if text.masked:
            MaskedWordReplacer(handle)
        teacher_folder = output / "teacher"
        if len(arguments.fine_tuned) > 1:
            save_ensemble(
                arguments.fine_tuned, teacher_folder, weights=arguments.teacher_weight or None
            )
        elif arguments.fine_tuned:
            teacher_folder = pathlib.Path(arguments.fine_tuned[0])
        if any(stage.teacher == PRETRAINED for stage in stages):
            teachers[PRETRAINED] = local_folder(handle)
        if arguments.fine_tuned:
            teacher = SavedTeacher(
                teacher_folder, modules=arguments.module, streamed=arguments.streamed
            )
            check_same_labels(teacher.labels, collect_labels(rows.training))
        else:
            if arguments.transformer is not None:
                check_student(sizes, local_folder(handle), _layer_map(arguments.layer_map))
            teacher = fit_teacher(
                handle,
                config,
                rows.training,
                rows.development,
                teacher_folder,
                epochs=arguments.teacher_epochs,
                learning_rate=arguments.teacher_learning_rate,
                batch_size=BATCH_SIZE,
                domains=arguments.domains,
                callbacks=progress_callbacks(
                    "fine-tuning the teacher",
                    min(BATCH_SIZE, len(rows.training)),
                    arguments.verbose,
                ),
                verbose=config_flags.verbosity_of_keras(arguments),
            )
        teachers[FINE_TUNED] = teacher
        if rows.development:
            _LOG.info("the teacher answers %d development rows", len(rows.development))
            scores["teacher"] = score_model(teacher, rows.development, spec=config.spec).to_dict()
    general = (
        read_transfer_text(
            arguments.general,
            limit=arguments.general_limit,
            seed=config.seed,
            exclude=rows.development,
            report=_LOG.info,
        )
        if arguments.general
        else ()
    )
    replacer = MaskedWordReplacer(handle) if text.masked else None
    if arguments.transformer is not None:
        transformer = distill_transformer(
            config,
            stages,
            teachers,
            rows.training,
            rows.development,
            output,
            sizes=sizes,
            chosen_layers=_layer_map(arguments.layer_map),
            text=text,
            replacer=replacer,
            general=general,
            answers_folder=arguments.answers,
            workers=arguments.workers,
            evaluate_every=arguments.evaluate_every,
            callbacks=progress_callbacks("distilling", config.batch_size, arguments.verbose),
            verbose=config_flags.verbosity_of_keras(arguments),
        )
        _finish_transformer(transformer, output, rows, config, arguments, scores)
        return
    student = distill_with_text(
        config,
        stages,
        teachers,
        rows.training,
        rows.development,
        output,
        text=text,
        general=general,
        replacer=replacer,
        answers_folder=arguments.answers,
        domains=arguments.domains,
        start=start,
        grow_from=grow_from,
        depth=arguments.depth,
        workers=arguments.workers,
        modules=arguments.module,
        evaluate_every=arguments.evaluate_every,
        callbacks=progress_callbacks("distilling", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    if rows.development:
        scores["student"] = score_model(student, rows.development).to_dict()
    finished = finished_run.finish_run(student, output, rows, arguments, others=scores)
    finished.tell({**scores, "tflite": finished.scores})


def _layer_map(text: str | None) -> list[int]:
    if text is None:
        return []
    numbers = text.split(",")
    if not all(number.strip().isdecimal() for number in numbers):
        raise UsageError(f"--layer_map must be whole numbers with commas between them, not {text}")
    return [int(number) for number in numbers]


def _finish_transformer(
    student: LayeredBert,
    folder: pathlib.Path,
    rows: Mixture,
    config: TrainingConfig,
    arguments: Arguments,
    others: dict[str, dict[str, float]],
) -> None:
    """Exports a Transformer, scores the file, and writes scores and card."""
    from pqrnn_tf.commands.teacher_card import write_student_card
    from pqrnn_tf.runtime.presets import FILE
    from tflite_export import TransformerFile, convert_transformer

    with without_native_messages():
        size = len(
            convert_transformer(student, path=folder / FILE, quantization=arguments.quantization)
        )
        scores = {}
        if rows.development:
            scores = (
                TransformerFile(folder / FILE, student)
                .score(rows.development, spec=config.spec)
                .to_dict()
            )
    write_student_card(
        folder,
        {**({FILE: scores} if scores else {}), **others},
        data=[*map(str, rows.sources), *rows.notes, str(rows)],
        size=size,
        call=arguments.call,
    )
    print(json.dumps({**others, "tflite": scores, "bytes": size}))


def _inherit(arguments: Arguments, config: TrainingConfig, rows: Mixture) -> None:
    """Trains a student that a smaller one teaches at the beginning."""
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.distillation import inherit
    from pqrnn_tf.tasks.parsing import score_model

    small = keras_model.load_student(arguments.inherit)
    output = pathlib.Path(arguments.output)
    student = inherit(
        config,
        small,
        rows.training,
        rows.development,
        output,
        share=arguments.inherit_share,
        steps=arguments.steps,
        evaluate_every=arguments.evaluate_every,
        callbacks=progress_callbacks("distilling", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    scores = {}
    if rows.development:
        for name, model in (("teacher", small), ("student", student)):
            scores[name] = score_model(model, rows.development).to_dict()
    finished = finished_run.finish_run(student, output, rows, arguments, others=scores)
    finished.tell({**scores, "tflite": finished.scores})
