"""Teachers in folders: a BERT, a Keras model, or several that answer as one."""

from __future__ import annotations

import functools
import importlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from pqrnn_tf.files import atomic_folder, check_claim, folder_digest, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.keras_files import load_keras_model, parser_labels
from pqrnn_tf.teachers.adaptor import Teacher, check_same_labels
from pqrnn_tf.teachers.bert.layered import LayeredBert
from pqrnn_tf.teachers.bert.prompts import PromptedTeacher, is_prompted
from pqrnn_tf.teachers.bert.tfhub_bert import SETTINGS_FILE, TFHubBertTeacher, read_settings
from pqrnn_tf.teachers.ensemble import EnsembleTeacher

_MODEL = "model.keras"
_ENSEMBLE = "ensemble.json"


def saved_labels(folder: str | os.PathLike[str]) -> LabelSet | None:
    """The labels of the teacher in a folder, read without loading it; `None` if it has no heads.

    Raises:
        FileNotFoundError: if `folder` holds no teacher of a kind that `load_teacher` knows.
        ValueError: if its `model.keras` is damaged or holds no parser with labels, or its `teacher.json` is damaged.
    """
    source = pathlib.Path(folder)
    if (source / _ENSEMBLE).is_file():
        return saved_labels(_members(source)[0])
    if (source / SETTINGS_FILE).is_file():
        values = read_settings(source)["labels"]
        return LabelSet.from_dict(values) if values is not None else None
    if (source / _MODEL).is_file():
        return parser_labels(source / _MODEL)
    if (source / "saved_model.pb").is_file():
        return None
    raise FileNotFoundError(
        "`folder` must hold a teacher made by `TFHubBertTeacher.save` or `save_ensemble`, a trained "
        f"{_MODEL!r}, or a BERT encoder in TF-Hub's format. Received: {str(source)!r}, which has none "
        f"of {[SETTINGS_FILE, _ENSEMBLE, _MODEL, 'saved_model.pb']}."
    )


def load_teacher(
    folder: str | os.PathLike[str],
    *,
    labels: LabelSet | None = None,
    modules: Sequence[str] = (),
    streamed: bool = False,
) -> Teacher:
    """Loads the teacher in a folder.

    Args:
        folder: Made by `TFHubBertTeacher.save` or `save_ensemble`; or with the `model.keras` of a
            training, which becomes a `KerasTeacher`; or an encoder in TF-Hub's format, which becomes a
            teacher without heads.
        labels: Label set that the teacher must have; `None` accepts any.
        modules: Python modules to import first. Keras loads a model of one's own class where the module that
            registers it was imported.
        streamed: Whether the weights of a BERT stay on disk and are read layer by layer (`StreamedTeacher`).

    Raises:
        FileNotFoundError: if `folder` holds none of these.
        ImportError: if a module cannot be imported.
        LabelError: if the teacher has other labels than `labels`.
        ValueError: if `streamed` is true and the folder holds no BERT; else as `saved_labels`.
    """
    for module in modules:
        importlib.import_module(module)
    source = pathlib.Path(folder)
    check_same_labels(saved_labels(source), labels)
    if streamed:
        return _load_streamed(source)
    if (source / _ENSEMBLE).is_file():
        settings = json.loads((source / _ENSEMBLE).read_text(encoding="utf-8"))
        teachers = [load_teacher(member, labels=labels) for member in _members(source)]
        with_hidden = (i for i, teacher in enumerate(teachers) if hasattr(teacher, "width"))
        return EnsembleTeacher(
            teachers,
            mean=settings["mean"],
            weights=settings["weights"],
            hidden_of=next(with_hidden, None),
        )
    if is_prompted(source):
        return PromptedTeacher.load(source)
    if (source / SETTINGS_FILE).is_file():
        return TFHubBertTeacher.load(source)
    if (source / _MODEL).is_file():
        from pqrnn_tf.teachers.keras_teacher import KerasTeacher

        try:
            return KerasTeacher(load_keras_model(source / _MODEL))
        except TypeError as error:
            if "Could not locate class" not in str(error):
                raise
            raise ImportError(
                f"`modules` must name the module that registers the classes of {str(source / _MODEL)!r}. "
                f"Received: {list(modules)}. {str(error).partition('. ')[0]}; the commands have --module for it."
            ) from error
    return TFHubBertTeacher(source, labels=None)


