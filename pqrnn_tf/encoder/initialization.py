"""Independent initial values for sub-layers that share one `kernel_initializer` argument."""

from __future__ import annotations

from typing import Any

import keras


def initializer_at(initializer: Any, place: int) -> Any:
    """Returns a copy of an initializer that draws other values than the original.

    A Keras initializer draws the same values at each call, and its plain copy too where it has an
    integer seed: two layers that shared it would start out equal.

    Args:
        initializer: What `keras.initializers.get` returned.
        place: Number of the sub-layer, added to an integer seed.

    Returns:
        An initializer; one that is no `keras.initializers.Initializer` (a function) is returned as
        it is.
    """
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    if isinstance(config.get("seed"), int):
        config["seed"] += place
    return type(initializer).from_config(config)
