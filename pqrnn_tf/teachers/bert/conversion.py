"""From a BERT checkpoint in safetensors to a SavedModel in TF-Hub's format."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import math
import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.files import atomic_folder, write_json
from pqrnn_tf.tasks.backend import float_products
from pqrnn_tf.teachers.bert import sentence_pieces, word_pieces
from pqrnn_tf.teachers.bert.numpy_bert import EPSILON, numpy_bert, numpy_masked_lm
from pqrnn_tf.teachers.bert.tfhub_export import export_encoder

_LOG = logging.getLogger(__name__)

TOLERANCE = 1e-4
"""Largest difference allowed between the SavedModel and the forward pass in numpy."""

RECORD = "assets.extra/conversion.json"
"""What a converted folder says of its origin."""

_CONFIG, _VOCABULARY, _TOKENIZER = "config.json", "vocab.txt", "tokenizer_config.json"
_SENTENCE_PIECES = ("sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model")
_ROBERTAS = ("roberta", "xlm-roberta")
_FLOATS = ("F64", "F32", "F16", "BF16")
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"

# The name in `config.json` → the name of the reference and of TensorFlow's Model Garden, whose "gelu" is
# the approximation by tanh.
_EXACT_GELU = "pqrnn_exact_gelu"
_ACTIVATIONS = {
    "gelu": ("gelu", _EXACT_GELU),
    "gelu_new": ("gelu_new", "gelu"),
    "gelu_pytorch_tanh": ("gelu_new", "gelu"),
    "relu": ("relu", "relu"),
    "silu": ("silu", "swish"),
    "swish": ("silu", "swish"),
}

_HEAD = (
    "cls.predictions.bias",
    *(
        f"cls.predictions.transform.{part}.{kind}"
        for part in ("dense", "LayerNorm")
        for kind in ("weight", "bias")
    ),
)
_NORMS = {"gamma": "weight", "beta": "bias"}
_PLACES = {
    "word_embeddings/embeddings": "embeddings.word_embeddings.weight",
    "position_embedding/embeddings": "embeddings.position_embeddings.weight",
    "type_embeddings/embeddings": "embeddings.token_type_embeddings.weight",
    "embeddings/layer_norm": "embeddings.LayerNorm",
    "pooler_transform": "pooler.dense",
    "cls/predictions/transform/dense": "cls.predictions.transform.dense",
    "cls/predictions/transform/LayerNorm": "cls.predictions.transform.LayerNorm",
    "cls/predictions/output_bias/bias": "cls.predictions.bias",
}
_PLACES_IN_A_LAYER = {
    "self_attention/query": "attention.self.query",
    "self_attention/key": "attention.self.key",
    "self_attention/value": "attention.self.value",
    "self_attention/attention_output": "attention.output.dense",
    "self_attention_layer_norm": "attention.output.LayerNorm",
    "intermediate": "intermediate.dense",
    "output": "output.dense",
    "output_layer_norm": "output.LayerNorm",
}


def is_checkpoint(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds a checkpoint that `convert_bert` reads: weights and `config.json`."""
    source = pathlib.Path(folder)
    return (source / _CONFIG).is_file() and any((source / n).is_file() for n in (_WEIGHTS, _INDEX))


