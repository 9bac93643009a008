"""What a file of this folder says of a published model: the commands that made it, and what its card must tell."""

from __future__ import annotations

import dataclasses
import importlib
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is made.

    Attributes:
        commands: Shell commands in order, run in the root of a checkout beside folders with the corpora.
        publish: The last command, which scores the model and writes its folder in `pretrained/`.
        other_data: Data beside the corpora that the model was trained on, with its licence.
        selection: How development rows were used, for the card.
        licence: Terms of the model, where its folder does not say them by its data.
    """

    commands: tuple[str, ...]
    publish: str
    other_data: tuple[str, ...] = ()
    selection: str
    licence: str = ""

    @property
    def script(self) -> str:
        """All commands as a shell script."""
        return "".join(f"{command}\n" for command in (*self.commands, self.publish))


def recipe_names() -> list[str]:
    """Names of the published models that have a recipe here, in alphabetical order."""
    return sorted(_modules())


def load_recipe(name: str) -> Recipe:
    """The recipe of a model.

    Raises:
        ValueError: if there is none of that name.
    """
    modules = _modules()
    if name not in modules:
        raise ValueError(f"`name` must be one of {sorted(modules)}. Received: {name!r}.")
    module = importlib.import_module(f"recipes.{modules[name]}")
    return module.RECIPES[name] if hasattr(module, "RECIPES") else module.RECIPE


def _modules() -> dict[str, str]:
    """The module of each model: one of its name with `RECIPE`, or one of several models with `RECIPES`."""
    found = {}
    for file in sorted(FOLDER.glob("*.py")):
        text = file.read_text("utf-8")
        if "\nRECIPE = " in text:
            found[file.stem] = file.stem
        elif "\nRECIPES: " in text:
            for name in importlib.import_module(f"recipes.{file.stem}").RECIPES:
                found[name] = file.stem
    return found


def main(recipe: Recipe) -> None:
    """Prints the commands: `python -m recipes.NAME | sh -e` runs them; each resumes what was killed."""
    if sys.argv[1:]:
        raise SystemExit(f"no arguments are taken. Received: {sys.argv[1:]}.")
    print(recipe.script, end="")
