"""The lists of names that a command's parser knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError

if TYPE_CHECKING:
    from pqrnn_tf.runtime.parser import Parser


def declare(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "entities",
        "A file of names that slots may mean: .txt, .csv, .json or .yaml (docs/entities.md). Slots then have `entity`.",
        repeat=True,
        metavar="FILE",
    )
    declare_triples(parser)
    parser.flag(
        "entity_vectors",
        "The vectors.json that `pqrnn graph` made of these files: what is near by relations is preferred.",
        metavar="FILE",
    )
    parser.flag(
        "entity_types",
        "The types of entities that a slot takes. A slot that is not named takes all.",
        repeat=True,
        metavar="SLOT=TYPE,...",
    )


def declare_triples(parser: CommandParser) -> None:
    """Declares the flag for triples beside the lists."""
    parser.flag(
        "triples",
        "A file of what entities have to do with each other: .csv with the columns subject, relation and object, or a "
        "list of three texts each as .json or .yaml.",
        repeat=True,
        metavar="FILE",
    )


def give(parser: Parser, arguments: Arguments) -> None:
    """Gives the names to a parser.

    Raises:
        EntityError: if a file cannot be used.
        UsageError: if types are not written as the help says, or there are no names for them.
        ValueError: if the model has no such slot.
    """
    from pqrnn_tf.runtime.entities import Entities

    if not arguments.entities:
        arguments.refuse(["entity_types", "triples", "entity_vectors"], "without --entities")
        return
    types: dict[str, list[str]] = {}
    for given in arguments.entity_types:
        slot, _, kinds = given.partition("=")
        own = [kind for kind in kinds.split(",") if kind]
        if not slot or not own:
            raise UsageError(
                f"--entity_types must be SLOT=TYPE, such as CONTACT=contact. Received: {given!r}"
            )
        types.setdefault(slot, []).extend(own)
    if types:
        parser.entity_types = types
    parser.entities = Entities.from_file(
        arguments.entities, triples=arguments.triples, vectors=arguments.entity_vectors
    )
