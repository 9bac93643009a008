"""Readers of published corpora, one a file, and the list of them."""
