"""Names that only the device knows, and where a text has them. Needs numpy only.

docs/entities.md says what matches; `tests/golden/entity_matches_v1.json` holds what every implementation finds.
"""

from __future__ import annotations

import copy
import functools
import os
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from pqrnn_tf.runtime.entity_files import (
    Entity,
    EntityError,
    Place,
    entity_of,
    read_entity_rows,
    read_triple_rows,
)
from pqrnn_tf.runtime.entity_matches import QUALITIES, Match
from pqrnn_tf.runtime.entity_relations import EntityRelations
from pqrnn_tf.runtime.entity_triples import with_triples
from pqrnn_tf.runtime.entity_vectors import EntityVectors
from pqrnn_tf.runtime.entity_words import (
    LONGEST_ENDINGS,
    Word,
    allowed_errors,
    has_letters,
    is_inflected,
    is_of_letters,
    key_of,
    keys_of_name,
    typing_errors,
    with_letters_left_out,
    words_of,
)

LARGE = 100_000
"""Lists of more names than this are searched for one typing error a word instead of two, and not for names written
without their spaces, so that they load in bounded memory."""

MAX_ERRORS = 2
"""Typing errors in one match, all words together; a space too few or too many is one."""

JOINED_WORDS = 6
"""Names of more words than this are not found where a space in them is left out."""

_KNOWN = 65536
"""Words of texts that a list remembers, with what they may mean."""


class _Meant(NamedTuple):
    """What a word of a text may mean.

    Attributes:
        key: What it is compared by; empty if it is not one of letters.
        candidates: Words of names as `(word, rank, errors)`.
        own: The word of names that it is letter by letter, or −1.
        misspelled: Whether one of these differs by typing errors, or is a name without its spaces.
    """

    key: str
    candidates: tuple[tuple[int, int, int], ...]
    own: int
    misspelled: bool


class _Buckets:
    """Whole numbers by the hash of a text.

    Args:
        hashes: int64 `(entries,)`.
        values: int32 `(entries,)`.
    """

    def __init__(self, hashes: np.ndarray, values: np.ndarray) -> None:
        self._mask = (1 << max(1, len(hashes)).bit_length()) - 1
        slots = (hashes & self._mask).astype(np.int32)
        order = np.argsort(slots, kind="stable")
        starts = np.zeros(self._mask + 2, np.int32)
        np.cumsum(np.bincount(slots, minlength=self._mask + 1), out=starts[1:])
        self._starts = starts.data
        self._signs = (hashes[order] >> 31).astype(np.int32).data
        self._values = np.ascontiguousarray(values[order]).data

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> _Buckets:
        """Those of which the n-th texts have the value n."""
        hashes, values = array("q"), array("i")
        for number, own in enumerate(texts):
            before = len(hashes)
            hashes.extend(map(hash, own))
            values.extend([number] * (len(hashes) - before))
        return cls(np.array(hashes, np.int64), np.array(values, np.int32))

    def find(self, texts: Iterable[str]) -> set[int]:
        """The values of any of some texts, and perhaps a few that have nothing to do with them."""
        found = set()
        starts, signs, values, mask = self._starts, self._signs, self._values, self._mask
        for text in texts:
            own = hash(text)
            slot = own & mask
            for i in range(starts[slot], starts[slot + 1]):
                # The 32 bits above the 31st, as a signed number.
                if signs[i] == ((own >> 31) + 0x80000000 & 0xFFFFFFFF) - 0x80000000:
                    found.add(values[i])
        return found