def load_layered(folder: str | os.PathLike[str], *, labels: LabelSet | None = None) -> LayeredBert:
    """Loads the BERT in a folder so that its attention scores and states can be looked at.

    Args:
        folder, labels: As in `load_teacher`.

    Raises:
        FileNotFoundError: if `folder` holds no teacher.
        LabelError: if the teacher has other labels than `labels`.
        ValueError: if it is no BERT by itself, so that it has no attention scores to tell.
    """
    source = pathlib.Path(folder)
    check_same_labels(saved_labels(source), labels)
    if not _is_one_bert(source):
        raise ValueError(
            "`folder` must hold one BERT without prompts where attention scores are compared. Received: "
            f"{str(source)!r}, a teacher of another kind. Fine-tune a BERT (`pqrnn finetune`)."
        )
    if (source / SETTINGS_FILE).is_file():
        return LayeredBert.load(source)  # type: ignore[return-value]
    return LayeredBert(source, labels=None)


def _is_one_bert(source: pathlib.Path) -> bool:
    return not ((source / _ENSEMBLE).is_file() or _holds_training(source) or is_prompted(source))


def _load_streamed(source: pathlib.Path) -> Teacher:
    from pqrnn_tf.teachers.bert.streaming import StreamedTeacher

    if not _is_one_bert(source):
        raise ValueError(
            "`streamed` must be False for a teacher that is no BERT by itself, without prompts. "
            f"Received: streamed=True and {str(source)!r}."
        )
    if (source / SETTINGS_FILE).is_file():
        return StreamedTeacher.load(source)
    return StreamedTeacher(source, labels=None)


class SavedTeacher:
    """The teacher in a folder, loaded when it is first asked, and only once, whoever asks.

    It is a `Teacher` itself. Its labels and its digest are known without loading it.

    Args:
        folder: As in `load_teacher`.
        modules: As in `load_teacher`.
        teacher: The teacher, where it is loaded already.
        streamed: As in `load_teacher`.

    Attributes:
        folder: The folder.
        labels: Its label set, `None` of an encoder without heads.
        modules: Modules to import before it is loaded.
        streamed: Whether its weights are read layer by layer; `answers` then takes many batches at once.

    Raises:
        FileNotFoundError: if `folder` holds no teacher.

    Example:
        >>> teacher = SavedTeacher("runs/minilm/teacher")
        >>> label_text(rows, teacher, "answers", spec=spec, workers=0)
        >>> score_model(teacher, development, spec=spec)
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        modules: Sequence[str] = (),
        teacher: Teacher | None = None,
        streamed: bool = False,
    ) -> None:
        self.streamed = streamed
        self.folder = pathlib.Path(folder).resolve()
        self.modules = tuple(modules)
        self.labels = saved_labels(self.folder)
        self._teacher = teacher

    @property
    def teacher(self) -> Teacher:
        """The loaded teacher."""
        if self._teacher is None:
            # Whoever asks first may be tracing a graph, where weights that are read would not be set.
            with tf.init_scope():
                self._teacher = load_teacher(
                    self.folder, modules=self.modules, streamed=self.streamed
                )
        return self._teacher

    @functools.cached_property
    def digest(self) -> str:
        """What tells its files from those of any other teacher."""
        return folder_digest(self.folder)

    @property
    def supports_jit(self) -> bool:
        """Whether XLA can compile a call."""
        return self.teacher.supports_jit

    @property
    def width(self) -> int | None:
        """Width of its hidden states, where it is known."""
        return getattr(self.teacher, "width", None)

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Variables of the loaded teacher."""
        return tuple(getattr(self.teacher, "trainable_variables", ()))

    def __getstate__(self) -> dict[str, Any]:
        """Another process loads the teacher itself."""
        return {**vars(self), "_teacher": None}

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Labels one batch; see `Teacher`."""
        return self.teacher(inputs, training=training)

    def answers(self, batches: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Labels many batches; those of a streamed teacher pass each layer together."""
        if self.streamed:
            yield from self.teacher.answers(batches)  # type: ignore[attr-defined]
        else:
            yield from map(self, batches)


