"""Flags of the commands: one way to declare them, to show their defaults, and to know which were given."""

from __future__ import annotations

import argparse
import shlex
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

Type = Callable[[str], Any]
_METAVARS: dict[Any, str] = {int: "N", float: "X"}


class UsageError(Exception):
    """A call that cannot be understood: an unknown flag, or one that the call has no use for."""


class CommandParser(argparse.ArgumentParser):
    """The parser of one command.

    Its help shows every flag with its default, in sections. What it parses says which flags were given, so that a
    command can refuse one that it has no use for.

    Args:
        prog: How the command is called, such as `"pqrnn train"`.
        description: What the help says first; its first line is the command's summary.
    """

    def __init__(self, prog: str, description: str):
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self._absent: dict[str, Any] = {}
        self._required: list[str] = []
        self._words: tuple[str, str] | None = None
        self._behind = ""
        self._section: Any = None

    def section(self, title: str) -> None:
        """Starts a section of the help; the flags that are declared next stand in it."""
        first = self._section is None
        self._section = self.add_argument_group(title)
        if first:
            self._section.add_argument("-h", "--help", action="help", help="Show this help.")

    def words(
        self, name: str, help: str, *, metavar: str, flag: bool = False, behind: str | None = None
    ) -> None:
        """Declares arguments without a flag: any number of them, anywhere; behind `--` they may begin with a dash.

        Args:
            name: What the list of them is called.
            help: One or two sentences.
            metavar: What the help calls one of them.
            flag: Whether `--name` does the same.
            behind: Name for the list of those behind `--`, where they are something else.
        """
        self._words, self._behind = (name, metavar), behind or name
        self._absent |= {name: [], self._behind: []}
        if self._section is None:
            self.section("arguments")
        indent = " " * (len(metavar) + 2)
        self._section.description = "\n".join(
            textwrap.wrap(help, 76, initial_indent=f"{metavar}  ", subsequent_indent=indent)
        )
        if flag:
            self.flag(name, f"The same as {metavar}.", repeat=True, metavar=metavar)

    def flag(
        self,
        name: str,
        help: str,
        *,
        type: Type = str,
        default: Any = None,
        choices: Sequence[str] | None = None,
        required: bool = False,
        repeat: bool = False,
        metavar: str | None = None,
        shown: str | None = None,
    ) -> None:
        """Declares `--name VALUE`.

        Args:
            name: Without the dashes.
            help: One or two sentences.
            type: Makes a value of the text; a `ValueError` of it is an error of usage.
            default: Value where the flag is not given; `None` and a list without items are not shown.
            choices: The only values.
            required: Whether it must be given.
            repeat: Whether it may be given several times; the value is a list then.
            metavar: What the help calls the value; that of a FILE or FOLDER must not be empty, which would be the
                current folder.
            shown: What the help says of the default, where `default` does not say it.
        """
        if type is str and metavar in ("FILE", "FOLDER"):
            type = _name
        self._absent[name] = [] if repeat and default is None else default
        told = shown
        if told is None and default is not None:
            told = f"{default:g}" if isinstance(default, float) else str(default)
        ends = [
            "May be repeated." if repeat else "",
            "Required." if required else "",
            f"Default: {told}." if told else "",
        ]
        if choices is None and metavar is None:
            metavar = _METAVARS.get(type, _METAVARS.get(getattr(type, "number", None), "TEXT"))
        if required:
            self._required.append(f"--{name} {metavar or 'NAME'}")
        self._declare(
            f"--{name}",
            action="append" if repeat else "store",
            type=type,
            choices=choices,
            required=required,
            metavar=metavar,
            default=argparse.SUPPRESS,
            help=_escaped(" ".join([help, *filter(None, ends)])),
        )

    def switch(self, name: str, help: str) -> None:
        """Declares `--name`, off where it is not given, and `--noname`, which says so."""
        self._absent[name] = False
        self._declare(
            f"--{name}", action="store_true", default=argparse.SUPPRESS, help=_escaped(help)
        )
        self._declare(
            f"--no{name}",
            dest=name,
            action="store_false",
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )

    def parse(self, argv: Sequence[str]) -> Arguments:
        """Parses a command line without the command's name.

        Raises:
            UsageError: if it cannot be understood.
            SystemExit: after `--help`.
        """
        flags, dashes, behind = list(argv), False, []
        if "--" in flags:
            dashes, position = True, flags.index("--")
            flags, behind = flags[:position], flags[position + 1 :]
        values, words = self.parse_known_args(flags)
        for word in words:
            if word.startswith("-") and " " not in word and not _is_number(word):
                self.error(f"there is no flag {word.partition('=')[0]}")
        given = vars(values)
        if self._words is not None:
            for name, more in ((self._words[0], words), (self._behind, behind)):
                if more:
                    given[name] = [*given.get(name, []), *more]
        elif words or dashes:
            self.error(f"unexpected arguments: {words + behind}")
        return Arguments(self._absent, given, call=shlex.join([*self.prog.split(), *argv]))

    def format_help(self) -> str:
        """The help as one text."""
        words = f"[{self._words[1]} ...]" if self._words else ""
        self.usage = " ".join(filter(None, [self.prog, words, *self._required, "[flags]"]))
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raises the error instead of leaving the process."""
        raise UsageError(f"{message}; `{self.prog} --help` shows the flags")

    def print_help(self, file: Any = None) -> None:
        """Prints the help; an error of the stream is the caller's to report."""
        print(self.format_help(), end="", file=file)

    def _declare(self, *names: str, **options: Any) -> None:
        if self._section is None:
            self.section("flags")
        self._section.add_argument(*names, **options)


class Arguments(argparse.Namespace):
    """Values of the flags by name; attributes, as `CommandParser` declares them.

    Args:
        defaults: Values of all flags that are not given.
        given: Values of those that are.
        call: The whole command line, as a shell reads it.
    """

    def __init__(self, defaults: dict[str, Any], given: dict[str, Any], *, call: str):
        super().__init__(**{**defaults, **given})
        self._given = frozenset(given)
        self._call = call

    @property
    def call(self) -> str:
        """The whole command line, as a shell reads it."""
        return self._call

    def is_given(self, name: str) -> bool:
        """Whether a flag stands on the command line."""
        return name in self._given

    def refuse(self, names: Iterable[str], because: str) -> None:
        """Refuses flags that this call has no use for.

        Args:
            names: Names of the flags, without dashes.
            because: Why, such as "it needs --templates".

        Raises:
            UsageError: if one of them was given.
        """
        for name in names:
            if self.is_given(name):
                raise UsageError(f"--{name} has no use here: {because}")


def _name(text: str) -> str:
    """The type of a flag for the name of a file or folder."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty; the current folder is `.`")
    return text


def at_least(least: int) -> Type:
    """The type of a flag for whole numbers from `least` on."""

    def whole(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, not {value}")
        return value

    whole.number = int  # type: ignore[attr-defined]
    whole.__name__ = "whole number"
    return whole


def share(text: str) -> float:
    """The type of a flag for a number from 0 to 1."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, not {text}")
    return value


share.number = float  # type: ignore[attr-defined]


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
