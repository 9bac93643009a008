"""The flag that the commands `distill` and `label` have in common, for teachers of other people's classes."""

from __future__ import annotations

from absl import flags

MODULES = flags.DEFINE_multi_string(
    "module",
    [],
    "Python module to import before a teacher is loaded, such as one that registers the Keras classes of a model of "
    "one's own; may be repeated.",
)
