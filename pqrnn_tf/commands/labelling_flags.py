"""What the commands `distill` and `label` have in common."""

from __future__ import annotations

import logging

from absl import flags

MODULES = flags.DEFINE_multi_string(
    "module",
    [],
    "Python module to import before a teacher is loaded, such as one that registers the Keras classes of a model of "
    "one's own; may be repeated.",
)


def quiet_beam() -> None:
    """Keeps Beam's warnings and errors, and leaves out what it tells of its own type hints and caches."""
    logging.getLogger("apache_beam").setLevel(logging.WARNING)
