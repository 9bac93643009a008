"""The benchmark of attacks: what it writes of a small file, and its table."""

from __future__ import annotations

from benchmarks import attack, records
from benchmarks.tables.attack import TABLES
from pqrnn_tf.commands.arguments import CommandParser
from pqrnn_tf.datasets.making.grammar import write_mtop_folder


def test_a_file_is_attacked_and_its_row_is_in_the_table(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    data = write_mtop_folder(tmp_path, languages=["en"], train=1, dev=6, test=1, seed=1)
    parser = CommandParser("attack", "")
    attack.configure(parser)
    line = ["--data", str(data), "--model", str(tiny[2]), "--rows", "5", "--queries", "6"]
    attack.run(parser.parse(line))
    found = records.read_results("attack")
    (own,) = found["models"].values()
    assert found["settings"]["rows"] == own["rows"] == 5 and own["queries_a_row"] <= 6
    assert own["attacked_exact_match"] <= own["flat_exact_match"]

    class Measured:
        def read(self, name):
            return found

    last = TABLES["attack"](Measured()).splitlines()[-1]
    assert last.endswith(f"| {own['attacked_exact_match']:.1f} | {own['queries_a_row']:.1f} |")
