"""Defaults of a distillation, for classes and commands alike. Needs nothing heavy."""

from __future__ import annotations

TEMPERATURE = 1.0
"""Temperature of the soft labels; docs/distillation.md compares others."""

STUDENT_LOSS_WEIGHT = 0.3
"""Share of the hard labels in the loss."""
