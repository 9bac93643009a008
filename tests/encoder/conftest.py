"""Every test of this room draws the same random weights each time."""

from __future__ import annotations

import keras
import pytest


@pytest.fixture(autouse=True)
def seeded() -> None:
    keras.utils.set_random_seed(20)