class Entities:
    """A list of entities, and a matcher for their names.

    It never changes; make another one where names change. Threads may share an object.

    Args:
        entities: Distinct entities; `from_rows` and `from_file` join what is said twice.

    Example:
    ```python
    entities = Entities.from_rows(
        [
            {"name": "Anna", "type": "contact", "synonyms": ["Annie"]},
            {"name": "Kitchen lamp", "type": "light", "relations": {"located_in": "Kitchen"}},
        ]
    )
    [(m.entity.name, m.quality) for m in entities.match("call annas")]  # [("Anna", "inflected")]
    parser = pqrnn_tf.load("mtop_en_2mb")
    parser.entities = entities
    ```
    """

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self._entities = list(entities)
        self._words: dict[str, int] = {}
        self._roots = array("i")  # for each word the node of names that begin with it, or −1
        self._edges: dict[int, int] = {}  # node · 2³² + word → node
        self._nodes = 0
        self._vectors: EntityVectors | None = None
        self._known: dict[str, _Meant] = {}
        self._written: dict[str, tuple[str, ...]] = {}
        self._add_names()

    def _add_names(self) -> None:
        large = len(self._entities) > LARGE
        nodes, owners, joined = array("i"), array("i"), array("i")
        of_joined: set[str] = set()  # words of names without their spaces

        def add(keys: list[str], owner: int, way: int) -> None:
            nodes.append(self._node_of(keys))
            owners.append(owner)
            joined.append(way)

        for owner, entity in enumerate(self._entities):
            for name in (entity.name, *entity.synonyms):
                keys = keys_of_name(name)
                if not keys:  # punctuation only, which no text is searched for
                    continue
                add(keys, owner, _AS_WRITTEN)
                for form, way in () if large else _written_together(keys):
                    add(form, owner, way)
                    of_joined.update(form)
        order = np.argsort(np.array(nodes, np.int32), kind="stable")
        counts = np.bincount(np.array(nodes, np.int32), minlength=self._nodes)
        self._first_form = np.append(0, np.cumsum(counts)).astype(np.int32).data
        self._forms = [
            np.ascontiguousarray(np.array(values, np.int32)[order]).data
            for values in (owners, joined)
        ]
        self._spelt = list(self._words)
        self._of_joined = bytes(word in of_joined for word in self._spelt)
        of_letters = [word if is_of_letters(word) else "" for word in self._spelt]
        self._has_letters = any(of_letters)
        self._stems = _Buckets.of(map(_stems, of_letters))
        most = 1 if large else MAX_ERRORS
        self._left = _Buckets.of(
            with_letters_left_out(word, min(most, allowed_errors(word, word)))
            if len(word) >= _SHORTEST_WITH_ERRORS
            else ()
            for word in of_letters
        )
        self._most_errors = most

    def _node_of(self, keys: list[str]) -> int:
        """The node of a sequence of words, made where it is missing."""
        node = -1
        for key in keys:
            word = self._words.setdefault(key, len(self._words))
            if word == len(self._roots):
                self._roots.append(-1)
            if node < 0:
                after = self._roots[word]
                if after < 0:
                    after = self._roots[word] = self._nodes
                    self._nodes += 1
            else:
                after = self._edges.setdefault(node << 32 | word, self._nodes)
                self._nodes += after == self._nodes
            node = after
        return node

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Any],
        *,
        type: str = "",
        allowed_types: Collection[str] | None = None,
        triples: Iterable[Any] = (),
    ) -> Entities:
        """A list of rows.

        Rows with the same `id` are one entity, whose synonyms, types and relations are joined. So are rows without an
        `id` that have the same name and types.

        Args:
            rows: Names, `Entity`s, or mappings with `name` and, if need be, `id`, `type` or `types`, `synonyms`,
                `relations`.
            type: Type of those that name none.
            allowed_types: Types that there may be; `None` for any.
            triples: Subject, relation and object of what entities have to do with each other, beside the relations
                of rows. The subject is the id or a name of an entity; with the relation `is_a` the object is a type.

        Raises:
            EntityError: if a row is none, has a type that is not allowed, or the `id` of another name; if a triple is
                none, or its subject is no entity or several.
            TypeError: if rows, triples or allowed types are one text or a mapping, or no iterable.
        """
        _check_rows("rows", rows, "; `Entities.from_file` reads a file, also one of lists by type")
        _check_rows("triples", triples, "; `Entities.from_file` reads a file of them")
        placed = ((row, f"row {number}") for number, row in enumerate(rows, 1))
        told = ((row, f"triple {number}") for number, row in enumerate(triples, 1))
        return cls(_joined(placed, told, type, allowed_types))

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        type: str = "",
        allowed_types: Collection[str] | None = None,
        triples: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
        vectors: str | os.PathLike[str] | None = None,
    ) -> Entities:
        """A list of a file, or of several.

        Args:
            path: `.txt` with one name a line; `.csv` or `.tsv` with a header that has `name` and, if need be, `id`,
                `type`, `synonyms` (several are separated by `|`) and relations as further columns; `.json`, `.yaml`
                (or `.jsonl`) with rows as `from_rows` takes them, or with lists of them by type. Or several files. A
                file without content has no entities.
            type, allowed_types: As in `from_rows`.
            triples: A file of triples, as `from_rows` takes them, or several: `.csv` or `.tsv` with the columns
                subject, relation and object, or a list of triples as `.json`, `.jsonl` or `.yaml`.
            vectors: The file of `pqrnn graph` for this list, see `with_vectors`.

        Raises:
            EntityError, TypeError: naming file and line, if a file or a row cannot be used, or as `from_rows` does.
            ImportError: if a file is YAML and PyYAML is not installed.

        Example:
        ```python
        contacts = Entities.from_file("contacts.yaml", type="contact")
        ```
        """
        placed = (row for one in _each("path", path) for row in read_entity_rows(one))
        told = (row for one in _each("triples", triples) for row in read_triple_rows(one))
        entities = cls(_joined(placed, told, type, allowed_types))
        return entities if vectors is None else entities.with_vectors(vectors)

    def with_vectors(
        self, vectors: EntityVectors | str | os.PathLike[str], *, place: str = "`vectors`"
    ) -> Entities:
        """The same list with vectors, by which linking knows what is near by relations (docs/entities.md).

        Args:
            vectors: Those that `pqrnn graph` made of this list, or their file.
            place: What errors call vectors that are no file.

        Raises:
            EntityError: if the file is damaged, or the vectors are those of another list or of this one before it was
                changed.
        """
        if not isinstance(vectors, EntityVectors):
            vectors, place = EntityVectors.read(vectors), str(vectors)
        vectors.check(self._entities, place)
        same = copy.copy(self)
        same._vectors = vectors
        return same

    @property
    def vectors(self) -> EntityVectors | None:
        """The vectors of the entities, `None` without."""
        return self._vectors

    @functools.cached_property
    def relations(self) -> EntityRelations:
        """What the entities have to do with each other."""
        return EntityRelations(self._entities)

    def __len__(self) -> int:
        return len(self._entities)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities)

    def __getitem__(self, number: int) -> Entity:
        return self._entities[number]

    def __repr__(self) -> str:
        return f"Entities({len(self)} of {len(self.types)} types)"

    @property
    def types(self) -> tuple[str, ...]:
        """All types, sorted."""
        return tuple(sorted({kind for entity in self._entities for kind in entity.types}))

    def match(self, text: str, *, as_written: bool = False) -> list[Match]:
        """Where a text has names of the list.

        Args:
            text: Any string.
            as_written: Whether only names count that agree but for capitals and accents, of the qualities exact and
                folded. They are found sooner.

        Returns:
            All matches, also those that overlap: the longest first, then the best, then in the order of the text and
            of the list. Of names that match the same part an entity has its best one.

        Raises:
            TypeError: if `text` is no string.
        """
        words, meant = self._meant(text)
        find = self._found_as_written if as_written else self._found
        ordered = []
        for (first, last, owner), (rank, errors) in find(meant).items():
            start, end = words[first].start, words[last].end
            entity = self._entities[owner]
            if rank == 0 and not self._is_as_written(
                entity, tuple([word.text for word in words[first : last + 1]])
            ):
                rank = 1
            ordered.append(
                (
                    start - end,
                    rank,
                    errors,
                    start,
                    owner,
                    Match(start, end, entity, QUALITIES[rank], errors),
                )
            )
        ordered.sort()
        return [entry[-1] for entry in ordered]

    def _found_as_written(self, meant: list[_Meant]) -> dict[tuple[int, int, int], tuple[int, int]]:
        """As `_found`, of names without errors only."""
        found: dict[tuple[int, int, int], tuple[int, int]] = {}
        edges, first_form, (owners, ways_of_writing) = self._edges, self._first_form, self._forms
        for first, word in enumerate(meant):
            node = self._roots[word.own] if word.own >= 0 else -1
            last = first
            while node >= 0:
                for form in range(first_form[node], first_form[node + 1]):
                    if ways_of_writing[form] == _AS_WRITTEN:
                        found[first, last, owners[form]] = (0, 0)
                last += 1
                behind = meant[last].own if last < len(meant) else -1
                node = edges.get(node << 32 | behind, -1) if behind >= 0 else -1
        return found

    def _found(self, meant: list[_Meant]) -> dict[tuple[int, int, int], tuple[int, int]]:
        """Rank and errors of names by first word, last word and entity."""
        roots = self._roots
        apart_words = self._written_apart(meant)
        ways: list[tuple[int, int, int, int, int]] = []  # first word, last word, node, rank, errors
        for i, (_, candidates, _, _) in enumerate(meant):
            for word, rank, errors in candidates:
                if (node := roots[word]) >= 0:
                    ways.append((i, i, node, rank, errors))
            if i in apart_words and (node := roots[apart_words[i]]) >= 0:
                ways.append((i, i + 1, node, 3, -1))  # errors of words written apart are below 0
        found: dict[tuple[int, int, int], tuple[int, int]] = {}
        edges, first_form, (owners, ways_of_writing) = self._edges, self._first_form, self._forms
        last_of_all = len(meant) - 1
        for first, last, node, rank, errors in ways:  # which grows
            apart, errors = errors < 0, abs(errors)
            for form in range(first_form[node], first_form[node + 1]):
                joined = ways_of_writing[form]
                all_errors = errors
                if joined:
                    all_errors += 1
                    if all_errors > MAX_ERRORS or (joined == _PARTLY and errors):
                        continue
                    if apart or rank == 2:  # `kitchen` is no `Kitchen TV` without its end
                        continue
                own = (3 if joined else rank, all_errors)
                where = (first, last, owners[form])
                if where not in found or own < found[where]:
                    found[where] = own
            if last < last_of_all and edges:
                for word, other, more in meant[last + 1][1]:
                    after = edges.get(node << 32 | word, -1)
                    if after >= 0 and errors + more <= MAX_ERRORS:
                        own_errors = -(errors + more) if apart else errors + more
                        ways.append((first, last + 1, after, max(rank, other), own_errors))
                if last + 1 in apart_words and not apart and errors < MAX_ERRORS:
                    after = edges.get(node << 32 | apart_words[last + 1], -1)
                    if after >= 0:
                        ways.append((first, last + 2, after, 3, -(errors + 1)))
        return found

    def may_have_errors(self, text: str) -> bool:
        """Whether a text may have a name with typing errors: if not, `match` finds none of this quality.

        It takes less time than `match`, since nothing is put together.

        Raises:
            TypeError: if `text` is no string.
        """
        if not self._has_letters:  # of scripts whose characters are a word each
            return False
        _, meant = self._meant(text)
        return any([word.misspelled for word in meant]) or bool(self._written_apart(meant))

    def _meant(self, text: str) -> tuple[list[Word], list[_Meant]]:
        """The words of a text, and what each may mean."""
        if not isinstance(text, str):
            raise TypeError(f"`text` must be a str. Received: {type(text).__name__}.")
        words, _ = words_of(text)
        known = self._known
        return words, [known.get(word.text) or self._look_up(word.text) for word in words]

    def _look_up(self, written: str) -> _Meant:
        key = key_of(written)
        of_letters = is_of_letters(key)
        found = [(own, 0, 0)] if (own := self._words.get(key, -1)) >= 0 else []
        if of_letters:
            longest = LONGEST_ENDINGS[0]
            stems = [key[: len(key) - cut] for cut in range(min(longest, len(key) - 3) + 1)]
            for word in sorted(self._stems.find(stems)):
                if word != own and is_inflected(key, self._spelt[word]):
                    found.append((word, 2, 0))
            if not found and len(key) >= _SHORTEST_WITH_ERRORS:
                found = self._with_errors(key)
        misspelled = any(rank == 3 or self._of_joined[word] for word, rank, _ in found)
        result = _Meant(key if of_letters else "", tuple(found), own, misspelled)
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[written] = result
        return result

    def _with_errors(self, key: str) -> list[tuple[int, int, int]]:
        """The words that a word with typing errors may be: those with the fewest errors."""
        most = min(self._most_errors, allowed_errors(key, key))
        found = []
        for word in sorted(self._left.find(with_letters_left_out(key, most))):
            other = self._spelt[word]
            errors = typing_errors(key, other, min(most, allowed_errors(key, other)))
            if errors is not None:
                found.append((word, 3, errors))
        fewest = min((errors for *_, errors in found), default=0)
        return [entry for entry in found if entry[-1] == fewest]

    def _written_apart(self, meant: list[_Meant]) -> dict[int, int]:
        """The words of names that a text may have written as two, by the place of the first of these."""
        found = {}
        before = ""
        for place, (key, *_) in enumerate(meant):
            if before and key and len(before) + len(key) >= _SHORTEST_WITH_ERRORS:
                word = self._words.get(before + key, -1)
                if word >= 0:
                    found[place - 1] = word
            before = key
        return found

    def _is_as_written(self, entity: Entity, words: tuple[str, ...]) -> bool:
        """Whether a name of an entity has these words, capitals and accents included."""
        for name in (entity.name, *entity.synonyms):
            own = self._written.get(name)
            if own is None:
                if len(self._written) >= _KNOWN:
                    self._written.clear()
                own = self._written[name] = tuple([word.text for word in words_of(name)[0]])
            if own == words:
                return True
        return False