def convert_bert(
    checkpoint: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    lower_case: bool | None = None,
    texts: Iterable[str] | None = None,
    layers: int | None = None,
    overwrite: bool = False,
) -> float:
    """Converts a BERT checkpoint into a SavedModel that `TFHubBertTeacher` loads.

    The checkpoint is a folder as the `transformers` library writes it: `config.json`,
    `model.safetensors` (or its index and parts), and `vocab.txt` or a unigram model of SentencePiece. Every layer of
    the result is compared with a forward pass in numpy before the folder appears. A checkpoint without a pooler gets
    an untrained one; one with a head for masked words keeps it, as the SavedModel's part `mlm`.

    A RoBERTa with sentence pieces, such as XLM-R, becomes a BERT: the rows of its position embeddings that no piece
    has are left out, and so are embeddings of no piece (`<mask>` among them).

    Args:
        checkpoint: Folder with the checkpoint.
        folder: Folder to make; it appears when it is complete.
        lower_case: Whether text is lower-cased and stripped of accents; `None` reads it from
            `tokenizer_config.json`, or else from whether the vocabulary has capital letters. Sentence pieces have
            their own rules for that.
        texts: Texts whose pieces are kept; most of the others are left out, which makes a multilingual BERT several
            times smaller. The outputs for these texts stay the same. `None` keeps all pieces.
        layers: Converts only so many of the lowest layers. The upper layers of a BERT that was trained for sentence
            vectors make its states alike, which helps no tagger. `None` converts all.
        overwrite: Whether to replace a folder already there.

    Returns:
        The largest difference from the forward pass in numpy that was seen.

    Raises:
        FileExistsError: if `folder` exists and `overwrite` is false.
        FileNotFoundError: if a file of the checkpoint is missing.
        ImportError: if the extra `teachers` is not installed.
        ValueError: if the checkpoint is no BERT, or a kind of BERT that cannot be expressed, its parts
            do not fit, or the result differs from the forward pass in numpy.
    """
    source = pathlib.Path(checkpoint)
    if pathlib.Path(folder).exists() and not overwrite:  # before the work, not after it
        raise FileExistsError(
            f"`folder` must not exist yet. Received: {str(folder)!r}. Pass another folder or "
            "overwrite=True."
        )
    settings = _lowest(_read_settings(source), layers, source)
    vocabulary = _Vocabulary.read(source, settings["vocab_size"], lower_case)
    if texts is not None:
        vocabulary = vocabulary.pruned(texts)
    weights = _read_weights(source)
    fitted = _fitted(weights, settings, vocabulary)
    reference_activation, activation = _ACTIVATIONS[settings["hidden_act"]]
    keras_2 = require("tf_keras")
    config = _encoder_config(settings, len(vocabulary.rows), activation)
    with (
        atomic_folder(folder, overwrite=overwrite) as fresh,
        keras_2.utils.custom_object_scope({_EXACT_GELU: _exact_gelu}),
    ):
        encoder = require("official.nlp.configs.encoders").build_encoder(config)
        _assign(encoder.variables, fitted, source)
        head = _masked_lm(encoder, activation, fitted, source)
        export_encoder(
            encoder,
            config,
            vocabulary.pieces,
            fresh,
            lower_case=vocabulary.lower_case,
            masked_lm=head,
        )
        difference = _difference(fresh, weights, settings, vocabulary.rows, reference_activation)
        if not difference <= TOLERANCE:
            raise ValueError(
                f"The converted BERT must equal its forward pass in numpy to {TOLERANCE}. Received: "
                f"a difference of {difference:.3g} for {str(source)!r}. Nothing was written; the "
                "checkpoint is damaged or of a kind that cannot be expressed."
            )
        record = fresh / RECORD
        record.parent.mkdir(exist_ok=True)
        write_json(
            record,
            {
                "checkpoint": checkpoint_digest(source),
                "largest_difference": difference,
                **({} if texts is None else {"vocabulary": vocabulary.digest}),
                **({} if layers is None else {"layers": layers}),
            },
        )
    return difference


def tfhub_handle(
    handle: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    texts: Iterable[str] | None = None,
    layers: int | None = None,
) -> str:
    """What `TFHubBertTeacher` loads for a handle: a checkpoint is converted, others stay as they are.

    Args:
        handle: URL on TF-Hub, folder in TF-Hub's format, or folder with a checkpoint.
        folder: Where the converted checkpoint is kept; one already there is used again.
        texts, layers: As in `convert_bert`; only for a checkpoint.

    Raises:
        ValueError: if `folder` was made from another checkpoint, with other pieces or layers, or there are texts or
            layers and no checkpoint; else as `convert_bert`.
    """
    target = pathlib.Path(folder)
    if "://" in os.fspath(handle) or not is_checkpoint(handle):
        if texts is not None or layers is not None:
            left_out = "layers" if texts is None else "pieces"
            raise ValueError(
                f"`handle` must be a folder with a checkpoint where {left_out} are to be left out. Received: "
                f"{os.fspath(handle)!r}, which is none."
            )
        return os.fspath(handle)
    source = pathlib.Path(handle)
    wanted = {"checkpoint": checkpoint_digest(source), "vocabulary": None, "layers": layers}
    if texts is not None:
        texts = list(texts)
        rows = _read_settings(source)["vocab_size"]
        wanted["vocabulary"] = _Vocabulary.read(source, rows, None).pruned(texts).digest
    if not target.exists():
        _LOG.info("converting %s into %s", source, target)
        convert_bert(handle, target, texts=texts, layers=layers)
    record = target / RECORD
    origin = _read_json(record) if record.is_file() else {}
    if any(origin.get(name) != value for name, value in wanted.items()):
        raise ValueError(
            f"`folder` must be absent or hold the converted checkpoint. Received: {str(target)!r}, "
            f"which was not made from {os.fspath(handle)!r} with the same pieces and layers. Delete it or choose "
            "another folder."
        )
    return os.fspath(target)