def opened(
    teacher: SavedTeacher | str | os.PathLike[str], *, modules: Sequence[str] = ()
) -> SavedTeacher:
    """A teacher that was opened already, or the one in a folder."""
    return teacher if isinstance(teacher, SavedTeacher) else SavedTeacher(teacher, modules=modules)


def save_ensemble(
    members: Sequence[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    weights: Sequence[float] | None = None,
    mean: str = "logits",
) -> None:
    """Puts teachers with the same labels into one folder, from which `load_teacher` makes an ensemble.

    The members are copied, so that the folder is complete and its digest tells it from any other.
    Hidden states are those of the first member that has them. A folder that holds the same ensemble
    already is left alone.

    Args:
        members: Folders of teachers; of the output folder of a training, `model.keras` is taken.
        folder: Folder to write; it appears when it is complete.
        weights, mean: As in `EnsembleTeacher`.

    Raises:
        FileNotFoundError: if a member is no teacher.
        LabelError: if their labels differ.
        ResumeError: if `folder` holds another ensemble.
        ValueError: if there are fewer than two members, one has no heads, the weights do not fit, or
            `folder` holds something else.
    """
    sources = [pathlib.Path(member) for member in members]
    if len(sources) < 2:
        raise ValueError(f"`members` must be two folders or more. Received: {members!r}.")
    labels = [saved_labels(source) for source in sources]
    for source, own in zip(sources, labels, strict=True):
        if own is None:
            raise ValueError(
                f"`members` must have heads. Received: {str(source)!r}, an encoder without heads. Fine-tune it "
                "first."
            )
        check_same_labels(labels[0], own)
    shares = [1.0] * len(sources) if weights is None else [float(weight) for weight in weights]
    if len(shares) != len(sources) or any(not share > 0 for share in shares):
        raise ValueError(
            f"`weights` must hold {len(sources)} positive numbers, one a member. Received: {weights!r}."
        )
    target = pathlib.Path(folder)
    settings: dict[str, Any] = {
        "members": [_digest(source) for source in sources],
        "mean": mean,
        "weights": shares,
    }
    if target.exists():
        if not check_claim(target, settings, name=_ENSEMBLE):
            raise ValueError(
                f"`folder` must be new or hold the same ensemble. Received: {str(target)!r}, which holds "
                "something else. Choose another folder, or delete it."
            )
        return
    with atomic_folder(target) as fresh:
        for source, copy in zip(sources, _names(fresh, len(sources)), strict=True):
            if _holds_training(source):
                copy.mkdir()
                shutil.copy2(source / _MODEL, copy / _MODEL)
            else:
                shutil.copytree(source, copy)
        write_json(fresh / _ENSEMBLE, settings)


def _holds_training(folder: pathlib.Path) -> bool:
    """Whether a folder is that of a training: much more may lie in it than the model."""
    return (folder / _MODEL).is_file() and not (folder / _ENSEMBLE).is_file()


def _digest(folder: pathlib.Path) -> str:
    if _holds_training(folder):
        return folder_digest(folder, [folder / _MODEL])
    return folder_digest(folder)


def _names(folder: pathlib.Path, count: int) -> list[pathlib.Path]:
    return [folder / f"member_{number}" for number in range(count)]


def _members(folder: pathlib.Path) -> list[pathlib.Path]:
    settings = json.loads((folder / _ENSEMBLE).read_text(encoding="utf-8"))
    return _names(folder, len(settings["members"]))
