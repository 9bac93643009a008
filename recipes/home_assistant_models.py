"""How the models `pretrained/home_assistant_LANGUAGE` were made: a training each, on rows of templates.

    python -m recipes.home_assistant_models            # prints the commands of all languages
    python -m recipes.home_assistant_models | sh -e    # runs them

`home_assistant` is the folder of Home Assistant's sentences, `commonvoice` one of general sentences, in en.txt and so
on. docs/home_assistant.md says what the models are measured on. What is published, but for Hindi, Spanish and Thai, is
older than the words of opposite intents and of units; `recipes.home_assistant.published_knowledge` wrote them into it.
`recipes.other_signatures --short_texts 32` gave the Thai one its signatures.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from recipes.home_assistant.make import ROWS
from recipes.recipe import Recipe

LANGUAGES = ("de", "en", "es", "fr", "hi", "it", "nl", "th")
"""Languages with a published model."""
_FOREIGN = {"en": ("clinc150", "banking77")}
"""Corpora of requests that are none of a house's business."""
_TESTED = ("de", "en", "es", "fr")
_CONFIGS = {"th": "th"}
"""Languages whose model has a configuration of another name."""
_ROWS = {"de": 16_000, "hi": 6_000}
"""Rows of templates; of the other languages `_MANY`."""
_MANY = 18_000
_LICENCES = {
    "clinc150": "CLINC150 (CC BY 3.0)",
    "banking77": "Banking77 (CC BY 4.0)",
}


def _recipe(language: str) -> Recipe:
    run = f"runs/home_assistant_{language}"
    foreign = "".join(f"--foreign {corpus} " for corpus in _FOREIGN.get(language, ()))
    many = _ROWS.get(language, _MANY)
    rows = "" if many == ROWS else f"--rows {many} "
    own = _CONFIGS.get(language)
    config = f"--config recipes/students/home_assistant_{own}.json " if own else ""
    rejection = "" if language == "en" else "--reject_at 0.04 "
    corpora = [_LICENCES[corpus] for corpus in _FOREIGN.get(language, ())]
    weights = "" if language == "en" else "--without_weights "
    measured = (
        "development rows are the test sentences handed to the project"
        if language in _TESTED
        else "development rows are of templates that no training row is of"
    )
    return Recipe(
        commands=(
            f"python -m recipes.home_assistant.make --data home_assistant --general commonvoice "
            f"{foreign}{rows}{config}--language {language} --output {run}",
        ),
        publish=f"python -m recipes.publish --recipe home_assistant_{language} --run {run} "
        f"--data {run}/rows:{language} --extra {run}/rows/knowledge.json --without_forms {rejection}{weights}"
        f"--output pretrained/home_assistant_{language}",
        other_data=(
            "rows out of scope: general sentences of Common Voice (CC0 1.0)"
            + "".join(f", {corpus}" for corpus in corpora)
            + ", and templates of this project",
            "names of devices, areas and floors: invented, from Faker and from words of Common Voice",
        ),
        selection=f"the weights are those after the last epoch; {measured}",
    )


RECIPES: Mapping[str, Recipe] = {
    f"home_assistant_{language}": _recipe(language) for language in LANGUAGES
}
"""The recipe of each model."""


if __name__ == "__main__":
    if sys.argv[1:]:
        raise SystemExit(f"no arguments are taken. Received: {sys.argv[1:]}.")
    print("".join(recipe.script for recipe in RECIPES.values()), end="")
