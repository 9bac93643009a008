"""The published corpora: by what they are recognised, and the terms of their texts and labels.

To add a corpus whose files have a format that is known, write one entry of `CORPORA`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from pqrnn_tf.datasets.corpora.mtop import LANGUAGES


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A published corpus.

    Attributes:
        name: Its name.
        licence: Terms of its texts and labels.
        citation: Who published it.
        format: How the name of a format begins that is the corpus' own; empty if it has none.
        intents: Intents that rows of the corpus have and rows of others have not, in files of any format.
        languages: The languages it has; none where they are many.
    """

    name: str
    licence: str
    citation: str
    format: str = ""
    intents: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ("en",)


CORPORA = (
    Corpus(
        "SNIPS",
        "CC0 1.0",
        "Coucke et al. 2018, arXiv 1805.10190",
        intents=frozenset({"AddToPlaylist", "SearchCreativeWork", "SearchScreeningEvent"}),
    ),
    Corpus(
        "MASSIVE",
        "CC BY 4.0",
        "FitzGerald et al. 2022, arXiv 2204.08582",
        format="MASSIVE",
        intents=frozenset({"audio_volume_other", "cooking_query", "music_dislikeness"}),
        languages=(),
    ),
    Corpus(
        "CLINC150",
        "CC BY 3.0",
        "Larson et al. 2019, arXiv 1909.02027",
        intents=frozenset({"are_you_a_bot", "rollover_401k", "what_can_i_ask_you", "pto_request"}),
    ),
    Corpus(
        "Banking77",
        "CC BY 4.0",
        "Casanueva et al. 2020, arXiv 2003.04807",
        intents=frozenset({"card_arrival", "Refund_not_showing_up", "verify_my_identity"}),
    ),
    Corpus(
        "HWU64",
        "CC BY 4.0",
        "Liu et al. 2019, arXiv 1903.05566",
        intents=frozenset({"general_commandstop", "general_dontcare", "general_explain"}),
    ),
    Corpus(
        "Home Assistant's intents",
        "CC BY 4.0",
        "Open Home Foundation, home-assistant/intents",
        intents=frozenset({"HassTurnOn", "HassTurnOff", "HassNevermind", "HassGetState"}),
        languages=(),
    ),
    Corpus(
        "TOPv2",
        "CC BY-SA 4.0",
        "Chen et al. 2020, arXiv 2010.03546",
        format="TOPv2",
    ),
    Corpus(
        "MTOD",
        "CC BY-SA 4.0",
        "Schuster et al. 2019, arXiv 1810.13327",
        format="MTOD",
        languages=("en", "es", "th"),
    ),
    Corpus(
        "MTOP",
        "CC BY-SA 4.0",
        "Li et al. 2021, arXiv 2008.09335",
        format="MTOP",
        languages=LANGUAGES,
    ),
)
"""The corpora, in the order in which they are tried."""


def corpora_of_rows(format_name: str, intents: Collection[str]) -> tuple[Corpus, ...]:
    """The published corpora that rows are of; none for rows of others.

    Args:
        format_name: Name of the format of their files.
        intents: All intents of the rows.
    """
    own = [corpus for corpus in CORPORA if corpus.format and format_name.startswith(corpus.format)]
    return tuple(own or (corpus for corpus in CORPORA if not corpus.intents.isdisjoint(intents)))


def model_licence(corpora: Iterable[Corpus]) -> str:
    """The note on terms that a model carries which was trained on some corpora.

    Raises:
        ValueError: If there are none.
    """
    named = {corpus.name: corpus for corpus in corpora}
    if not named:
        raise ValueError("`corpora` must hold at least one corpus. Received: none.")
    terms = " and on ".join(
        f"{corpus.name}, whose texts and labels are {corpus.licence}" for corpus in named.values()
    )
    return f"Model trained on {terms}; code Apache-2.0."
