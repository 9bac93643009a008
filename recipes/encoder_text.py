"""Writes the text that the sentence encoders are trained on, one text per line, without labels.

    python -m recipes.encoder_text --corpora corpora --output text
    python -m recipes.encoder_text --corpora corpora --output text --languages many

`corpora` is a folder with the corpora as their authors publish them, a folder each. Of English, OUTPUT gets
`first.txt`, which has what is asked in the training rows of corpora of intents beside as much general text,
`more.txt` and `rest.txt`, general text, and `variants.txt`, where these texts are cut and put together anew: only the
teacher says what they mean, so that no label is needed and any number can be had. `some_variants.txt` has a part of
these, for a smaller encoder. Of many languages OUTPUT gets `many.txt`: read sentences, news, and what assistants are
asked, in ten languages. No development row is in them, no sentence of STS-B, and nothing of MASSIVE, where half of the
test texts of HWU64 stand.
"""

from __future__ import annotations

import csv
import pathlib
import sys
from collections.abc import Iterator, Sequence

from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

ASKED = (
    "few_shot/banking77/train/seq.in",
    "few_shot/clinc150/train/seq.in",
    "few_shot/hwu64/train/seq.in",
    "banking77/train.csv",
    "snips/train/seq.in",
    "mtop_en/train.jsonl",
)
"""Training rows of corpora of intents, as text."""
GENERAL = ("commonvoice/en.txt", "ntrex/en.txt", "sgd/user.txt", "sgd/system.txt", "topv2")
"""Read sentences, news, and what people and systems say in dialogues."""
DEVELOPMENT = (
    "few_shot/banking77/valid/seq.in",
    "few_shot/clinc150/valid/seq.in",
    "few_shot/clinc150/oos_valid/seq.in",
    "few_shot/hwu64/valid/seq.in",
    "snips/dev/seq.in",
    "mtop_en/dev.jsonl",
    "massive_en/dev.txt",
    "mtop_parallel/dev.json",
    *(f"mtop_flat/{code}_dev.tsv" for code in ("en", "de", "es", "fr", "hi", "th")),
    *(f"mtod/{code}_dev.tsv" for code in ("es", "th")),
)
"""Rows that models are scored on."""
FIRST = {
    "few_shot/banking77/train/seq.in": 9_000,
    "few_shot/clinc150/train/seq.in": 15_000,
    "few_shot/hwu64/train/seq.in": 9_000,
    "banking77/train.csv": 1_500,
    "snips/train/seq.in": 7_000,
    "mtop_en/train.jsonl": 6_000,
    "commonvoice/en.txt": 24_000,
    "ntrex/en.txt": 2_000,
    "sgd/user.txt": 14_000,
}
"""Texts of each source in `first.txt`, at most."""
SOME_VARIANTS = 80_000
"""Texts of `variants.txt` in `some_variants.txt`, at most."""
MORE = 40_000
"""Texts in `more.txt`."""
REST = 110_000
"""Texts in `rest.txt`, at most."""
VARIANTS = 2
"""Variants of each text of `ASKED`."""
GENERAL_VARIANTS = 90_000
"""Variants of other texts, at most."""
MANY = {
    **{f"commonvoice/{code}.txt": 40_000 for code in ("de", "en", "es", "fr", "ja", "pt", "zh-CN")},
    **{f"commonvoice/{code}.txt": 14_000 for code in ("hi", "th", "tr")},
    **{f"ntrex/{code}.txt": 2_000 for code in ("en", "de", "es", "fr", "hi", "th")},
    **{f"mtop_flat/{code}_train.tsv": 6_000 for code in ("de", "es", "fr", "hi", "th")},
    **{f"mtod/{code}_train.tsv": 2_000 for code in ("es", "th")},
    **dict.fromkeys(ASKED, 8_000),
    "sgd/user.txt": 14_000,
}
"""Texts of each source in `many.txt`, at most."""
MANY_TEXTS = 360_000
"""Texts in `many.txt`, at most."""
MAX_CHARACTERS = 160
"""Longer texts are dropped: what assistants are asked is shorter, and a long text costs as much as several."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("corpora", "Folder with a folder per corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "languages", "English, or ten languages.", choices=["english", "many"], default="english"
    )
    parser.flag("seed", "Seed of the order.", type=int, default=0)
    parser.flag("output", "Folder for the files.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    import random

    from pqrnn_tf.datasets.folding import folded
    from pqrnn_tf.files import write_bytes

    corpora, output = pathlib.Path(arguments.corpora), pathlib.Path(arguments.output)
    files: dict[str, list[str]]
    if arguments.languages == "many":
        files = {"many.txt": []}
        for name, texts in kept_texts(corpora, tuple(MANY), arguments.seed):
            files["many.txt"] += texts[: MANY[name]]
            print(f"{name}: {len(texts)} texts, {len(texts[: MANY[name]])} of them taken")
    else:
        files = {"first.txt": [], "more.txt": [], "variants.txt": []}
        general: list[str] = []
        for name, texts in kept_texts(corpora, (*ASKED, *GENERAL), arguments.seed):
            first = FIRST.get(name, 0)
            files["first.txt"] += texts[:first]
            files["more.txt"] += texts[first:]
            if name in ASKED:
                files["variants.txt"] += variants(texts * VARIANTS, texts, arguments.seed)
            else:
                general += variants(texts, texts, arguments.seed)
            print(f"{name}: {len(texts)} texts, {len(texts[:first])} of them first")
    if "variants.txt" in files:
        random.Random(arguments.seed).shuffle(general)
        made = [*files["variants.txt"], *general[:GENERAL_VARIANTS]]
        # By chance some cut text is one that models are scored on.
        known = development_texts(corpora, arguments.seed)
        files["variants.txt"] = [text for text in made if folded(text) not in known]
    for texts in files.values():
        random.Random(arguments.seed).shuffle(texts)
    if "more.txt" in files:
        texts = files["more.txt"]
        files["more.txt"], files["rest.txt"] = texts[:MORE], texts[MORE : MORE + REST]
    if "many.txt" in files:
        files["many.txt"] = files["many.txt"][:MANY_TEXTS]
    if "variants.txt" in files:
        files["some_variants.txt"] = files["variants.txt"][:SOME_VARIANTS]
    for name, texts in files.items():
        write_bytes(output / name, "".join(f"{text}\n" for text in texts).encode("utf-8"))
        print(f"{name}: {len(texts)} texts")


def variants(texts: Sequence[str], others: Sequence[str], seed: int) -> list[str]:
    """Texts that are cut or get a part of another text; those that stay as they were are left out.

    Args:
        texts: What is changed, one change each.
        others: Texts of the same source, for the parts.
        seed: Seed of the changes.
    """
    import random

    rng = random.Random(f"{seed}-variants")
    made = []
    for text in texts:
        words, other = text.split(), rng.choice(others).split()
        kind = rng.random()
        if kind < 0.4:  # the beginning of one and the end of another
            new = words[: rng.randint(1, len(words))] + other[rng.randint(0, len(other) - 1) :]
        elif kind < 0.7:  # one to three words less
            left_out = set(rng.sample(range(len(words)), min(len(words) - 1, rng.randint(1, 3))))
            new = [word for place, word in enumerate(words) if place not in left_out]
        else:  # some words of another in the place of one's own
            begin = rng.randrange(len(words))
            taken = rng.randrange(len(other))
            long = rng.randint(1, 3)
            new = [*words[:begin], *other[taken : taken + long], *words[begin + long :]]
        if new != words and len(" ".join(new)) <= MAX_CHARACTERS:
            made.append(" ".join(new))
    return made


def development_texts(corpora: pathlib.Path, seed: int) -> set[str]:
    """All texts that models are scored on, folded."""
    from pqrnn_tf.datasets.folding import folded

    known = {folded(text) for name in DEVELOPMENT for text in texts_of(corpora / name, seed)}
    for path in sorted((corpora / "stsb").glob("*_dev.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            known |= {folded(text) for row in csv.reader(file) for text in row[:2]}
    return known


def kept_texts(
    corpora: pathlib.Path, names: Sequence[str], seed: int
) -> Iterator[tuple[str, list[str]]]:
    """The texts of each source in random order, none twice and none that models are scored on."""
    from pqrnn_tf.datasets.folding import folded

    known = development_texts(corpora, seed)
    for name in names:
        kept: dict[str, str] = {}
        for text in texts_of(corpora / name, seed):
            one_line = " ".join(text.split())
            key = folded(one_line)
            if len(one_line) <= MAX_CHARACTERS and key not in known:
                kept.setdefault(key, one_line)
        known |= set(kept)
        yield name, list(kept.values())


def texts_of(path: pathlib.Path, seed: int) -> list[str]:
    """The texts of a file or folder, in random order."""
    import random

    from pqrnn_tf.datasets.making.transfer import read_transfer_text

    if path.name == "seq.in":  # a text per line, whose labels stand in other files
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        random.Random(seed).shuffle(lines)
        return [line for line in lines if line]
    return [row.text for row in read_transfer_text(path, seed=seed)]


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.encoder_text", __doc__, configure, run, sys.argv[1:]))
