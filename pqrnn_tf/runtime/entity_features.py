"""What a model is told of the names in a text: ternary features of its tokens. Needs numpy only."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.runtime.entity_matches import EXACT, FOLDED, Match
from pqrnn_tf.runtime.entity_relations import EntityRelations

CHANNELS = ("begin", "inside", "end", "quality")
"""Features of a token for each type of entities: whether a name begins with it, whether it is one of a name, whether a
name ends with it, each 1 or 0; and how the name agrees: 1 where it is exact or folded, −1 where it is inflected or has
typing errors, 0 outside of names."""
RELATED = "related"
"""A fifth feature, of models that are told of relations: 1 in a name whose entity has to do with something that the
text names elsewhere, −1 in one whose entity has relations of which the text names nothing, else 0."""

MAX_TYPES = 64


@dataclasses.dataclass(frozen=True)
class EntityFeatures:
    """The types of entities that a model knows, and the features that its second input takes.

    Args:
        types: Types that the model was trained with. Entities of other types, and of none, share the first features.
        slots: `(slot, type)` pairs: what each slot takes, as training has it.
        related: Whether the model is told of relations too, by a fifth feature for each type.

    Raises:
        ValueError: if types are empty, repeated or more than `MAX_TYPES`, a slot takes another type, or `related` is
            not true or false.

    Example:
    ```python
    features = EntityFeatures(("contact", "artist"), (("CONTACT", "contact"),))
    features.of(entities.match("call anna"), [(0, 4), (5, 9)])  # int8 (2, 12)
    ```
    """

    types: tuple[str, ...]
    slots: tuple[tuple[str, str], ...] = ()
    related: bool = False

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
        if not isinstance(self.related, bool):
            raise ValueError(f"`related` must be true or false. Received: {self.related!r}.")

    @classmethod
    def of_slots(cls, slots: Mapping[str, str], *, related: bool = False) -> EntityFeatures:
        """Those of a mapping from slots to types."""
        return cls(tuple(dict.fromkeys(slots.values())), tuple(slots.items()), related)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the features of a token for each type."""
        return (*CHANNELS, RELATED) if self.related else CHANNELS

    @property
    def width(self) -> int:
        """Features of a token."""
        return len(self.channels) * (1 + len(self.types))

    def of(
        self,
        matches: Iterable[Match],
        spans: Sequence[tuple[int, int]],
        relations: EntityRelations | None = None,
    ) -> np.ndarray:
        """The features of a text.

        Of matches of one type that overlap, the first one counts, so give them the longest first. Of those on the same
        words a related one counts before all others, as it does in linking.

        Args:
            matches: What `Entities.match` finds in the text.
            spans: The text's tokens, in code points of the same text, in order.
            relations: `Entities.relations` of the list; only a model with `related` has need of them.

        Returns:
            int8 `(len(spans), width)`.

        Raises:
            ValueError: if the model is told of relations, and they are not given.
        """
        if self.related and relations is None:
            raise ValueError(
                "`relations` must be those of the list where the features have `related`. Received: None. Give "
                "`entities.relations`."
            )
        width = len(self.channels)
        features = np.zeros((len(spans), self.width), np.int8)
        starts = [start for start, _ in spans]
        for start, end, group, told in self._told(matches, relations):
            first = bisect.bisect_right(starts, start) - 1
            first = first if first >= 0 and spans[first][1] > start else first + 1
            last = bisect.bisect_left(starts, end)
            if first >= last:
                continue
            own = features[:, group * width : (group + 1) * width]
            if own[first:last, 1].any():
                continue
            own[first, 0] = own[last - 1, 2] = 1
            own[first:last, 1] = 1
            own[first:last, 3:] = told
        return features

    def _told(
        self, matches: Iterable[Match], relations: EntityRelations | None
    ) -> Iterator[tuple[int, int, int, tuple[int, ...]]]:
        """Start, end and group of types of the names, in order, and what is the same for all tokens of a name."""
        matches = matches if isinstance(matches, list) else list(matches)
        signs = relations.signs(matches) if self.related and relations else [0] * len(matches)
        found: dict[tuple[int, int, int], tuple[int, int]] = {}
        for match, sign in zip(matches, signs, strict=True):
            known = [self.types.index(kind) for kind in match.entity.types if kind in self.types]
            quality = 1 if match.quality in (EXACT, FOLDED) else -1
            for group in [1 + number for number in known] or [0]:
                where = match.start, match.end, group
                if where not in found or (sign == 1 and found[where][1] != 1):
                    found[where] = quality, sign
        for (start, end, group), told in found.items():
            yield start, end, group, told if self.related else told[:1]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `related` only where it is true, as readers from before it know no such field."""
        told = {RELATED: True} if self.related else {}
        return {"types": list(self.types), "slots": dict(self.slots), **told}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EntityFeatures:
        """The inverse of `to_dict`.

        Raises:
            ValueError: if a field is missing or unknown, or a value is not valid.
        """
        fields = {"types", "slots"}
        if not isinstance(values, Mapping) or set(values) - {RELATED} != fields:
            raise ValueError(
                "Entity features have `types`, `slots` and, of models that are told of relations, `related`. Received: "
                f"{values!r:.80}."
            )
        slots = tuple(dict(values["slots"]).items())
        return cls(tuple(values["types"]), slots, values.get(RELATED, False))
