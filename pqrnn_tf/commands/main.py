"""The command `pqrnn`: finds the file of a subcommand and runs it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

import pqrnn_tf
from pqrnn_tf.commands.arguments import CommandParser, UsageError
from pqrnn_tf.commands.running import run

COMMANDS = (
    "train",
    "distill",
    "finetune",
    "label",
    "evaluate",
    "parse",
    "predict",
    "export",
    "models",
    "demo",
)
"""Names of the subcommands, which are names of modules of this package, in the order in which they are of use."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `pqrnn SUBCOMMAND …`.

    Args:
        argv: Command line without the program's name; `None` for that of the process.

    Returns:
        The exit code: 0, 1 after an error, 2 for wrong usage.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        return run("", lambda: print(overview()))
    name, *rest = arguments
    if name in ("--version", "version"):
        return run("", lambda: print(f"pqrnn {pqrnn_tf.__version__}"))
    return run(name, lambda: _run_subcommand(name, rest))


def overview() -> str:
    """What `pqrnn --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {_summary(_module(name))}" for name in COMMANDS]
    return "\n".join(
        [
            "usage: pqrnn COMMAND ...",
            "",
            "Tiny models that understand what people say: train them on your own phrases, parse with them.",
            "",
            *lines,
            "",
            "`pqrnn COMMAND --help` shows the flags of a command.",
        ]
    )


def command_parser(name: str) -> CommandParser:
    """The parser of a subcommand, with all its flags."""
    module = _module(name)
    parser = CommandParser(name, module.__doc__ or "")
    module.configure(parser)
    return parser


def _run_subcommand(name: str, argv: list[str]) -> None:
    if name not in COMMANDS:
        raise UsageError(f"there is no such command; there are {', '.join(COMMANDS)}")
    parser = command_parser(name)
    try:
        arguments = parser.parse(argv)
    except SystemExit:  # after --help
        return
    _module(name).run(arguments)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"pqrnn_tf.commands.{name}")


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