_SHORTEST_WITH_ERRORS = 4
"""Letters of the shortest word that may have a typing error."""

_AS_WRITTEN, _TOGETHER, _PARTLY = range(3)
"""How a name of an index is written: with its spaces, with none, or without one of several, which is its only error."""


def _written_together(keys: list[str]) -> Iterator[tuple[list[str], int]]:
    """The words of a name without the space between two of them, and without both spaces of a name of three."""
    count = len(keys)
    ranges = [(place, place + 2) for place in range(count - 1)] + [(0, 3)] * (count == 3)
    for first, last in ranges if count <= JOINED_WORDS else ():
        own = keys[first:last]
        word = "".join(own)
        if len(word) >= _SHORTEST_WITH_ERRORS and all(map(has_letters, own)):
            way = _TOGETHER if last - first == count else _PARTLY
            yield [*keys[:first], word, *keys[last:]], way


def _stems(word: str) -> list[str]:
    """What a word of a name may be cut to, as far as `is_inflected` allows."""
    if len(word) <= 3:
        return [word] if len(word) == 3 else []
    shortest = max(4, len(word) - LONGEST_ENDINGS[1])
    return [word[:length] for length in range(shortest, len(word) + 1)]


def _each(
    name: str, path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
) -> Iterable[str | os.PathLike[str]]:
    if isinstance(path, (str, os.PathLike)):
        return [path]
    if isinstance(path, (bytes, Mapping)) or not isinstance(path, Iterable):
        raise TypeError(
            f"`{name}` must be the path of a file, or a list of paths. "
            f"Received: {type(path).__name__} {path!r:.60}."
        )
    return path


