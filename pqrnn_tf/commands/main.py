"""The command `pqrnn`: finds the file of a subcommand and runs it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

import pqrnn_tf
from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.commands.running import guarded, run_command

COMMANDS = (
    "inspect",
    "convert",
    "train",
    "distill",
    "search",
    "pretrain",
    "mirror",
    "finetune",
    "label",
    "evaluate",
    "calibrate",
    "parse",
    "predict",
    "embed",
    "graph",
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
    name, *rest = [*(sys.argv[1:] if argv is None else argv), ""]
    if name in COMMANDS:
        module = _module(name)
        return run_command(
            f"pqrnn {name}", module.__doc__ or "", module.configure, module.run, rest[:-1]
        )
    return guarded("pqrnn", lambda: _without_command(name))


def _without_command(name: str) -> None:
    if name in ("", "-h", "--help"):
        print(overview())
    elif name == "--version":
        print(f"pqrnn {pqrnn_tf.__version__}")
    else:
        raise UsageError(f"there is no command {name!r}; there are {', '.join(COMMANDS)}")


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


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"pqrnn_tf.commands.{name}")


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
