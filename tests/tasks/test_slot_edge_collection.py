"""Which punctuation belongs to slots is read from rows as they are, and travels with a model."""

from __future__ import annotations

import keras
import pytest

import pqrnn_tf
from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.runtime.slot_edges import SlotEdges
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import collect_labels
from tests.tiny_models import TINY_SPEC


def row(text: str, value: str, name: str = "X") -> Example:
    start = text.index(value)
    return Example(text, "PLAY", (SlotSpan(name, ((start, start + len(value)),)),))


def edges(rows: list[Example]) -> dict[str, SlotEdges]:
    return dict(collect_labels(rows).edges)


def test_a_mark_that_values_have_belongs_to_the_slot_beside_the_same():
    rows = [row("play help! now", "help!"), row("play “hey” jude", "“hey”", "Y")]
    assert edges(rows) == {
        "X": SlotEdges(ends={"word": "!"}),
        "Y": SlotEdges(begins={"word": '"'}, ends={"word": '"'}),
    }


def test_every_slot_with_values_is_named():
    assert edges([row("play jazz.", "jazz")]) == {"X": SlotEdges()}
    assert edges([Example("stop!", "STOP", ())]) == {}


def test_one_slip_among_many_values_does_not_count_and_several_do():
    many = [row(f"play {name} now", name) for name in ("song", "tune") * 250]
    slips = [row(f"play {name}.", f"{name}.") for name in ("jazz", "rock", "folk", "soul")]
    assert edges([*many, *slips[:2]])["X"] == SlotEdges()
    assert edges([*many, *slips])["X"] == SlotEdges(ends={"word": "."})
    assert edges([*many[:90], slips[0]])["X"] == SlotEdges(ends={"word": "."})


def test_a_mark_that_nearly_always_stands_outside_of_the_slot_is_none_of_it():
    slips = [row("play jazz.", "jazz.")] * 4
    outside = [row("play rock.", "rock")] * 90
    assert edges([*slips, *outside])["X"] == SlotEdges()
    assert edges([*slips, *outside[:70]])["X"] == SlotEdges(ends={"word": "."})
    # Only beside the same.
    assert edges([row("play plan b.", "plan b."), *outside])["X"] == SlotEdges(ends={"letter": "."})


def test_the_apostrophe_of_an_elision_counts_for_all_slots():
    rows = [row("ai-j' envoyé", "j'")] * 3 + [row("m'a dit", "dit", "Y")]
    ends = SlotEdges(ends={"letter": "'"})
    assert edges(rows) == {"X": ends, "Y": ends}


def test_slots_count_at_each_level_of_a_tree():
    tree = "[IN:REMIND [SL:TODO [IN:CALL [SL:WHO mary ! ] [SL:WHEN at 9 ] ] ] ]"
    found = edges([example_from_tree("call mary! at 9", tree, source="")] * 2)
    assert found == {
        "TODO": SlotEdges(),
        "WHEN": SlotEdges(),
        "WHO": SlotEdges(ends={"word": "!"}),
    }
    assert set(
        dict(
            collect_labels(
                [example_from_tree("call mary! at 9", tree, source="")], nested=False
            ).edges
        )
    ) == {"TODO"}


def test_rows_that_could_not_be_aligned_say_nothing():
    assert edges([row("play jazz now", "jazz"), Example("play", "PLAY", None, problem="x")]) == {
        "X": SlotEdges()
    }


@pytest.fixture(scope="module")
def model():
    """Trained while each row is written in other forms, most of which have marks."""
    keras.utils.set_random_seed(1)
    rows = [row(f"play {name} now", name) for name in ("jazz", "rock", "help!", "soul")]
    encoder = pqrnn_tf.PQRNNEncoder(8, 6, 1, kernel_width=2, name="encoder")
    model = pqrnn_tf.IntentSlotModel(spec=TINY_SPEC, encoder=encoder)
    weights = {"straight_quotes": 9.0, "full_stop": 9.0}
    model.compile(
        "auto",
        run_eagerly=True,
        config=TrainingConfig(epochs=1, surface=1.0, surface_weights=weights),
    )
    model.fit(rows, verbose=0)
    return model


EXPECTED = {"X": SlotEdges(ends={"word": "!"})}


def test_forms_of_a_training_do_not_count(model):
    assert dict(model.labels.edges) == EXPECTED


def test_keras_files_presets_and_exports_keep_them(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert dict(loaded.labels.edges) == EXPECTED
    model.save_to_preset(tmp_path / "preset")
    assert dict(pqrnn_tf.IntentSlotModel.from_preset(tmp_path / "preset").labels.edges) == EXPECTED
    model.export(tmp_path / "model.tflite", quantization="none")
    assert dict(read_metadata(tmp_path / "model.tflite").labels.edges) == EXPECTED
