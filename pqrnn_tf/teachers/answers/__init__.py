"""Answers of a teacher to a text: made once, kept in shards, read as training data."""