def checkpoint_digest(checkpoint: str | os.PathLike[str]) -> str:
    """A digest of the files of a checkpoint that decide the result of its conversion."""
    source = pathlib.Path(checkpoint)
    digest = hashlib.sha256()
    # A file of sentence pieces counts where there is one, so that the digests in older records stay true.
    others = [path for path in (source / name for name in _SENTENCE_PIECES) if path.is_file()]
    own = [source / name for name in (_CONFIG, _VOCABULARY, _TOKENIZER)]
    for path in own + others + _weight_files(source):
        digest.update(path.name.encode())
        if path.is_file():
            content = hashlib.sha256()
            with open(path, "rb") as file:
                while block := file.read(1 << 20):
                    content.update(block)
            digest.update(content.digest())
    return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class _Vocabulary:
    """The pieces of a converted checkpoint.

    Attributes:
        pieces: Word pieces, or a model of SentencePiece; numbers are rows of the new embeddings.
        rows: For each row of the new embeddings the row of the checkpoint's.
        lower_case: Whether text is lower-cased before it is cut into word pieces.
    """

    pieces: tuple[str, ...] | bytes
    rows: tuple[int, ...]
    lower_case: bool = False

    @classmethod
    def read(cls, source: pathlib.Path, rows: int, lower_case: bool | None) -> _Vocabulary:
        """Reads the files of a checkpoint whose embeddings have so many rows."""
        found = next((source / n for n in _SENTENCE_PIECES if (source / n).is_file()), None)
        if found is not None and not (source / _VOCABULARY).is_file():
            if lower_case:
                raise ValueError(
                    "`lower_case` must be None or False for a checkpoint with sentence pieces, which have their own "
                    f"rules. Received: {lower_case!r} for {str(source)!r}."
                )
            model = sentence_pieces.in_row_order(found.read_bytes(), rows)
            return cls(model, tuple(range(len(sentence_pieces.read_model(model).pieces))))
        vocabulary = word_pieces.read_vocabulary(source / _VOCABULARY)
        word_pieces.check_vocabulary(vocabulary)
        if len(vocabulary) > rows:
            raise ValueError(
                f"`checkpoint` must have an embedding for each piece of {_VOCABULARY!r}. Received: "
                f"{len(vocabulary)} pieces and {rows} embeddings in {str(source)!r}."
            )
        if lower_case is None:
            lower_case = _reads_lower_case(source, vocabulary)
        return cls(vocabulary, tuple(range(rows)), lower_case)

    def pruned(self, texts: Iterable[str]) -> _Vocabulary:
        """The vocabulary without most of what some texts do not use."""
        pieces: tuple[str, ...] | bytes
        if isinstance(self.pieces, bytes):
            pieces, kept = sentence_pieces.pruned(self.pieces, texts)
        else:
            pieces, kept = word_pieces.pruned(self.pieces, texts, lower_case=self.lower_case)
        return dataclasses.replace(self, pieces=pieces, rows=tuple(self.rows[k] for k in kept))

    @property
    def digest(self) -> str:
        """What tells it from the other vocabularies of one checkpoint."""
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()[:16]


def _exact_gelu(x: Any) -> Any:
    return tf.nn.gelu(x, approximate=False)


def _first_position(settings: Mapping[str, Any]) -> int:
    """Row of the position embeddings that the first piece of a text has."""
    return settings["pad_token_id"] + 1 if settings["model_type"] in _ROBERTAS else 0


