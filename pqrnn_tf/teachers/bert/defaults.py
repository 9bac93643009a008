"""Defaults of the fine-tuning of a BERT, for functions and commands alike. Needs nothing heavy."""

from __future__ import annotations

EPOCHS = 5
"""Passes over the rows."""

LEARNING_RATE = 5e-5
"""Peak learning rate (Devlin et al. 2019, arXiv 1810.04805, appendix A.3)."""

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
