"""TFDS builder of MTOP: one config a language, from files that the user has fetched.

```
builder = Mtop(config="de", data_dir="prepared", source="mtop")
builder.download_and_prepare()
train = builder.as_dataset(split="train")
```
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.corpora.mtop import LANGUAGES
from pqrnn_tf.datasets.corpora.registry import CORPORA
from pqrnn_tf.datasets.reading import read_rows
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.trees import format_tree, parse_tree

try:
    import tensorflow_datasets as tfds
except ImportError as error:
    raise ImportError(
        "the builders need tensorflow-datasets: pip install 'pqrnn-tf[datasets]'"
    ) from error

(_MTOP,) = (corpus for corpus in CORPORA if corpus.name == "MTOP")
_SPLITS = {"train": "train", "validation": "dev", "test": "test"}


@dataclasses.dataclass
class MtopConfig(tfds.core.BuilderConfig):
    """Config of `Mtop`.

    Attributes:
        language: One of `LANGUAGES`.
    """

    language: str = "en"


class Mtop(tfds.core.GeneratorBasedBuilder):
    """MTOP (Li et al. 2021) as a TFDS dataset; splits `train`, `validation` and `test`.

    The files are read from `source`, or from the manual folder of TFDS, in any layout that
    `pqrnn_tf.datasets.read_rows` knows; a split whose file is missing is left out. Nothing is
    fetched.

    Features of a row: `text`, `intent`, `tree`, `domain`, `locale`, `source`, `problem` (strings;
    empty where there is none) and `slots`, a sequence with one entry for each span of a slot:
    `index` of the slot, `name`, `start` and `end` in code points of `text`. Rows whose slots could
    not be found have a `problem` and no `slots`.

    Args:
        source: Folder of the corpus; `None` for the manual folder of TFDS.
        **options: Options of `tfds.core.GeneratorBasedBuilder`, such as `config` and `data_dir`.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        MtopConfig(name=language, description=f"MTOP in {language}.", language=language)
        for language in LANGUAGES
    ]
    # There are no checksums or metadata files beside the code. Looking for them would also need
    # `importlib_resources`, which TFDS 4.9 imports and does not declare.
    code_path = None
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Unpack MTOP and name the folder that holds en/train.txt, as `source` or as manual_dir."
    )

    def __init__(self, *, source: str | os.PathLike[str] | None = None, **options: Any) -> None:
        self._source = source
        super().__init__(**options)

    def _info(self) -> tfds.core.DatasetInfo:
        text = tfds.features.Text
        return tfds.core.DatasetInfo(
            builder=self,
            description="Utterances with intents, slots and decoupled trees in six languages.",
            homepage="https://aclanthology.org/2021.eacl-main.257",
            license=_MTOP.licence,
            features=tfds.features.FeaturesDict(
                {
                    "text": text(),
                    "intent": text(),
                    "slots": tfds.features.Sequence(
                        {"index": np.int32, "name": text(), "start": np.int32, "end": np.int32}
                    ),
                    "tree": text(),
                    "domain": text(),
                    "locale": text(),
                    "source": text(),
                    "problem": text(),
                }
            ),
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        folder = self._source if self._source is not None else dl_manager.manual_dir
        rows = read_rows(folder, languages=self.builder_config.language)
        return {
            name: self._generate_examples(rows.splits[split])
            for name, split in _SPLITS.items()
            if split in rows.splits
        }

    def _generate_examples(
        self, examples: Sequence[Example]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, example in enumerate(examples):
            yield number, features_of(example)


def features_of(example: Example) -> dict[str, Any]:
    """The row of `Mtop` that holds an example."""
    return {
        "text": example.text,
        "intent": example.intent,
        "slots": [
            {"index": index, "name": slot.name, "start": start, "end": end}
            for index, slot in enumerate(example.slots or ())
            for start, end in slot.spans
        ],
        "tree": format_tree(example.tree) if example.tree is not None else "",
        "domain": example.domain,
        "locale": example.locale,
        "source": example.source,
        "problem": example.problem or "",
    }


def example_of(row: Mapping[str, Any]) -> Example:
    """The example in a row of `Mtop`, as `tfds.as_numpy` gives it."""

    def string(value: bytes) -> str:
        return value.decode("utf-8")

    entries = row["slots"]
    spans: dict[int, list[tuple[int, int]]] = {}
    names: dict[int, str] = {}
    for index, name, start, end in zip(
        *(entries[key] for key in ("index", "name", "start", "end")), strict=True
    ):
        spans.setdefault(int(index), []).append((int(start), int(end)))
        names[int(index)] = string(name)
    problem = string(row["problem"]) or None
    tree = string(row["tree"])
    return Example(
        text=string(row["text"]),
        intent=string(row["intent"]),
        slots=None
        if problem
        else tuple(SlotSpan(names[index], tuple(spans[index])) for index in sorted(spans)),
        tree=parse_tree(tree) if tree else None,
        domain=string(row["domain"]),
        locale=string(row["locale"]),
        source=string(row["source"]),
        problem=problem,
    )