def _fitted(
    weights: Mapping[str, np.ndarray], settings: Mapping[str, Any], vocabulary: _Vocabulary
) -> dict[str, np.ndarray]:
    """The weights with the rows that the converted encoder has."""
    fitted = dict(weights)
    rows = np.array(vocabulary.rows)
    for name, chosen in (
        ("embeddings.word_embeddings.weight", rows),
        ("cls.predictions.bias", rows),
        ("cls.predictions.decoder.weight", rows),
        ("embeddings.position_embeddings.weight", slice(_first_position(settings), None)),
    ):
        if name in fitted and (isinstance(chosen, slice) or len(fitted[name]) > rows.max()):
            fitted[name] = fitted[name][chosen]
    if isinstance(
        vocabulary.pieces, bytes
    ):  # the head has no use without a piece for a masked word
        fitted = {name: values for name, values in fitted.items() if name not in _HEAD}
    return fitted


def _encoder_config(settings: Mapping[str, Any], rows: int, activation: str) -> Any:
    """The Model Garden's configuration of an encoder."""
    encoders = require("official.nlp.configs.encoders")
    bert = encoders.BertEncoderConfig(
        vocab_size=rows,
        hidden_size=settings["hidden_size"],
        num_layers=settings["num_hidden_layers"],
        num_attention_heads=settings["num_attention_heads"],
        hidden_activation=activation,
        intermediate_size=settings["intermediate_size"],
        max_position_embeddings=settings["max_position_embeddings"] - _first_position(settings),
        type_vocab_size=settings["type_vocab_size"],
        dropout_rate=settings.get("hidden_dropout_prob", 0.1),
        attention_dropout_rate=settings.get("attention_probs_dropout_prob", 0.1),
    )
    config = encoders.EncoderConfig(type="bert", bert=bert)
    epsilon = settings["layer_norm_eps"]
    # Some writers store what a float32 makes of it, 9.999999960041972e-13.
    if math.isclose(epsilon, EPSILON, rel_tol=1e-6):
        return config
    # The Garden's encoder knows no other epsilon, so its layers are told after they are built.
    normalization = require("tf_keras").layers.LayerNormalization

    def build(_: Any) -> Any:
        encoder = encoders.build_encoder(config)
        encoder(encoder.inputs)
        for layer in encoder.submodules:
            if isinstance(layer, normalization):
                layer.epsilon = epsilon
        return encoder

    class Builder(require("official.modeling.hyperparams").Config):  # type: ignore[misc]
        BUILDER = staticmethod(build)
        hidden_activation = activation

    return encoders.EncoderConfig(type="any", any=Builder())


def _read_settings(source: pathlib.Path) -> dict[str, Any]:
    vocabularies = (_VOCABULARY, *_SENTENCE_PIECES)
    absent = [] if (source / _CONFIG).is_file() else [_CONFIG]
    if not any((source / name).is_file() for name in vocabularies):
        absent.append(_VOCABULARY)
    for name in absent:
        raise FileNotFoundError(
            f"`checkpoint` must be a folder with {_CONFIG!r}, {_WEIGHTS!r} and one of {list(vocabularies)}. "
            f"Received: {str(source)!r}, which has no {name!r}."
        )
    settings = _read_json(source / _CONFIG)
    expected: dict[str, Sequence[Any]] = {
        "model_type": ("bert", *_ROBERTAS),
        "position_embedding_type": ("absolute",),
        "hidden_act": tuple(_ACTIVATIONS),
        "is_decoder": (False,),
    }
    defaults = {
        "position_embedding_type": "absolute",
        "hidden_act": "gelu",
        "layer_norm_eps": EPSILON,
        "is_decoder": False,
        "type_vocab_size": 2,
        "pad_token_id": 1 if settings.get("model_type") in _ROBERTAS else 0,
    }
    settings = {**defaults, **settings}
    for name, allowed in expected.items():
        if settings.get(name) not in allowed:
            raise ValueError(
                f"{name!r} in {_CONFIG!r} must be one of {list(allowed)}. Received: "
                f"{settings.get(name)!r} in {str(source)!r}. Only BERT encoders can be converted."
            )
    epsilon = settings["layer_norm_eps"]
    if not isinstance(epsilon, float) or not 0 < epsilon < 0.1:
        raise ValueError(
            f"'layer_norm_eps' in {_CONFIG!r} must be a small positive number. Received: {epsilon!r} in "
            f"{str(source)!r}."
        )
    sizes = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads")
    for name in (*sizes, "intermediate_size", "max_position_embeddings", "type_vocab_size"):
        size = settings.get(name)
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(
                f"{name!r} in {_CONFIG!r} must be a positive integer. Received: {size!r} in "
                f"{str(source)!r}."
            )
    if not 0 <= _first_position(settings) < settings["max_position_embeddings"]:
        raise ValueError(
            f"'pad_token_id' in {_CONFIG!r} must be below 'max_position_embeddings'. Received: "
            f"{settings['pad_token_id']!r} in {str(source)!r}."
        )
    return settings


