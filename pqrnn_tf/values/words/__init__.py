"""Words of times and quantities, one file a language: what the names in CLDR do not say.

Each file has `WORDS`: for each sense (docs/values.md) its words and phrases, separated by commas. Accents and casing
do not count. Thai is matched without blanks.
"""
