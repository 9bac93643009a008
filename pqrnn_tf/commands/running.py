"""How a command ends: exit codes, errors in one line, and streams that are closed or full."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from pqrnn_tf.commands.arguments import UsageError

USER_ERRORS = (OSError, ValueError, ImportError, RuntimeError)
"""What files, flags, a missing extra and runtimes raise: a line for the user. Others are errors of the program."""
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
"""Exit codes; the last two are those of a process that the signal ended, as shells say it."""


def run(name: str, command: Callable[[], Any]) -> int:
    """Runs a command and says in one line of standard error what was wrong.

    Args:
        name: Name of the command; begins the line.
        command: Does everything; what it returns is not used.

    Returns:
        The exit code.
    """
    try:
        command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except UsageError as error:
        say(name, error)
        return WRONG_USAGE
    except BrokenPipeError:
        _give_up_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        say(name, "interrupted")
        return INTERRUPTED
    except USER_ERRORS as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            _give_up_stdout()
        say(name, _told(error))
        return FAILED
    return 0


def say(name: str, message: object) -> None:
    """Writes `pqrnn NAME: message` to standard error, if that is open."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"pqrnn {name}: {message}", file=sys.stderr, flush=True)


def log_to_stderr() -> None:
    """Lets the logs of this package say on standard error what long work does."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    # The package's own, by name, and those that it writes through absl.
    for name in ("pqrnn_tf", "absl"):
        logging.getLogger(name).setLevel(logging.INFO)
    # Beam tells of its own type hints and caches.
    logging.getLogger("apache_beam").setLevel(logging.WARNING)


def _told(error: BaseException) -> str:
    """The message of an error; of one of the system without its number."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    where = error.filename if error.filename is not None else "standard output"
    return f"{where}: {error.strerror}"


def _give_up_stdout() -> None:
    """Lets nothing more be written to standard output, also not when the process ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
