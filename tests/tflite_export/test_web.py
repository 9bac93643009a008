"""The page in a real browser says what Python says."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import pathlib
import shutil
import subprocess
from typing import Any

import pytest

from pqrnn_tf.runtime import Parser
from pqrnn_tf.runtime.confidence import Calibration, Rejection, ScoreMap
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.metadata import read_model, replace_metadata
from pqrnn_tf.runtime.results import decode_outputs
from pqrnn_tf.runtime.trees import Tree, parse_tree
from tests.conftest import ROOT
from tests.parse_margins import ROUNDING, parse_margin, rejection_margin
from tests.tflite_export import make_jvm_golden

WEB = ROOT / "tflite_export" / "web"
PRETRAINED = ROOT / "pretrained" / "mtop_en_2mb" / "model.tflite"
NONSENSE = "asdf qwer zxcv"
ALTERNATIVES = 3  # as many as the page shows
CALIBRATION = Calibration(
    parse=ScoreMap({"parse": 0.6, "weakest": 0.3}, [-6, -1, 1, 5], [0.02, 0.4, 0.7, 0.99]),
    intent=ScoreMap({"margin": 1.0}, [-1, 0.5, 4, 8], [0.1, 0.4, 0.9, 0.995]),
)
REJECTED_BY = {"margin": 1.0}
SCREENSHOT_TEXT = "remind me to call mom at 7pm"

TEXTS = [
    "wake me up at 7am tomorrow",
    "Remind me to call Rob's mum when I get home",
    "play some jazz by Miles Davis on Spotify",
    "will it rain in San Francisco, CA on Saturday?",
    SCREENSHOT_TEXT,
    "text Anna and Bob that I am running late",
    "🙂 set a timer for 10 minutes please 🎉",
    "👨\u200d👩\u200d👧 remind us to buy “crème brûlée” at 5:30pm!",
    "play 𝔧𝔞𝔷𝔷 and 𠮷野 loud",
    "कल सुबह 7 बजे का अलार्म लगाओ",
    "ตั้งปลุกพรุ่งนี้ 7 โมงเช้า",
    "ذكرني غدا الساعة ٧",
    "明天早上7点叫醒我",
    "mets une alarme à 7 heures demain",
    "  send\u00a0a\u2003message\tto\u200banna  ",
    "delete all my alarms",
    "play [untitled] by \\o/",
    " " * 300 + "play some jazz",
    "how many cups are in a gallon",
    "message 'see you soon' to @anna / #team, 1,000.50 $5",
    "call mum",
    "who is going to the party on the 5th and what time does it start and where is it again please",
    "wake me at 7 " * 30,
    NONSENSE,
    "play “thriller” by jackson on spotify 🎉",
    "\u200ewake\u00ad me u\u0308ber \uff17\uff50\uff4d\u200f \u1112\u1161\u11ab\u1100\u1173\u11af",
    "spaces behind the end" + " " * 400,
    '<b>& "quoted"</b> <img src=x onerror=alert(1)>',
    "",
    " \u200b\t",
]

pytestmark = [
    pytest.mark.large,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH"),
    pytest.mark.skipif(
        not (WEB / "node_modules" / "@litertjs" / "core").is_dir(),
        reason="needs `npm ci` in tflite_export/web",
    ),
]


def chromium() -> str:
    """The browser's program."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("needs Chromium: `apt-get install chromium`, or name it in CHROMIUM")
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> pathlib.Path:
    """A published model, calibrated in round numbers, with a rejection that takes nonsense."""
    content, metadata = read_model(PRETRAINED)
    plain = Parser(PRETRAINED)
    decoder = Decoder(metadata.labels, keep_evidence=True)
    _, parse = decode_outputs(plain.logits(NONSENSE), decoder, text=NONSENSE)
    rejection = Rejection(REJECTED_BY, threshold=parse.evidence["margin"] + 2 * ROUNDING)
    metadata = dataclasses.replace(metadata, calibration=CALIBRATION, rejection=rejection)
    path = tmp_path_factory.mktemp("model") / "model.tflite"
    path.write_bytes(replace_metadata(content, metadata))
    return path