def _lowest(
    settings: Mapping[str, Any], layers: int | None, source: pathlib.Path
) -> dict[str, Any]:
    """The settings of the checkpoint's lowest layers."""
    depth = settings["num_hidden_layers"]
    if layers is not None and not 1 <= layers <= depth:
        raise ValueError(
            f"`layers` must be from 1 to {depth}, the layers of {str(source)!r}. Received: {layers}."
        )
    return {**settings, "num_hidden_layers": layers or depth}


def _weight_files(source: pathlib.Path) -> list[pathlib.Path]:
    if (source / _WEIGHTS).is_file():
        return [source / _WEIGHTS]
    if not (source / _INDEX).is_file():
        raise FileNotFoundError(
            f"`checkpoint` must hold its weights as {_WEIGHTS!r}. Received: {str(source)!r}, which "
            "has none. Other formats can be converted with the safetensors package."
        )
    names = _read_json(source / _INDEX).get("weight_map")
    if not isinstance(names, dict) or not names:
        raise ValueError(
            f"{_INDEX!r} must have a 'weight_map'. Received: {names!r} in {str(source)!r}."
        )
    return [source / name for name in sorted(set(names.values()))]


def _read_weights(source: pathlib.Path) -> dict[str, np.ndarray]:
    """The encoder's tensors by `BertModel`'s names; other tensors stay under their own."""
    weights: dict[str, np.ndarray] = {}
    for path in _weight_files(source):
        weights |= _read_floats(path)
    tidy = {}
    for name, values in weights.items():
        # A model with a head keeps its encoder under a name of its own; old checkpoints say gamma and beta.
        stem, _, last = name.removeprefix("bert.").removeprefix("roberta.").rpartition(".")
        tidy[f"{stem}.{_NORMS.get(last, last)}" if stem else last] = values
    return tidy


