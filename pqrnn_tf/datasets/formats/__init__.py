"""Formats of files: text, lines, splits, BIO tags."""
