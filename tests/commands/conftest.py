"""How the tests call commands: in this process, as `pqrnn` does."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pqrnn_tf.commands.main import main


@dataclasses.dataclass(frozen=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The last line of standard output; the command must have succeeded."""
        assert self.code == 0, self.err
        return json.loads(self.out.splitlines()[-1])

    def lines(self) -> list[Any]:
        """All lines of standard output."""
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.split("\n") if line]


Call = Callable[..., Done]


@pytest.fixture
def call(capfd, monkeypatch) -> Call:
    """Calls `pqrnn` with arguments and, as `stdin`, bytes."""

    def run(*arguments: object, stdin: bytes = b"") -> Done:
        capfd.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            code = main([str(argument) for argument in arguments])
        # What the runtime says when it starts is not the command's.
        out, err = capfd.readouterr()
        lines = [line for line in err.splitlines(keepends=True) if not line.startswith("INFO: ")]
        return Done(code, out, "".join(lines))

    return run
