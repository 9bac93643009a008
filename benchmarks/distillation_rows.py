"""The rows of the distillation sweep: which recipe, on which data; docs/distillation.md explains them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pqrnn_tf.distillation.recipes import Stage

TEACHER = "teacher"
"""Row of the teacher's own score."""
TEACHERS_TOGETHER = "teachers_together"
"""Row of the score of several teachers that answer as one."""
TEACHER_LONGER = "teacher_longer"
"""Row of the score of a teacher that was fine-tuned for more epochs."""
BASELINE = "labels"
"""Row that the gain of the others is counted from."""
ALL_TRANSFER = "soft_transfer"
"""Row with all transfer text: the end of the curve, and the temperature that the others have."""
TRANSFER_ANSWERS = "transfer/fine-tuned"
"""Name that the recipes give to the fine-tuned teacher's answers to transfer text."""
TEMPERATURE = 1.0
TEMPERATURES = (2.0, 4.0, 8.0)
TRANSFER_LINES = (1_000, 10_000, 40_000)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One recipe of the sweep.

    Args:
        name: Name of the row.
        title: Its name in the table.
        recipe: One of `pqrnn_tf.distillation.recipes.RECIPES`.
        transfer: Whether the recipe reads transfer text.
        lines: How many lines of it; `None` for all.
        latent: Whether hidden states are compared beside the outputs of `task_specific`.
        temperature: Temperature of the soft labels.
        unfreezing: Whether the student thaws gradually.
        regularisation: As `build_recipe` takes it.
        longer: How many times the steps of other rows.
        changes: Fields of the student's configuration that are others than in the other rows, as
            `read_config` takes them.
        teacher: Row of the score of the teacher whose answers the recipe reads.
    """

    name: str
    title: str
    recipe: str
    transfer: bool = True
    lines: int | None = None
    latent: bool = False
    temperature: float = TEMPERATURE
    unfreezing: bool = False
    regularisation: float | None = None
    longer: int = 1
    changes: tuple[str, ...] = ()
    teacher: str = TEACHER

    def stages(self, *, steps: int, layers: int) -> list[Stage]:
        """The stages, of `steps` optimizer steps together, times `longer`.

        Args:
            steps: The budget of the sweep.
            layers: QRNN layers of the student.
        """
        from pqrnn_tf.distillation.recipes import build_recipe

        return build_recipe(
            self.recipe,
            layers=layers,
            transfer=self.transfer,
            temperature=self.temperature,
            latent=self.latent,
            unfreeze=self.unfreezing,
            regularisation=self.regularisation,
            steps=self.longer * steps,
        )


RECIPE_ROWS = (
    Row(
        name=BASELINE,
        title="labels only",
        recipe="labels_only",
        transfer=False,
    ),
    Row(
        name="labels_light",
        title="labels only, less regularisation",
        recipe="labels_only",
        transfer=False,
        regularisation=0.2,
    ),
    Row(
        name="soft",
        title="soft labels",
        recipe="task_specific",
        transfer=False,
    ),
    Row(
        name=ALL_TRANSFER,
        title="soft labels + transfer text",
        recipe="task_specific",
    ),
    Row(
        name="soft_transfer_regularised",
        title="soft labels + transfer text, all regularisation",
        recipe="task_specific",
        regularisation=1.0,
    ),
    Row(
        name="soft_transfer_latent",
        title="soft labels + transfer text + latent",
        recipe="task_specific",
        latent=True,
    ),
    Row(
        name="sequential",
        title="sequential",
        recipe="sequential",
    ),
    Row(
        name="four_stages",
        title="four stages",
        recipe="four_stages",
    ),
    Row(
        name="four_stages_unfreezing",
        title="four stages + gradual unfreezing",
        recipe="four_stages",
        unfreezing=True,
    ),
    Row(
        name="longer_teacher",
        title="soft labels + transfer text, teacher fine-tuned longer",
        recipe="task_specific",
        teacher=TEACHER_LONGER,
    ),
)
TEMPERATURE_ROWS = tuple(
    Row(
        name=f"temperature_{value:g}",
        title=f"temperature {value:g}",
        recipe="task_specific",
        temperature=value,
    )
    for value in TEMPERATURES
)
TRANSFER_ROWS = tuple(
    Row(name=f"transfer_{lines}", title=f"{lines:,} lines", recipe="task_specific", lines=lines)
    for lines in TRANSFER_LINES
)
LONG_ROWS = (
    Row(
        name=f"{BASELINE}_long",
        title="labels only",
        recipe="labels_only",
        transfer=False,
        longer=3,
    ),
    Row(
        name=f"{BASELINE}_light_long",
        title="labels only, less regularisation",
        recipe="labels_only",
        transfer=False,
        regularisation=0.2,
        longer=3,
    ),
    Row(
        name=f"{ALL_TRANSFER}_long",
        title="soft labels + transfer text",
        recipe="task_specific",
        longer=3,
    ),
    Row(
        name="longer_teacher_long",
        title="soft labels + transfer text, teacher fine-tuned longer",
        recipe="task_specific",
        longer=3,
        teacher=TEACHER_LONGER,
    ),
)
"""Labels only and the default recipe, trained longer."""
_LARGE = (
    "spec.word_features=1024",
    "spec.ngram_features=2048",
    "bottleneck_units=256",
    "units=104",
)
LARGE_ROWS = (
    Row(
        name=f"large_{BASELINE}",
        title="labels only",
        recipe="labels_only",
        transfer=False,
        changes=_LARGE,
    ),
    Row(
        name=f"large_{ALL_TRANSFER}",
        title="the MiniLM, soft labels + transfer text",
        recipe="task_specific",
        changes=_LARGE,
    ),
    Row(
        name="large_together",
        title="the MiniLM and a student, soft labels + transfer text",
        recipe="task_specific",
        changes=_LARGE,
        teacher=TEACHERS_TOGETHER,
    ),
    Row(
        name="large_longer_teacher",
        title="the MiniLM fine-tuned longer, soft labels + transfer text",
        recipe="task_specific",
        changes=_LARGE,
        teacher=TEACHER_LONGER,
    ),
)
"""The default recipe with a student of the size of `mtop_en_2mb`, and with other teachers."""
ROWS = {
    row.name: row
    for row in (*RECIPE_ROWS, *LONG_ROWS, *LARGE_ROWS, *TEMPERATURE_ROWS, *TRANSFER_ROWS)
}