def _read_floats(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The floating-point tensors of a file as float32; others, such as position numbers, are left out."""
    safetensors = require("safetensors")
    try:
        with safetensors.safe_open(path, framework="np") as file:
            kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
            # TensorFlow has taught numpy bfloat16.
            return {
                name: file.get_tensor(name).astype(np.float32)
                for name, kind in kinds.items()
                if kind in _FLOATS
            }
    except safetensors.SafetensorError as error:
        raise ValueError(
            f"`checkpoint` must hold whole files in safetensors format. Received: {str(path)!r} "
            f"({error}). Download it again."
        ) from error


def _reads_lower_case(source: pathlib.Path, vocabulary: Sequence[str]) -> bool:
    path = source / _TOKENIZER
    told = _read_json(path) if path.is_file() else {}
    lower_case = told.get("do_lower_case")
    if lower_case is None:
        plain = [piece for piece in vocabulary if not piece.startswith("[")]
        lower_case = not any(piece != piece.lower() for piece in plain)
    strips = told.get("strip_accents")
    if strips is not None and bool(strips) != bool(lower_case):
        raise ValueError(
            f"{_TOKENIZER!r} must strip accents where it lower-cases and nowhere else. Received: "
            f"do_lower_case={lower_case}, strip_accents={strips} in {str(source)!r}. Pass `lower_case` "
            "to accept the nearest tokenizer."
        )
    return bool(lower_case)


def _name_in_checkpoint(variable: str) -> str:
    """The tensor that a variable of the Model Garden's encoder is read from."""
    if variable in _PLACES:
        return _PLACES[variable]
    stem, _, kind = variable.rpartition("/")
    kind = _NORMS.get(kind, "weight" if kind == "kernel" else kind)
    if stem in _PLACES:
        return f"{_PLACES[stem]}.{kind}"
    _, layer, place = stem.split("/", 2)
    number = layer.removeprefix("layer_")
    return f"encoder.layer.{number}.{_PLACES_IN_A_LAYER[place]}.{kind}"


def _assign(
    variables: Sequence[tf.Variable], weights: Mapping[str, np.ndarray], source: pathlib.Path
) -> None:
    for variable in variables:
        path = variable.name.partition(":")[0].removeprefix("bert/")
        name = _name_in_checkpoint(path)
        if name not in weights and name.startswith("pooler."):
            _LOG.warning("%s has no %s: the pooler is not trained", source, name)
            continue
        if name not in weights:
            raise ValueError(
                f"`checkpoint` must hold the tensor {name!r}. Received: {str(source)!r}, which does not."
            )
        # Dense kernels are stored transposed; those of the attention have an axis for the heads.
        values = weights[name].T if path.endswith("kernel") else weights[name]
        if values.size != int(np.prod(variable.shape)):
            raise ValueError(
                f"{name!r} must have the size that {_CONFIG!r} gives it, {tuple(variable.shape)}. "
                f"Received: {values.shape} in {str(source)!r}."
            )
        variable.assign(values.reshape(variable.shape))


def _masked_lm(
    encoder: Any, activation: str, weights: Mapping[str, np.ndarray], source: pathlib.Path
) -> Any:
    """The checkpoint's head for masked words around an encoder, or `None` where it has none."""
    if any(name not in weights for name in _HEAD):
        return None
    decoder = weights.get("cls.predictions.decoder.weight")
    if decoder is not None and not np.array_equal(
        decoder, weights["embeddings.word_embeddings.weight"]
    ):
        _LOG.warning(
            "%s: the head for masked words is left out, since it has an output matrix of its own",
            source,
        )
        return None
    pretrainer = require("official.nlp.modeling.models").BertPretrainerV2(
        encoder_network=encoder,
        mlm_activation=require("official.modeling.tf_utils").get_activation(activation),
    )
    pretrainer(pretrainer.inputs)
    head = pretrainer.masked_lm
    own = [v for v in head.variables if v is not encoder.get_embedding_table()]
    _assign(own, weights, source)
    return head


def _difference(
    folder: pathlib.Path,
    weights: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
    rows: Sequence[int],
    gelu: str,
) -> float:
    """Largest difference between a SavedModel and the forward pass in numpy of all weights, over all layers."""
    rng = np.random.default_rng(0)
    first = _first_position(settings)
    time = min(12, settings["max_position_embeddings"] - first)
    identifiers = rng.integers(0, len(rows), (2, time))
    types = rng.integers(0, settings["type_vocab_size"], (2, time))
    mask = np.arange(time) < np.array([[time], [max(1, time // 2)]])
    model = require("tensorflow_hub").load(str(folder))
    inputs = {
        "input_word_ids": tf.constant(identifiers, tf.int32),
        "input_mask": tf.constant(mask, tf.int32),
        "input_type_ids": tf.constant(types, tf.int32),
    }
    with float_products():
        outputs = model(inputs, training=False)
    states = numpy_bert(
        weights,
        np.array(rows)[identifiers],
        mask,
        types,
        layers=settings["num_hidden_layers"],
        heads=settings["num_attention_heads"],
        activation=gelu,
        epsilon=settings["layer_norm_eps"],
        first_position=first,
    )
    pairs = list(zip(outputs["encoder_outputs"], states, strict=True))
    if "pooler.dense.weight" in weights:
        pooled = states[-1][:, 0] @ weights["pooler.dense.weight"].T + weights["pooler.dense.bias"]
        pairs.append((outputs["pooled_output"], np.tanh(pooled)))
    if hasattr(model, "mlm"):
        places = tf.constant([[0, time - 1], [0, 0]], tf.int32)
        with float_products():
            logits = model.mlm({**inputs, "masked_lm_positions": places}, training=False)[
                "mlm_logits"
            ]
        masked = np.take_along_axis(states[-1], places.numpy()[..., None], axis=1)
        expected = numpy_masked_lm(weights, masked, activation=gelu)
        pairs.append((logits, expected[..., np.array(rows)]))
    # NumPy's maximum, unlike Python's, is NaN where any is.
    return float(np.max([np.abs(ours.numpy() - theirs).max() for ours, theirs in pairs]))


def _read_json(path: pathlib.Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{str(path)!r} must hold JSON. Received: {error}.") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"{str(path)!r} must hold a JSON object. Received: {type(values).__name__}."
        )
    return values
