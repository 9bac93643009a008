"""One tiny BERT in TF-Hub's format for all tests of this room."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.runtime.labels import LabelSet

# Word pieces, not words: "alarms" is "alarm" + "##s", "7pm" is "7" + "##pm".
VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("set", "an", "alarm", "##s", "for", "7", "##pm", "call", "mom", "ein", "##e", "über", "ü"),
    *("สวัส", "##ดี", "?", "at"),
)


@pytest.fixture(scope="session")
def vocabulary() -> tuple[str, ...]:
    return VOCABULARY


@pytest.fixture(scope="session")
def labels() -> LabelSet:
    return LabelSet(intents=("ALARM", "CALL"), tags=("O", "B-TIME", "I-TIME"))


def build(folder: pathlib.Path, *, layers: int) -> pathlib.Path:
    from pqrnn_tf.teachers import build_bert

    build_bert(
        folder,
        VOCABULARY,
        hidden_size=16,
        layers=layers,
        heads=2,
        intermediate_size=32,
        max_positions=24,
        initializer_range=0.2,
        seed=7,
    )
    return folder


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return build(tmp_path_factory.mktemp("bert") / "one", layers=1)


@pytest.fixture(scope="session")
def bert_of_two_layers(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return build(tmp_path_factory.mktemp("bert") / "two", layers=2)
