"""What a .tflite file says about itself: a ZIP archive behind the flatbuffer.

The archive follows the convention of TensorFlow Lite's model metadata ("associated files"), so that
`unzip -p model.tflite pqrnn.json` shows it. Needs the standard library only.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import pathlib
import struct
import zipfile
import zlib
from typing import Any

from pqrnn_tf.runtime.confidence import Calibration, Rejection
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec

FORMAT = 1
ENTRY = "pqrnn.json"
IDENTIFIER = b"TFL3"

FRONTENDS = ("code_points", "string")
"""What a model takes: code points, by built-in operations only, or a string, by a custom operation."""

_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    RuntimeError,
)
"""What `zipfile` and `json` raise of a damaged description; RecursionError, of too many brackets, is a RuntimeError."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ModelFileError(ValueError):
    """A file that is not a complete model of this package."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Description:
    """What the descriptions of all .tflite files have in common.

    Attributes:
        spec: Projection of the model.
        quantization: Scheme of the weights.
        versions: Versions of the packages that made the file.
        licence: Note on the terms of model and data.
        extra: Anything else that the exporter was given, as plain JSON values.
        frontend: What the model takes, one of `FRONTENDS`.
        format: Version of this description.
    """

    spec: ProjectionSpec
    quantization: str
    versions: dict[str, str]
    licence: str = ""
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    frontend: str = FRONTENDS[0]
    format: int = FORMAT

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        values = {**vars(self), "spec": self.spec.to_dict()}
        # Not written for the first front end: readers from before there was a second one know no
        # such field, and refuse what they cannot run.
        if self.frontend == FRONTENDS[0]:
            del values["frontend"]
        return values

    @classmethod
    def _fields(cls, values: dict[str, Any], absent: dict[str, Any]) -> dict[str, Any]:
        """The fields of a description, its specification read.

        Args:
            values: What stands in the file.
            absent: Values of fields that need not stand there.

        Raises:
            ModelFileError: if a field is missing or unknown, or a value is not one that this package reads.
            SpecError: if the model was made with a projection version that this package does not know.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        values = {"frontend": FRONTENDS[0], **absent, **values}
        if set(values) != names:
            raise ModelFileError(
                f"The description of a model has the fields {sorted(names)}. "
                f"Received: {sorted(values)}."
            )
        if values["frontend"] not in FRONTENDS:
            raise ModelFileError(
                f"The front end of a model must be one of {FRONTENDS}. "
                f"Received: {values['frontend']!r}."
            )
        return {**values, "spec": ProjectionSpec.from_dict(values["spec"])}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metadata(Description):
    """The description of a parser: a model of intents and slots.

    Attributes:
        labels: Names and order of its outputs.
        calibration: What makes probabilities of the model's own; `None` to keep these.
        rejection: What tells requests that belong to no intent; `None` to answer all.
        entity_features: What the model can be told of names that only the device knows; `None` for nothing.
    """

    labels: LabelSet
    calibration: Calibration | None = None
    rejection: Rejection | None = None
    entity_features: EntityFeatures | None = None

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        values = {**super().to_dict(), "labels": self.labels.to_dict()}
        for name in ("calibration", "rejection", "entity_features"):
            if values[name] is None:
                del values[name]
            else:
                values[name] = values[name].to_dict()
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Metadata:
        """The inverse of `to_dict`.

        Raises:
            ModelFileError: if the format is not the one that this package reads, a field is missing or unknown, or
                a value is damaged.
            SpecError: if the model was made with a projection version that this package does not know.
        """
        _check_format(values)
        absent = dict.fromkeys(("calibration", "rejection", "entity_features"))
        read = cls._fields(values, absent)
        try:
            read["labels"] = LabelSet.from_dict(read["labels"])
            for name, kind in (("calibration", Calibration), ("rejection", Rejection)):
                if read[name] is not None:
                    read[name] = kind.from_dict(read[name])
            if read["entity_features"] is not None:
                read["entity_features"] = EntityFeatures.from_dict(read["entity_features"])
        except (TypeError, ValueError) as error:
            raise ModelFileError(f"The description of a model is damaged: {error}") from error
        return cls(**read)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncoderMetadata(Description):
    """The description of an encoder: a model that gives a vector for a text.

    Attributes:
        width: Length of its vectors.
        fingerprint: Digits that tell the model from others: vectors of one encoder do not compare with those of
            another.
    """

    width: int
    fingerprint: str

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EncoderMetadata:
        """The inverse of `to_dict`; raises as that of `Metadata` does."""
        _check_format(values)
        read = cls._fields(values, {})
        width = read["width"]
        if not isinstance(width, int) or isinstance(width, bool) or width < 1:
            raise ModelFileError(
                f"The width of an encoder's vectors must be a positive whole number. Received: {width!r}."
            )
        return cls(**read)


