"""How a command ends: exit codes, errors in one line, and streams that are closed or full."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.extras import explain

USER_ERRORS = (OSError, ValueError, RuntimeError, FloatingPointError)
"""What files, flags, runtimes and trainings raise: a line for the user. Others are errors of the program."""
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
"""Exit codes; the last two are those of a process that the signal ended, as shells say it."""
_COMMANDS = __name__.rpartition(".")[0]
_STANDARD_ERROR: list[int] = []
"""What standard error is while `without_native_messages` holds it."""


def run_command(
    prog: str,
    description: str,
    configure: Callable[[CommandParser], None],
    run: Callable[[Arguments], None],
    argv: Sequence[str],
) -> int:
    """Parses a command line, runs the command, and says in one line of standard error what was wrong.

    Args:
        prog: How the command is called, such as `"pqrnn train"`; begins the line.
        description: What `--help` says first.
        configure: Declares the flags.
        run: Does everything.
        argv: The command line behind `prog`.

    Returns:
        The exit code.
    """

    def command() -> None:
        parser = CommandParser(prog, description)
        configure(parser)
        try:
            arguments = parser.parse(argv)
        except SystemExit:  # after --help
            return
        run(arguments)

    return guarded(prog, command)


def guarded(prog: str, command: Callable[[], None]) -> int:
    """Calls a function and turns what it raises into a line of standard error and an exit code, see `run_command`.

    What the encoding of standard output lacks is written with backslashes, as on standard error.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except UsageError as error:
        say(prog, error)
        return WRONG_USAGE
    except BrokenPipeError:
        _give_up_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        say(prog, "interrupted")
        return INTERRUPTED
    except ImportError as error:
        say(prog, explain(error))
        return FAILED
    except USER_ERRORS as error:
        say(prog, _told(error))
        return FAILED
    return 0


def say(prog: str, message: object) -> None:
    """Writes `PROG: message` to standard error, if that is open."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"{prog}: {message}", file=sys.stderr, flush=True)


class _ToStandardError(logging.Handler):
    """Writes messages as they are to what is standard error at that moment, also where native ones are kept back."""

    def emit(self, record: logging.LogRecord) -> None:
        if sys.stderr is None:
            return
        line = record.getMessage()
        with contextlib.suppress(OSError):
            if _STANDARD_ERROR:
                os.write(_STANDARD_ERROR[-1], f"{line}\n".encode(errors="backslashreplace"))
            else:
                print(line, file=sys.stderr, flush=True)


def log_to_stderr() -> None:
    """Lets this package say on standard error what long work does; calling it again changes nothing."""
    for name in ("pqrnn_tf", "tflite_export"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        if not any(isinstance(handler, _ToStandardError) for handler in logger.handlers):
            logger.addHandler(_ToStandardError())
    # Others tell of their own type hints and caches.
    logging.getLogger("apache_beam").setLevel(logging.ERROR)


@contextlib.contextmanager
def without_native_messages() -> Iterator[None]:
    """Keeps back what native code writes to standard error past Python; after an error it is written nevertheless.

    What this package logs (`log_to_stderr`) is not kept back.
    """
    try:
        saved = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        with tempfile.TemporaryFile() as kept:
            os.dup2(kept.fileno(), 2)
            _STANDARD_ERROR.append(saved)
            try:
                yield
            except BaseException:
                os.dup2(saved, 2)
                kept.seek(0)
                os.write(2, kept.read())
                raise
            finally:
                _STANDARD_ERROR.pop()
                os.dup2(saved, 2)
    finally:
        os.close(saved)


def _told(error: BaseException) -> str:
    """The message of an error; of one of the system without its number."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    reason = " ".join(error.strerror.split())  # those of libraries may have several lines
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    if _is_of_stdout(error):
        _give_up_stdout()
        return f"standard output: {reason}"
    return reason


def _is_of_stdout(error: BaseException) -> bool:
    """Whether an error without a file's name is one of standard output, to which only commands write."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and str(frames[-1].f_globals.get("__name__")).startswith(_COMMANDS)


def _give_up_stdout() -> None:
    """Lets nothing more be written to standard output, also not when the process ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
