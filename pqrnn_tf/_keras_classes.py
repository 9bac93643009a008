"""Tells Keras where the classes of this package are, so that `keras.models.load_model` finds them.

`import pqrnn_tf` must not import Keras, and Keras only knows classes whose modules were imported. Therefore each name
is put into Keras' table of custom objects as a stand-in, which imports the class's module when Keras makes an object of
it. Where Keras is not imported yet, that happens as soon as it is: a finder on `sys.meta_path` waits for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGE = "pqrnn_tf"
CLASSES = {
    "projection.layer": ["Projection"],
    "quantization.fake_quantizers": ["FixedRangeQuantizer", "SymmetricWeightQuantizer"],
    "encoder.attention_pooling": ["AttentionPooling"],
    "encoder.bidirectional": ["BidirectionalQRNN"],
    "encoder.bottleneck": ["Bottleneck"],
    "encoder.depthwise": ["DepthwiseConvolution"],
    "encoder.graph_encoder": ["GraphEncoder"],
    "encoder.pqrnn_encoder": ["PQRNNEncoder"],
    "encoder.qrnn": ["QRNN"],
    "tasks.bag_head": ["BagHead"],
    "tasks.intent_slots": ["IntentSlotModel"],
    "tasks.label_metrics": ["LabelAccuracy", "MetricOfKnownLabels", "RowAccuracy"],
    "tasks.losses": ["LabelCrossentropy", "LossOfKnownLabels"],
    "tasks.sentence_encoder": ["SentenceEncoder"],
    "tasks.sentence_pooling": ["SentencePooling"],
}
"""The classes that are registered with Keras, by their modules."""


class StandIn:
    """Stands in Keras' table for a class until the class's module is imported, which registers the class itself.

    Args:
        module: Name of the module.
        name: Name of the class.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self.__name__ = name

    def from_config(self, config: dict[str, Any], **arguments: Any) -> Any:
        """What the class's own `from_config` makes."""
        return getattr(importlib.import_module(self._module), self.__name__).from_config(
            config, **arguments
        )


def _register(keras: ModuleType) -> None:
    known = keras.saving.get_custom_objects()
    for module, names in CLASSES.items():
        for name in names:
            known.setdefault(f"{PACKAGE}>{name}", StandIn(f"{PACKAGE}.{module}", name))


class _RegisteringLoader(Loader):
    """Loads Keras as its own loader does, and then registers the classes."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The own loader's module."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module as its own loader does."""
        spec = module.__spec__
        if spec is not None:
            spec.loader = module.__loader__ = self._loader  # what others may look for
        self._loader.exec_module(module)
        _register(module)


class _KerasFinder(MetaPathFinder):
    """Waits for the import of Keras, and steps aside for everything else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Keras' own specification, with a loader that registers the classes."""
        if name != "keras" or self not in sys.meta_path:
            return None
        place = sys.meta_path.index(self)
        sys.meta_path.remove(self)  # the other finders are asked
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(place, self)
        if spec is not None and spec.loader is not None:
            spec.loader = _RegisteringLoader(spec.loader)
        return spec


def register_with_keras() -> None:
    """Registers the classes with Keras, now or when it is imported."""
    if "keras" in sys.modules:
        _register(sys.modules["keras"])
    elif not any(isinstance(finder, _KerasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _KerasFinder())
