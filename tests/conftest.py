"""Fixtures and test tiers shared by all tests."""

from __future__ import annotations

import os
import pathlib
from typing import NoReturn

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run_large", action="store_true", help="also run short trainings")
    parser.addoption("--run_network", action="store_true", help="also run tests that download")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for tier in ("large", "network"):
        if config.getoption(f"--run_{tier}"):
            continue
        skip = pytest.mark.skip(reason=f"needs --run_{tier}")
        for item in items:
            if tier in item.keywords:
                item.add_marker(skip)


def skip_native(reason: str) -> NoReturn:
    """Skips a test of native code on a user's machine; in CI, where it must run, fails it."""
    if os.environ.get("CI"):
        pytest.fail(f"a test of native code cannot run: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def corpora() -> pathlib.Path:
    """The folder of real corpora; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real corpora are not at {folder.name!r} beside the checkout")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory):
    """A tiny model trained on the grammar: `(model, folder of its training, its .tflite)`."""
    from tests.tiny_models import train_tiny
    from tflite_export import convert

    folder = tmp_path_factory.mktemp("tiny")
    model = train_tiny(folder)
    convert(model, path=folder / "model.tflite", licence="test", extra={"note": 1})
    return model, folder, folder / "model.tflite"


@pytest.fixture(scope="module")
def one_signature(tiny):
    """Conversions of one signature: a third of the time, the same parses. `tiny` was made before and has all."""
    from tflite_export import converter

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converter, "SHORT_TEXTS", ())
        yield


@pytest.fixture
def eager():
    """Steps without graphs: a test of a few steps would spend most of its time on compiling one."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
