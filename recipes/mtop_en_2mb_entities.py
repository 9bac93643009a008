"""How `pretrained/mtop_en_2mb_entities` was made: `mtop_en_2mb` with an input for names that only the device knows.

    python -m recipes.mtop_en_2mb_entities            # prints the commands
    python -m recipes.mtop_en_2mb_entities | sh -e    # runs them

All weights are those of `mtop_en_2mb`, as its folder has them in half precision; the two matrices of the new input are
trained, 1,500 steps on the training rows of MTOP. Without names the model says what `mtop_en_2mb` says.
"""

from __future__ import annotations

from recipes.mtop_teachers import OTHER_DATA_OF_MINILM, OUTSIDE_TEXT
from recipes.recipe import Recipe, main

TYPES = {
    "CONTACT": "contact",
    "RECIPIENT": "contact",
    "SENDER": "contact",
    "CONTACT_ADDED": "contact",
    "CONTACT_REMOVED": "contact",
    "ATTENDEE": "contact",
    "MUSIC_ARTIST_NAME": "artist",
    "MUSIC_PLAYLIST_TITLE": "playlist",
    "LOCATION": "location",
}
"""The slots of MTOP that hold names, and the types of the entities that these are."""

RECIPE = Recipe(
    commands=(
        "python -m recipes.entity_input --start mtop_en_2mb --data mtop_en "
        + "".join(f"--entity_type {slot}={kind} " for slot, kind in TYPES.items())
        + "--steps 1500 --output runs/mtop_en_2mb_entities",
        OUTSIDE_TEXT,
    ),
    publish=(
        "python -m recipes.publish --recipe mtop_en_2mb_entities --run runs/mtop_en_2mb_entities --data "
        "mtop_en --reject_at 0.4 --outside_text outside.txt --output pretrained/mtop_en_2mb_entities"
    ),
    other_data=(
        "the weights of mtop_en_2mb (pretrained/mtop_en_2mb), and so what it was trained on",
        *OTHER_DATA_OF_MINILM,
    ),
    selection=(
        "the number of steps was chosen before; a first try of 200 steps was scored on the rows with other names. "
        "The weights are those after the last step"
    ),
)

if __name__ == "__main__":
    main(RECIPE)