def _check_format(values: Any) -> None:
    if not isinstance(values, dict):
        raise ModelFileError(
            f"The description of a model must be a mapping. Received: {values!r:.60}."
        )
    if values.get("format") != FORMAT:
        raise ModelFileError(
            f"The description of the model must have format {FORMAT}. "
            f"Received: {values.get('format')!r}. Use the package version that made the file: "
            f"{values.get('versions')}."
        )


def append_metadata(model: bytes, metadata: Metadata | EncoderMetadata) -> bytes:
    """The flatbuffer with its description appended; equal inputs give equal bytes."""
    buffer = io.BytesIO(model)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(ENTRY, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        text = json.dumps(metadata.to_dict(), ensure_ascii=False, sort_keys=True)
        archive.writestr(entry, text)
    return buffer.getvalue()


def replace_metadata(content: bytes, metadata: Metadata | EncoderMetadata) -> bytes:
    """A .tflite file with another description: the model inside it stays, byte for byte.

    Args:
        content: A file of this package.
        metadata: The new description.

    Raises:
        ModelFileError: if the file has no description, or holds other files beside it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename: entry.header_offset for entry in archive.infolist()}
    except _ARCHIVE_ERRORS as error:
        raise ModelFileError(
            f"`content` must be a complete .tflite of this package. Received: {len(content)} bytes without a "
            "description at their end."
        ) from error
    if set(entries) != {ENTRY}:
        raise ModelFileError(
            f"`content` must hold {ENTRY} and no other file. Received: {sorted(entries)}."
        )
    return append_metadata(content[: entries[ENTRY]], metadata)


def read_description(
    path: str | os.PathLike[str],
) -> tuple[bytes, Metadata | EncoderMetadata]:
    """Reads a .tflite file and its description, of a parser or an encoder.

    Raises:
        FileNotFoundError: if there is no such file.
        ModelFileError: if it is not a .tflite, was truncated or damaged, or was not made by this package.
        SpecError: if it was made with a projection version that this package does not know.
    """
    file = pathlib.Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"`path` must be a .tflite file. Received: {str(path)!r}, which does not exist or is not "
            "a file."
        )
    content = file.read_bytes()
    if content[4:8] != IDENTIFIER:
        raise ModelFileError(
            f"`path` must be a .tflite file. Received: {str(path)!r} of {len(content)} bytes, which "
            "does not begin like one."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = archive.getinfo(ENTRY)
            if entry.compress_type not in _PACKINGS:
                raise zipfile.BadZipFile(f"packing {entry.compress_type}")
            values = json.loads(archive.read(entry))
    except _ARCHIVE_ERRORS as error:
        raise ModelFileError(
            f"`path` must be a complete .tflite of this package. Received: {str(path)!r} of "
            f"{len(content)} bytes, which has no sound {ENTRY} at its end: the file was truncated or damaged, or "
            "another tool made it. Copy it again, or export it again with `python -m tflite_export.export`."
        ) from error
    kind = EncoderMetadata if isinstance(values, dict) and "width" in values else Metadata
    return content, kind.from_dict(values)


def read_model(path: str | os.PathLike[str]) -> tuple[bytes, Metadata]:
    """Reads the .tflite file of a parser and its description.

    Raises:
        ModelFileError: if it is an encoder.
        FileNotFoundError, ModelFileError, SpecError: as `read_description` does.
    """
    content, metadata = read_description(path)
    if not isinstance(metadata, Metadata):
        raise ModelFileError(
            f"`model` must be a parser, which has intents. Received: {str(path)!r}, an encoder of sentence vectors. "
            "`pqrnn embed` and `pqrnn_tf.load(…).encode` give its vectors, `pqrnn_tf.IntentPrototypes` makes a parser "
            "of it from a few phrases, and `IntentSlotModel.from_preset` trains one on its weights (docs/encoders.md)."
        )
    return content, metadata


def read_encoder(path: str | os.PathLike[str]) -> tuple[bytes, EncoderMetadata]:
    """Reads the .tflite file of an encoder and its description.

    Raises:
        ModelFileError: if it is a parser.
        FileNotFoundError, ModelFileError, SpecError: as `read_description` does.
    """
    content, metadata = read_description(path)
    if not isinstance(metadata, EncoderMetadata):
        raise ModelFileError(
            f"`model` must be an encoder, which gives vectors. Received: {str(path)!r}, a parser of "
            f"{len(metadata.labels.intents)} intents. Choose one that `pqrnn models` lists as an encoder, or export a "
            "SentenceEncoder (docs/encoders.md)."
        )
    return content, metadata


def read_metadata(path: str | os.PathLike[str]) -> Metadata:
    """Reads the description of a parser's .tflite file; raises as `read_model` does."""
    return read_model(path)[1]
