"""The parses that decoders in other languages are tested against are those of today's decoder."""

from __future__ import annotations

import json

from tests.golden.make_parse_golden import PATH, content


def test_the_file_is_what_the_script_writes():
    written = json.loads(PATH.read_text(encoding="utf-8"))
    assert json.loads(json.dumps(content())) == written


def test_it_stays_small():
    assert PATH.stat().st_size < 200_000
