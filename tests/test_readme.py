"""README's example is executed, and what README names exists."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_and_finds_the_time(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.strip().splitlines()) <= 16
    result = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**__import__("os").environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    last = result.stdout.strip().splitlines()[-1]
    assert last.startswith("CREATE_ALARM [('DATE_TIME', 'at 7am tomorrow'")
    assert (tmp_path / "model.tflite").stat().st_size > 10_000


def test_the_two_commands_come_first():
    first_block = re.search(r"```bash\n(.*?)```", README, re.DOTALL)
    assert [line.split()[:2] for line in first_block.group(1).splitlines()] == [
        ["make", "demo"],
        ["make", "test"],
    ]
    assert README.index("```bash") < README.index("```python")


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m ([\w.]+)", README))))
def test_commands_exist(module):
    assert (ROOT / (module.replace(".", "/") + ".py")).is_file()
