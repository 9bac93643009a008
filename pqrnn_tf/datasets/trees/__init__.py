"""Trees beside their utterances: alignment, what is nested, flat slots."""
