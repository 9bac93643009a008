"""Writes the English text that the sentence encoders are trained on, one text per line, without labels.

    python -m recipes.encoder_text --corpora corpora --output encoder_text

`corpora` is a folder with the corpora as their authors publish them, a folder each. OUTPUT gets `first.txt`, which has
what is asked in the training rows of corpora of intents beside as much general text, and `more.txt`, general text.
No development row is in them, and nothing of MASSIVE, where half of the test texts of HWU64 stand.
"""

from __future__ import annotations

import pathlib
import sys

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
MORE = 40_000
"""Texts in `more.txt`."""
MAX_CHARACTERS = 160
"""Longer texts are dropped: what assistants are asked is shorter, and a long text costs as much as several."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("corpora", "Folder with a folder per corpus.", required=True, metavar="FOLDER")
    parser.flag("seed", "Seed of the order.", type=int, default=0)
    parser.flag("output", "Folder for the two files.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    import csv
    import random

    from pqrnn_tf.datasets.folding import folded
    from pqrnn_tf.datasets.making.transfer import read_transfer_text
    from pqrnn_tf.files import write_bytes

    corpora, output = pathlib.Path(arguments.corpora), pathlib.Path(arguments.output)

    def texts_of(name: str) -> list[str]:
        """The texts of a file or folder, in random order."""
        path = corpora / name
        if path.name == "seq.in":  # a text per line, whose labels stand in other files
            lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
            random.Random(arguments.seed).shuffle(lines)
            return [line for line in lines if line]
        return [row.text for row in read_transfer_text(path, seed=arguments.seed)]

    known = {folded(text) for name in DEVELOPMENT for text in texts_of(name)}
    with (corpora / "stsb" / "en_dev.csv").open(encoding="utf-8", newline="") as file:
        known |= {folded(text) for row in csv.reader(file) for text in row[:2]}
    files: dict[str, list[str]] = {"first.txt": [], "more.txt": []}
    for name in (*ASKED, *GENERAL):
        kept: dict[str, str] = {}
        for text in texts_of(name):
            one_line = " ".join(text.split())
            key = folded(one_line)
            if len(one_line) <= MAX_CHARACTERS and key not in known:
                kept.setdefault(key, one_line)
        known |= set(kept)
        texts = list(kept.values())
        first = FIRST.get(name, 0)
        files["first.txt"] += texts[:first]
        files["more.txt"] += texts[first:]
        print(f"{name}: {len(texts)} texts, {len(texts[:first])} of them first")
    for name, texts in files.items():
        random.Random(arguments.seed).shuffle(texts)
        del texts[len(texts) if name == "first.txt" else MORE :]
        write_bytes(output / name, "".join(f"{text}\n" for text in texts).encode("utf-8"))
        print(f"{name}: {len(texts)} texts")


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.encoder_text", __doc__, configure, run, sys.argv[1:]))