def run_node(script: str, *arguments: object, given: Any, **variables: str) -> Any:
    """What a script of test/ prints as JSON of what it is given as JSON."""
    done = subprocess.run(
        ["node", f"test/{script}", *map(str, arguments)],
        cwd=WEB,
        input=json.dumps(given),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_page(model: pathlib.Path, texts: list[str], **variables: str) -> dict[str, Any]:
    """What the browser shows of texts."""
    return run_node("browser.js", model, given=texts, CHROMIUM=chromium(), **variables)


@pytest.fixture(scope="module")
def page(model, tmp_path_factory):
    """What the browser shows, and its screenshot."""
    screenshot = tmp_path_factory.mktemp("web") / "browser.png"
    found = run_page(model, TEXTS, SCREENSHOT=str(screenshot), SCREENSHOT_TEXT=SCREENSHOT_TEXT)
    kept = os.environ.get("KEEP_SCREENSHOT")  # how docs/images/browser.png is made
    if kept:
        shutil.copy(screenshot, pathlib.Path(kept))
    return {**found, "screenshot": screenshot}


@pytest.fixture(scope="module")
def parser(model):
    return Parser(model)


@pytest.fixture(scope="module")
def expected(parser):
    return parser(TEXTS, alternatives=ALTERNATIVES)


def utf16(text: str, code_points: int) -> int:
    return len(text[:code_points].encode("utf-16-le")) // 2


def test_the_page_shows_the_parses_of_python_but_for_near_ties(page, expected, parser):
    assert len(page["parses"]) == len(TEXTS)
    margins = [parse_margin(parser, text) for text in TEXTS]
    assert sum(margin >= ROUNDING for margin in margins) > 0.8 * len(TEXTS)
    for shown, parsed, margin in zip(page["parses"], expected, margins, strict=True):
        assert shown["text"] == parsed.text
        assert shown["truncated"] == parsed.truncated
        if shown["tree"] != parsed.tree:
            assert margin < ROUNDING, (shown["tree"], parsed.tree)
            continue
        if is_rejected(shown) or parsed.intent is None:
            continue
        assert shown["intent"] == parsed.intent
        assert [(slot["name"], slot["start"], slot["end"]) for slot in shown["slots"]] == [
            (slot.name, utf16(parsed.text, slot.start), utf16(parsed.text, slot.end))
            for slot in parsed.slots
        ]


def test_scores_are_close(page, expected):
    """The same integers, other kernels for what is left in floats."""
    for shown, parsed in zip(page["parses"], expected, strict=True):
        assert shown["score"] == pytest.approx(parsed.score, abs=1e-2)


def is_rejected(shown: dict[str, Any]) -> bool:
    return shown["heading"] == "Not understood"


def test_nonsense_is_not_understood(page, expected, parser):
    """And what comes nearest is no answer: without slots and without a tree."""
    assert is_rejected(page["parses"][TEXTS.index(NONSENSE)])
    assert sum(is_rejected(shown) for shown in page["parses"]) < len(TEXTS) / 2
    for shown, parsed in zip(page["parses"], expected, strict=True):
        if rejection_margin(parser, parsed.text) >= ROUNDING:
            assert is_rejected(shown) == (parsed.intent is None)
        assert shown["shown"] == ("nearest" if is_rejected(shown) else "parse")
        if is_rejected(shown):
            assert not shown["nodes"] and not shown["slots"] and shown["others"]


def test_alternatives_are_those_of_python(page, expected, parser):
    """But for near-ties, and where they stand so near to each other that rounding changes their order."""
    same = 0
    for shown, parsed in zip(page["parses"], expected, strict=True):
        others = [parsed, *parsed.alternatives] if is_rejected(shown) else parsed.alternatives
        trees = [other.tree for other in others[:ALTERNATIVES]]
        assert len(shown["others"]) == len(trees)
        same += [other["tree"] for other in shown["others"]] == trees
        for score, other in zip(shown["others"], others, strict=False):
            assert score["score"] == pytest.approx(other.score, abs=1e-2)
    assert same > 0.8 * len(TEXTS)


def test_some_parses_have_slots_and_some_have_nested_intents(expected):
    assert sum(len(parsed.slots) for parsed in expected) > 15
    assert sum(parsed.tree.count("[IN:") > 1 for parsed in expected) >= 3
    assert expected[TEXTS.index(SCREENSHOT_TEXT)].tree.count("[IN:") > 1
    assert any(parsed.truncated for parsed in expected)


def test_a_model_of_few_rows_gives_the_parses_of_python():
    """With a product of matrices that others lack, as on the JVM: the same model, the same file."""
    path = make_jvm_golden.RESOURCES / "tiny_few.tflite"
    file = json.loads(make_jvm_golden.parses_path(path).read_text(encoding="utf-8"))
    found = run_page(path, [row["text"] for row in file["parses"]])
    for shown, row in zip(found["parses"], file["parses"], strict=True):
        assert shown["score"] == pytest.approx(row["score"], abs=file["rounding"])
        if row.get("margin", math.inf) >= file["rounding"]:
            assert shown["tree"] == row["tree"]


def test_the_tree_is_drawn(page):
    """Intents, slots and words, nested ones too, in the order of the bracketed tree."""
    for shown in page["parses"]:
        if shown["intent"]:  # a rejected one has none
            tree = parse_tree(shown["tree"])
            assert " ".join(shown["nodes"]).split() == in_order(tree)


def in_order(tree: Tree) -> list[str]:
    below = [[child] if isinstance(child, str) else in_order(child) for child in tree.children]
    return [tree.label, *(part for parts in below for part in parts)]


def test_typed_key_by_key_the_whole_text_is_parsed(page):
    assert page["typed"] == page["parses"][0]


def test_size_and_time_are_shown(page, model):
    assert page["size"] == model.stat().st_size
    assert 0 < page["latency_ms"] < 1000


def test_a_model_that_cannot_be_loaded_is_explained_and_another_can_be_opened(page):
    problems = page["problems"]
    assert "answered with 404" in problems["absent.tflite"]
    assert "it was cut, or another tool made it" in problems["cut.tflite"]
    assert "The runtime refuses this model" in problems["broken.tflite"]
    assert "LiteRT.js could not be started" in problems["no runtime"]
    assert not any("message stayed" in problem for problem in problems.values())


def test_no_errors_and_no_foreign_requests(page):
    assert page["errors"] == []


def test_the_screenshot_is_a_small_picture(page):
    content = page["screenshot"].read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert 10_000 < len(content) < 300_000