def _check_rows(name: str, rows: Any, hint: str = "") -> None:
    """Refuses what would be taken for rows letter by letter, or key by key."""
    if isinstance(rows, (str, bytes, bytearray, Mapping)) or not isinstance(rows, Iterable):
        raise TypeError(
            f"`{name}` must be a list{hint}. Received: {type(rows).__name__} {rows!r:.60}."
        )


def _joined(
    placed: Iterable[tuple[Any, Place]],
    triples: Iterable[tuple[Any, Place]],
    kind: str,
    allowed_types: Collection[str] | None,
) -> Iterable[Entity]:
    """The entities of rows, each once, with what triples say of them."""
    if allowed_types is not None:
        _check_rows("allowed_types", allowed_types)
    allowed = None if allowed_types is None else set(allowed_types)
    if not isinstance(kind, str):
        raise TypeError(f"`type` must be a str. Received: {type(kind).__name__} {kind!r:.60}.")

    def check(entity: Entity, place: Place) -> None:
        if allowed is not None and not allowed.issuperset(entity.types):
            unknown = next(own for own in entity.types if own not in allowed)
            raise EntityError(
                f"{place}: the type must be one of {', '.join(sorted(allowed))}. Received: {unknown!r} of "
                f"{entity.name!r}."
            )

    found: dict[Any, Entity] = {}
    for row, place in placed:
        entity = entity_of(row, place)
        if kind and not entity.types:
            entity = entity._replace(types=(kind,))
        check(entity, place)
        key: Any = entity.id if entity.id != entity.name else (entity.name, entity.types)
        before = found.setdefault(key, entity)
        if before is entity:
            continue
        if before.name != entity.name:
            raise EntityError(
                f"{place}: an `id` must belong to one name; further ones are `synonyms`. Received: {entity.id!r} of "
                f"{entity.name!r}, which is that of {before.name!r}."
            )
        found[key] = Entity(
            before.name,
            before.id,
            *(
                tuple(dict.fromkeys((*getattr(before, field), *getattr(entity, field))))
                for field in ("types", "synonyms", "relations")
            ),
        )
    entities = with_triples(list(found.values()), triples)
    for entity in entities:
        check(entity, "triples")
    return entities
