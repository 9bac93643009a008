"""Defaults of a distillation, for classes and commands alike. Needs nothing heavy."""

from __future__ import annotations

TEMPERATURE = 1.0
"""Temperature of the soft labels; docs/distillation.md compares others."""

STUDENT_LOSS_WEIGHT = 0.3
"""Share of the hard labels in the loss."""

INHERITANCE_SHARE = 0.44
"""Share of the steps in which a smaller model teaches: 55,000 of 125,000 (Qin et al. 2022, arXiv 2105.13880)."""

INHERITANCE_TEMPERATURE = 2.0
"""Temperature of a smaller model's soft labels (the same)."""

TRANSFORMER_RATES = (1e-3, 5e-4)
"""Peak learning rates of a Transformer student: on what is inside of its teacher, then on its soft labels."""
