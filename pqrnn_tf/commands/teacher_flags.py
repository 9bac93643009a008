"""Flags that the commands with a teacher have in common."""

from __future__ import annotations

from pqrnn_tf.commands.arguments import CommandParser
from pqrnn_tf.datasets.making.domains import DOMAINS


def add_bert(parser: CommandParser) -> None:
    """Declares the flag that names a BERT."""
    parser.flag(
        "teacher",
        "TF-Hub handle or folder of the BERT encoder, folder with a BERT checkpoint in safetensors, or a fine-tuned "
        "teacher of the same labels, whose training resumes with these rows.",
        shown="multilingual cased BERT of TF-Hub",
        metavar="HANDLE",
    )


def add_modules(parser: CommandParser) -> None:
    """Declares the flag that names modules to import."""
    parser.flag(
        "module",
        "Python module to import before a teacher is loaded, such as one that registers the Keras classes of a "
        "model of one's own.",
        repeat=True,
        metavar="MODULE",
    )


def add_streamed(parser: CommandParser) -> None:
    """Declares the flag for a teacher larger than memory."""
    parser.switch(
        "streamed",
        "Read the weights of a BERT from disk layer by layer, for one that is larger than memory; the answers are the "
        "same bit for bit. It reads all weights once for each shard, so give it large ones.",
    )


def add_domains(parser: CommandParser, does: str) -> None:
    """Declares the flag that distinguishes domains; `does` says what they are for."""
    told = "; ".join(f"{name}: {what}" for name, what in DOMAINS.items())
    parser.flag(
        "domains",
        f"{does} What distinguishes the domains of rows. {told}.",
        choices=list(DOMAINS),
    )
