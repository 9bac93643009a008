"""Rows made from rows: augmentation, templates, the grammar, mixtures, transfer text."""
