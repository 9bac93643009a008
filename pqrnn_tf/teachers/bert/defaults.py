"""Defaults of the fine-tuning of a BERT, for functions and commands alike. Needs nothing heavy."""

from __future__ import annotations

EPOCHS = 5
"""Passes over the rows."""

BASE_WIDTH, BASE_RATE = 768, 5e-5
"""Width of BERT-base and its peak learning rate (Devlin et al. 2019, arXiv 1810.04805, appendix A.3)."""

HIGHEST_RATE = 5e-4
"""Peak learning rate of the narrowest BERTs."""

RATE_BY_WIDTH = "by its width: 5e-05 for 768, 4e-04 for 384"
"""What the help of commands says of it."""


def learning_rate_for(width: int) -> float:
    """The peak learning rate where none is given: the narrower a BERT, the more it can take.

    Half the width has eight times the rate, which goes through what is known: 2e-5 of BERT-large (1,024 wide), 5e-5 of
    BERT-base, and 4e-4 of MiniLM and small E5 (384), which learn several times as much in a pass with it as with 1e-4
    (docs/six_languages.md).

    Args:
        width: Width of the states.
    """
    return min(HIGHEST_RATE, BASE_RATE * (BASE_WIDTH / width) ** 3)


BATCH_SIZE = 32
"""Rows of a step."""

EMBEDDINGS = {
    "all": "every row in every step",
    "rows": "only the rows of the pieces in a batch",
    "frozen": "not at all",
}
"""What of the embeddings a step trains."""

HEAD_FACTOR = 1.0
"""Factor on the learning rate of the heads and of the pooler."""

LAYER_DECAY = 1.0
"""Factor on the learning rate from one layer to the one below."""
