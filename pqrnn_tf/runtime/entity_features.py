"""What a model is told of the names in a text: ternary features of its tokens. Needs numpy only."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.runtime.entities import EXACT, FOLDED, Match

CHANNELS = ("begin", "inside", "end", "quality")
"""Features of a token for each type of entities: whether a name begins with it, whether it is one of a name, whether a
name ends with it, each 1 or 0; and how the name agrees: 1 where it is exact or folded, −1 where it is inflected or has
typing errors, 0 outside of names."""

MAX_TYPES = 64


@dataclasses.dataclass(frozen=True)
class EntityFeatures:
    """The types of entities that a model knows, and the features that its second input takes.

    Args:
        types: Types that the model was trained with. Entities of other types, and of none, share the first features.
        slots: `(slot, type)` pairs: what each slot takes, as training has it.

    Raises:
        ValueError: if types are empty, repeated or more than `MAX_TYPES`, or a slot takes another type.

    Example:
    ```python
    features = EntityFeatures(("contact", "artist"), (("CONTACT", "contact"),))
    features.of(entities.match("call anna"), [(0, 4), (5, 9)])  # int8 (2, 12)
    ```
    """

    types: tuple[str, ...]
    slots: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = self.types
        if not 0 < len(names) <= MAX_TYPES or len(set(names)) < len(names) or not all(names):
            raise ValueError(
                f"`types` must be 1 to {MAX_TYPES} distinct names. Received: {names!r:.80}."
            )
        if unknown := [kind for _, kind in self.slots if kind not in names]:
            raise ValueError(
                f"`slots` must take types among {names!r:.80}. Received: {unknown[0]!r}."
            )

    @classmethod
    def of_slots(cls, slots: Mapping[str, str]) -> EntityFeatures:
        """Those of a mapping from slots to types."""
        return cls(tuple(dict.fromkeys(slots.values())), tuple(slots.items()))

    @property
    def width(self) -> int:
        """Features of a token."""
        return len(CHANNELS) * (1 + len(self.types))

    def of(self, matches: Iterable[Match], spans: Sequence[tuple[int, int]]) -> np.ndarray:
        """The features of a text.

        Of matches of one type that overlap, the first one counts, so give them the longest first.

        Args:
            matches: What `Entities.match` finds in the text.
            spans: The text's tokens, in code points of the same text, in order.

        Returns:
            int8 `(len(spans), width)`.
        """
        features = np.zeros((len(spans), self.width), np.int8)
        starts = [start for start, _ in spans]
        for match in matches:
            first = bisect.bisect_right(starts, match.start) - 1
            first = first if first >= 0 and spans[first][1] > match.start else first + 1
            last = bisect.bisect_left(starts, match.end)
            if first >= last:
                continue
            known = [self.types.index(kind) for kind in match.entity.types if kind in self.types]
            quality = 1 if match.quality in (EXACT, FOLDED) else -1
            for group in [1 + number for number in known] or [0]:
                own = features[:, group * len(CHANNELS) : (group + 1) * len(CHANNELS)]
                if own[first:last, 1].any():
                    continue
                own[first, 0] = own[last - 1, 2] = 1
                own[first:last, 1] = 1
                own[first:last, 3] = quality
        return features

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"types": list(self.types), "slots": dict(self.slots)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EntityFeatures:
        """The inverse of `to_dict`.

        Raises:
            ValueError: if a field is missing or unknown, or a value is not valid.
        """
        if not isinstance(values, Mapping) or set(values) != {"types", "slots"}:
            raise ValueError(f"Entity features have `types` and `slots`. Received: {values!r:.80}.")
        return cls(tuple(values["types"]), tuple(dict(values["slots"]).items()))
