"""A Transformer as the student of a BERT: first what is inside of both is compared, then their outputs.

TinyBERT (Jiao et al. 2020, arXiv 1909.10351). The student is a BERT itself, with the heads and the tokenizer of the
teacher; the recipe is `recipes.tinybert`.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.making.student_text import StudentText, WordReplacer
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.defaults import TRANSFORMER_RATES
from pqrnn_tf.distillation.distances import (
    attention_distance,
    check_heads,
    hidden_distance,
    soft_label_distance,
)
from pqrnn_tf.distillation.pretraining import NO_LABELS
from pqrnn_tf.distillation.recipes import FINE_TUNED, PRETRAINED, Stage, tinybert
from pqrnn_tf.distillation.stages import stage_folders, write_whole_log
from pqrnn_tf.distillation.training import label_for_stages, text_for_stages
from pqrnn_tf.files import atomic_file, claimed_folder, file_digest, folder_digest, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.parsing import inference, score_model
from pqrnn_tf.tasks.training_data import ExampleData, TrainingData
from pqrnn_tf.teachers.answers.cached import PREFIX, CachedTeacher
from pqrnn_tf.teachers.answers.shards import MixedText
from pqrnn_tf.teachers.bert.build import build_bert
from pqrnn_tf.teachers.bert.finetune import TEXT_SIGNATURE, Losses, TeacherModel, adamw
from pqrnn_tf.teachers.bert.layered import LayeredBert, same_tokenizer
from pqrnn_tf.teachers.bert.optimizer import is_head
from pqrnn_tf.teachers.saved import SavedTeacher, load_layered

_LOG = logging.getLogger(__name__)

STUDENT = "student"
"""Folder of the finished student inside of that of the training."""
UNTRAINED = "untrained"
"""Folder there of the BERT that it begins as."""
WARMUP = 0.1
"""Share of the steps of a stage in which its learning rate rises."""
WEIGHT_DECAY = 0.01
"""Decoupled weight decay."""

_MAPS = "maps.npz"

EMBEDDINGS = {
    "teacher": "the teacher's, in the directions in which its words differ most",
    "random": "drawn by the seed, as the paper's are",
}
"""What a student's embeddings begin as."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TransformerSizes:
    """Sizes of a Transformer student; without arguments, those of TinyBERT-4.

    Attributes:
        layers: Transformer layers.
        width: Width of the states; at most that of the teacher.
        heads: Attention heads of a layer; they divide `width` and the number of the teacher's heads.
        inner: Width of the feed-forward layers.

    Raises:
        ValueError: if a size is no positive whole number, or `heads` does not divide `width`.
    """

    layers: int = 4
    width: int = 312
    heads: int = 12
    inner: int = 1200

    def __post_init__(self) -> None:
        for name, size in vars(self).items():
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise ValueError(f"`{name}` must be a positive whole number. Received: {size!r}.")
        if self.width % self.heads:
            raise ValueError(
                f"`heads` must divide `width`. Received: heads={self.heads}, width={self.width}. Choose a multiple."
            )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TransformerSizes:
        """Sizes by name; those that are missing are TinyBERT-4's.

        Raises:
            ValueError: if there is no such size, or one is not valid.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        if foreign := sorted(set(values) - set(known)):
            raise ValueError(f"A Transformer has the sizes {known}. Received: {foreign}.")
        return cls(**values)


def layer_map(layers: int, teacher_layers: int, chosen: Sequence[int] = ()) -> tuple[int, ...]:
    """Which layer of the teacher each layer of the student is compared with, from 1.

    The paper's g(m) = 3 · m for 12 layers and 4, as a rule for any two numbers: m · teacher_layers / layers, a half
    rounded up, so that the last layer meets the last one (Jiao et al. 2020, section 3.1).

    Args:
        layers: Layers of the student.
        teacher_layers: Layers of the teacher.
        chosen: A map of one's own; empty for the rule.

    Raises:
        ValueError: if the student has more layers than the teacher, or `chosen` does not fit.
    """
    if not 1 <= layers <= teacher_layers:
        raise ValueError(
            f"`layers` must be from 1 to {teacher_layers}, the teacher's layers. Received: {layers}."
        )
    if not chosen:
        return tuple(
            (2 * number * teacher_layers + layers) // (2 * layers)
            for number in range(1, layers + 1)
        )
    ascending = list(chosen) == sorted(set(chosen))
    if len(chosen) != layers or not ascending or not 1 <= chosen[0] <= chosen[-1] <= teacher_layers:
        raise ValueError(
            f"`layer_map` must have {layers} ascending numbers from 1 to {teacher_layers}, a layer of the teacher for "
            f"each of the student's. Received: {tuple(chosen)}."
        )
    return tuple(chosen)


@dataclasses.dataclass(frozen=True)
class Maps:
    """What turns the student's states into the teacher's width; trained along, and no part of the student.

    Attributes:
        embedding: `(width, teacher's width)`, of the embeddings.
        hidden: `(width, teacher's width)`, of all layers.
    """

    embedding: tf.Variable
    hidden: tf.Variable

    @classmethod
    def of(cls, values: np.ndarray) -> Maps:
        """Both maps begin with the same values."""
        return cls(
            *(tf.Variable(values, name=f"{name}_map/kernel") for name in ("embedding", "hidden"))
        )

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """Both."""
        return self.embedding, self.hidden

    def save(self, folder: pathlib.Path) -> None:
        """Writes `maps.npz`, for another training that starts from the student."""
        with atomic_file(folder / _MAPS) as file:
            np.savez(file, embedding=self.embedding.numpy(), hidden=self.hidden.numpy())

    @classmethod
    def load(cls, folder: pathlib.Path) -> Maps:
        """Reads what `save` wrote."""
        with np.load(folder / _MAPS, allow_pickle=False) as arrays:
            return cls(
                *(
                    tf.Variable(arrays[name], name=f"{name}_map/kernel")
                    for name in ("embedding", "hidden")
                )
            )


def check_teacher(sizes: TransformerSizes, teacher: LayeredBert, other: LayeredBert) -> None:
    """Raises `ValueError` unless a student of these sizes can be compared with a teacher.

    Args:
        sizes: Sizes of the student.
        teacher: The teacher.
        other: The BERT whose vocabulary the student has.
    """
    if sizes.width > teacher.width:
        raise ValueError(
            f"`width` must be at most {teacher.width}, the teacher's. Received: {sizes.width}."
        )
    check_heads(teacher.sizes.heads, sizes.heads)
    if not same_tokenizer(teacher, other):
        raise ValueError(
            "Teachers must cut texts into the same pieces. Received: "
            f"{len(teacher.vocabulary)} pieces of {teacher.handle!r} (lower case: {teacher.lower_case}) and "
            f"{len(other.vocabulary)} of {other.handle!r} (lower case: {other.lower_case}). Use a pretrained BERT with "
            "the vocabulary of the fine-tuned one, such as the one that it was made from."
        )


def check_student(
    sizes: TransformerSizes, bert: str | os.PathLike[str], chosen_layers: Sequence[int] = ()
) -> None:
    """Raises `ValueError` unless a student can be compared with a BERT, which may still have to be fine-tuned for long.

    Args:
        sizes: Sizes of the student.
        bert: Folder of the BERT.
        chosen_layers: As `chosen` in `layer_map`.
    """
    teacher = load_layered(bert)
    check_teacher(sizes, teacher, teacher)
    layer_map(sizes.layers, teacher.layers, chosen_layers)


def inside_losses(
    student: LayeredBert, teacher: LayeredBert, layers: Sequence[int], maps: Maps
) -> Losses:
    """The losses on what is inside of two BERTs: equations 7, 8, 9 and 11 of the paper, all weights 1.

    Args:
        student: The student.
        teacher: The teacher, with the same tokenizer and heads that can be compared.
        layers: What `layer_map` gives.
        maps: Maps to the teacher's width.

    Returns:
        From a batch with texts to the whole loss and its parts: of embeddings, of the layers' states, of the layers'
        attention scores.
    """
    own = range(1, student.layers + 1)

    def losses(inputs: Mapping[str, Any], targets: Mapping[str, Any]) -> list[tf.Tensor]:
        del targets
        with tf.device("CPU"):
            pieces, _ = student.tokenizer(inputs["text"])
        mask = tf.cast(pieces["input_mask"], tf.bool)
        theirs, ours = teacher.inner(pieces, layers), student.inner(pieces, own)

        def apart(state: int, other: int, kernel: tf.Variable) -> tf.Tensor:
            mapped = tf.einsum("btw,wv->btv", ours.states[state], kernel)
            return hidden_distance(theirs.states[other], mapped, mask=mask)

        embedding = apart(0, 0, maps.embedding)
        pairs = list(zip(own, layers, strict=True))
        hidden = tf.add_n([apart(*pair, maps.hidden) for pair in pairs])
        attention = tf.add_n(
            [
                attention_distance(theirs.scores[other], ours.scores[number], mask=mask)
                for number, other in pairs
            ]
        )
        return [embedding + hidden + attention, embedding, hidden, attention]

    return losses


def output_losses(
    student: LayeredBert, teacher: Any, *, temperature: float, slot_weight: float
) -> Losses:
    """The losses on outputs: soft labels of the intent, and of the slots.

    The paper's soft cross-entropy (equation 10) and the divergence here have the same gradient.

    Args:
        student: The student.
        teacher: A `Teacher`, such as a `CachedTeacher`.
        temperature: Temperature of the soft labels.
        slot_weight: Weight of the slots beside the intent.

    Returns:
        From a batch to the whole loss and its parts: of the intent, of the slots.
    """

    def losses(inputs: Mapping[str, Any], targets: Mapping[str, Any]) -> list[tf.Tensor]:
        del targets
        theirs, ours = teacher(inputs, training=False), student(inputs, training=True)
        intent = soft_label_distance(theirs["intent"], ours["intent"], temperature=temperature)
        slots = soft_label_distance(
            theirs["slots"],
            ours["slots"],
            temperature=temperature,
            mask=theirs["mask"] & ours["mask"],
        )
        return [intent + slot_weight * slots, intent, slots]

    return losses


def new_student(
    folder: str | os.PathLike[str],
    teacher: LayeredBert,
    sizes: TransformerSizes,
    *,
    embeddings: str = "teacher",
    seed: int = 0,
) -> tuple[LayeredBert, Maps]:
    """A student that knows nothing yet but, perhaps, the teacher's embeddings.

    Args:
        folder: Where its BERT is kept; what is there is replaced.
        teacher: The fine-tuned teacher, whose vocabulary, labels and longest input it has too.
        sizes: Its sizes.
        embeddings: One of `EMBEDDINGS`.
        seed: Seed of its weights.

    Raises:
        ValueError: if the sizes do not fit the teacher, or it has sentence pieces.
    """
    if embeddings not in EMBEDDINGS:
        raise ValueError(
            f"`embeddings` must be one of {list(EMBEDDINGS)}. Received: {embeddings!r}."
        )
    check_teacher(sizes, teacher, teacher)
    build_bert(
        folder,
        teacher.vocabulary,
        hidden_size=sizes.width,
        layers=sizes.layers,
        heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_positions=teacher.max_word_pieces,
        lower_case=teacher.lower_case,
        overwrite=True,
        seed=seed,
    )
    student = LayeredBert(
        folder, labels=teacher.labels, max_word_pieces=teacher.max_word_pieces, seed=seed
    )
    if embeddings == "teacher":
        return student, Maps.of(student.begin_with_embeddings_of(teacher))
    shape, deviation = (sizes.width, teacher.width), sizes.width**-0.5
    values = tf.random.stateless_truncated_normal(shape, seed=(seed, 2), stddev=deviation)
    return student, Maps.of(values.numpy())


def started_student(
    start: str | os.PathLike[str], teacher: LayeredBert, sizes: TransformerSizes
) -> tuple[LayeredBert, Maps]:
    """The student that a former training ended with, with new heads, and its maps.

    Args:
        start: Folder of a training by `distill_generally` or `distill_transformer`.
        teacher: The teacher from now on.
        sizes: Sizes that the student must have.

    Raises:
        FileNotFoundError: if the folder holds no such training.
        ValueError: if the student has other sizes, or another tokenizer than the teacher.
    """
    folder = pathlib.Path(start)
    encoder = folder / STUDENT / "encoder"
    if not encoder.is_dir() or not (folder / _MAPS).is_file():
        raise FileNotFoundError(
            f"`start` must be the folder of a finished training of a Transformer student. Received: {str(folder)!r}, "
            f"which has no {STUDENT}/encoder or no {_MAPS}."
        )
    student = LayeredBert(
        encoder,
        labels=teacher.labels,
        max_word_pieces=teacher.max_word_pieces,
        seed=teacher.seed,
    )
    own = student.sizes
    received = TransformerSizes(
        layers=own.layers, width=own.width, heads=own.heads, inner=own.inner
    )
    if received != sizes:
        raise ValueError(f"`start` must have the sizes {sizes}. Received: {received}.")
    check_teacher(sizes, teacher, student)
    return student, Maps.load(folder)


def distill_generally(
    config: TrainingConfig,
    bert: str | os.PathLike[str],
    general: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    sizes: TransformerSizes | None = None,
    chosen_layers: Sequence[int] = (),
    embeddings: str = "teacher",
    steps: int | None = None,
    learning_rate: float = TRANSFORMER_RATES[0],
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> LayeredBert:
    """The general stage by itself: its student can be the start of many tasks (`start` of `distill_transformer`).

    Args:
        config: Its `spec`, batches, epochs and seed are used.
        bert: Folder of the pretrained BERT, in TF-Hub's format.
        general: Rows of general text.
        output: Folder for `student`, `maps.npz`, `training.json`, `log.jsonl` and `stages/`.
        sizes, chosen_layers, embeddings, callbacks, verbose: As in `distill_transformer`.
        steps: Optimizer steps; `None` for the configuration's epochs.
        learning_rate: Its peak.

    Returns:
        The student, without heads.

    Raises:
        ResumeError, ValueError: as in `distill_transformer`.
    """
    stage = dataclasses.replace(tinybert(learning_rates=(learning_rate, 1.0))[0], steps=steps)
    sizes = sizes or TransformerSizes()
    teacher = load_layered(bert)
    check_teacher(sizes, teacher, teacher)
    work = _Work(
        config=config,
        labels=NO_LABELS,
        stages=[stage],
        data=[ExampleData(general, with_text=True)],
        teachers={PRETRAINED: teacher},
        layers={PRETRAINED: layer_map(sizes.layers, teacher.layers, chosen_layers)},
        folder=pathlib.Path(output),
        identity={
            "sizes": vars(sizes),
            "embeddings": embeddings,
            "teachers": {PRETRAINED: folder_digest(bert)},
        },
    )

    def begin() -> tuple[LayeredBert, Maps]:
        return new_student(
            work.folder / UNTRAINED, teacher, sizes, embeddings=embeddings, seed=config.seed
        )

    return work.run(begin, callbacks=callbacks, verbose=verbose)


def distill_transformer(
    config: TrainingConfig,
    stages: Sequence[Stage],
    teachers: Mapping[str, SavedTeacher | str | os.PathLike[str]],
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    sizes: TransformerSizes | None = None,
    chosen_layers: Sequence[int] = (),
    embeddings: str = "teacher",
    start: str | os.PathLike[str] | None = None,
    text: StudentText | None = None,
    general: Sequence[Example] = (),
    replacer: WordReplacer | None = None,
    answers_folder: str | os.PathLike[str] | None = None,
    workers: int = 0,
    evaluate_every: int = 5,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> LayeredBert:
    """Distils a BERT into a smaller Transformer, stage by stage; a killed run resumes in the step where it was.

    Args:
        config: Its `spec` decides the tokens; batches, seed, weight of the slots, forms and errors of the text and
            epochs, where stages have no steps, are its too. Sizes and regularisation are those of another student.
        stages: The recipe, `recipes.tinybert`. A stage that compares no outputs (`output_weights` empty) compares
            what is inside.
        teachers: By the names that the stages use: the fine-tuned one, opened or as a folder, and the folder of the
            pretrained BERT where there is general text. Both are BERTs by themselves.
        examples: Training rows; the labels are theirs.
        development: Rows to score; they are kept out of the student's text.
        output: Folder for `student`, `maps.npz`, `labels.json`, `training.json`, `log.jsonl` and `stages/`.
        sizes: Its sizes; `None` for TinyBERT-4's.
        chosen_layers: As `chosen` in `layer_map`.
        embeddings: One of `EMBEDDINGS`: what its embeddings begin as.
        start: Folder of a former training, such as one by `distill_generally`, whose student this one begins as, in
            the place of a new one.
        text, replacer: As in `distill_with_text`. Copies with `masked` words are TinyBERT's augmentation.
        general: Rows of general text.
        answers_folder, workers: As in `distill_with_text`; only the fine-tuned teacher's outputs are stored.
        evaluate_every: Rounds between scores in the last stage, see `fit_resumable`.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The student, also saved in `student`, which `load_teacher` and `pqrnn_tf.teachers.SavedTeacher` read.

    Raises:
        FileNotFoundError: if `start` is no such folder.
        LabelError: if the fine-tuned teacher has other labels than the rows.
        ResumeError: if `output` holds another training.
        ValueError: if sizes or map do not fit the teacher, a teacher is no BERT by itself, the tokenizers differ, or a
            stage names data or a teacher that are not there.
    """
    sizes = sizes or TransformerSizes()
    folder = pathlib.Path(output)
    labels = collect_labels(examples, nested=False)
    sources = {
        name: pathlib.Path(of.folder if isinstance(of, SavedTeacher) else of)
        for name, of in teachers.items()
    }
    for stage in stages:
        if stage.teacher not in sources:
            raise ValueError(
                f"`teachers` must hold what the stages name. Received: {sorted(sources)}, without {stage.teacher!r} of "
                f"stage {stage.name!r}."
            )
    loaded = {
        name: load_layered(source, labels=labels if name == FINE_TUNED else None)
        for name, source in sources.items()
    }
    teacher = loaded[FINE_TUNED]
    if teacher.labels is None:
        raise ValueError(
            f"The {FINE_TUNED} teacher must have heads. Received: {str(sources[FINE_TUNED])!r}, a BERT without. "
            "Fine-tune it first (`pqrnn finetune`)."
        )
    for other in loaded.values():
        check_teacher(sizes, other, teacher)
    layers = {
        name: layer_map(sizes.layers, of.layers, chosen_layers) for name, of in loaded.items()
    }
    beginning: dict[str, Any] = {"embeddings": embeddings}
    started = None
    if start is not None:
        # Opened now, so that what does not fit is said before the teacher answers.
        started = started_student(start, teacher, sizes)
        source = pathlib.Path(start)
        beginning = {"start": [folder_digest(source / STUDENT), file_digest(source / _MAPS)]}

    def begin() -> tuple[LayeredBert, Maps]:
        return started or new_student(
            folder / UNTRAINED, teacher, sizes, embeddings=embeddings, seed=config.seed
        )

    work = _Work(
        config=config,
        labels=labels,
        stages=stages,
        data=_data_of(
            stages,
            {FINE_TUNED: SavedTeacher(sources[FINE_TUNED], teacher=teacher)},
            text_for_stages(examples, development, text, general, replacer),
            answers_folder or folder / "answers",
            config,
            workers,
        ),
        teachers=loaded,
        layers=layers,
        folder=folder,
        identity={
            "sizes": vars(sizes),
            **beginning,
            "teachers": {name: folder_digest(source) for name, source in sources.items()},
        },
    )
    return work.run(
        begin,
        development=development,
        evaluate_every=evaluate_every,
        callbacks=callbacks,
        verbose=verbose,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Work:
    """A training in stages, ready to begin or to resume.

    Attributes:
        config, stages: As in `distill_transformer`.
        labels: Labels of the batches.
        data: What each stage passes over.
        teachers: By the names that the stages use.
        layers: Maps of layers by the same names.
        folder: Folder of the training.
        identity: What decides the result beside all this.
    """

    config: TrainingConfig
    labels: LabelSet
    stages: Sequence[Stage]
    data: Sequence[TrainingData]
    teachers: Mapping[str, LayeredBert]
    layers: Mapping[str, tuple[int, ...]]
    folder: pathlib.Path
    identity: Mapping[str, Any]

    def run(
        self,
        begin: Callable[[], tuple[LayeredBert, Maps]],
        *,
        development: Sequence[Example] = (),
        evaluate_every: int = 1,
        callbacks: Sequence[keras.callbacks.Callback],
        verbose: int | str,
    ) -> LayeredBert:
        """Trains the student that `begin` makes, and saves it."""
        config = self.config
        own = ("batch_size", "epochs", "seed", "slot_weight", "surface", "distortion")
        identity = {
            **self.identity,
            "layer_map": {name: list(numbers) for name, numbers in self.layers.items()},
            "labels": self.labels.to_dict(),
            "spec": config.spec.to_dict(),
            "config": {
                **{name: getattr(config, name) for name in own},
                # Left out where there are none, so that the records of older trainings stay true.
                **({"surface_weights": config.surface_weights} if config.surface_weights else {}),
                **({"unspaced": config.unspaced} if config.unspaced else {}),
            },
            "stages": [
                {**stage.to_dict(), "rows": rows.fingerprint}
                for stage, rows in zip(self.stages, self.data, strict=True)
            ],
        }
        folders = stage_folders(self.folder, self.stages)
        with claimed_folder(
            self.folder, identity, begun=lambda: any(own.exists() for own in folders)
        ):
            student, maps = begin()
            forward = inference(student)

            def score() -> Mapping[str, float]:
                return score_model(
                    student, development, spec=config.spec, forward=forward
                ).to_dict()

            for stage, rows, place in zip(self.stages, self.data, folders, strict=True):
                _LOG.info("stage %s of %d", place.name, len(folders))
                epochs = stage.epochs or config.epochs
                rounds = engine.Rounds.of(rows, config.batch_size, epochs=epochs, steps=stage.steps)
                model = self._model(stage, student, maps)
                rate = stage.learning_rate or config.learning_rate
                model.compile(
                    optimizer=adamw(rate, rounds.total, WARMUP, WEIGHT_DECAY, by_rows=True),
                    jit_compile=False,
                )
                last = stage is self.stages[-1]
                engine.run(
                    model,
                    model,
                    rows,
                    rounds,
                    place,
                    identity={**identity, "stage": stage.name},
                    labels=self.labels,
                    spec=config.spec,
                    batch_size=config.batch_size,
                    seed=config.seed,
                    score=score if development and last else None,
                    evaluate_every=evaluate_every,
                    callbacks=callbacks,
                    verbose=verbose,
                )
            write_whole_log(self.folder, folders)
            write_json(self.folder / "labels.json", self.labels.to_dict())
            maps.save(self.folder)
            student.save(self.folder / STUDENT, overwrite=True)
        return student

    def _model(self, stage: Stage, student: LayeredBert, maps: Maps) -> TeacherModel:
        """The student with the losses of a stage."""
        teacher = self.teachers[str(stage.teacher)]
        if stage.output_weights != {}:
            losses = output_losses(
                student,
                CachedTeacher(teacher.labels),
                temperature=stage.temperature,
                slot_weight=self.config.slot_weight,
            )
            inputs = {**TEXT_SIGNATURE, **_answers_signature(self.labels)}
            return TeacherModel(student, losses=losses, inputs=inputs, by_rows=True)
        return TeacherModel(
            student,
            # The pooler and the heads are of outputs only.
            [v for v in student.trainable_variables if not is_head(v.name)],
            losses=inside_losses(student, teacher, self.layers[str(stage.teacher)], maps),
            names=("loss", "embedding_loss", "hidden_loss", "attention_loss"),
            extra=maps.variables,
            by_rows=True,
        )


def _data_of(
    stages: Sequence[Stage],
    teachers: Mapping[str, SavedTeacher],
    rows: Mapping[str, Sequence[Example]],
    folder: str | os.PathLike[str],
    config: TrainingConfig,
    workers: int,
) -> list[TrainingData]:
    """What each stage passes over: the fine-tuned teacher's answers to the task's text, or rows of general text."""
    answered = [stage for stage in stages if stage.output_weights != {}]
    answers = label_for_stages(answered, rows, teachers, folder, config=config, workers=workers)
    found: list[TrainingData] = []
    for stage in stages:
        names = [f"{name}/{stage.teacher}" for name in stage.data]
        stores = [answers[name].with_text() for name in names if name in answers]
        if len(stores) == len(names):
            found.append(stores[0] if len(stores) == 1 else MixedText(stores))
            continue
        if missing := [name for name in stage.data if not rows.get(name)]:
            raise ValueError(
                f"The data of the stages must be there. Received: none of {missing} for stage {stage.name!r}."
            )
        found.append(
            ExampleData([row for name in stage.data for row in rows[name]], with_text=True)
        )
    return found


def _answers_signature(labels: LabelSet) -> dict[str, tf.TensorSpec]:
    intents, tags = len(labels.intents), len(labels.tags)
    return {
        PREFIX + "intent": tf.TensorSpec((None, intents), tf.float16),
        PREFIX + "slots": tf.TensorSpec((None, None, tags), tf.float16),
        PREFIX + "mask": tf.TensorSpec((None, None), tf.bool),
    }
