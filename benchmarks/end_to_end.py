"""Text in, parse out, on real utterances: ours against BERT encoders in the same runtime.

    python -m benchmarks.end_to_end [--vocabulary vocab.txt] [--peers multilingual]

All run in ai-edge-litert with one thread. A peer has random weights (they do not change its speed),
8-bit weights as ours, a sequence as long as the utterance's own word pieces with an interpreter for
each length, or padded to one of a few lengths, and tensorflow-text's FastBertTokenizer in the same
runtime in front. Decoding and rendering are the same code on the same logits for all.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.peers import (
    FEW_LENGTHS,
    MULTILINGUAL,
    PEERS,
    Peer,
    PeerModel,
    WordPieces,
    convert_peer,
    stand_in_vocabulary,
)
from benchmarks.records import (
    ROOT,
    mtop_texts,
    peak_memory_kib,
    ratios_of_medians,
    stamp,
    summary,
    time_in_turns,
    write_results,
)
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.results import parse_outputs
from pqrnn_tf.runtime.text import code_points_array

FEW_TEXTS = 10
"""Utterances for multilingual BERT, which takes long."""


def _largest_only(path: pathlib.Path, parser: Parser) -> Callable[[str], Any]:
    """The same model when every text pays for the largest signature."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    run = interpreter.get_signature_runner("parse")
    room = parser.spec.max_code_points + 1

    def logits(text: str) -> Any:
        buffer = np.zeros((1, room), np.int32)
        points = code_points_array(text[:room])
        buffer[0, : len(points)] = points
        return run(code_points=buffer)

    return logits


def _memory_kib(path: str, lengths: Sequence[int]) -> int:
    """What a process needs for a file on top of the imports, after running it at some lengths."""
    command = [sys.executable, "-m", "benchmarks.end_to_end", f"--memory_of={path}"]
    command.append("--lengths=" + ",".join(map(str, lengths)))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(json.loads(done.stdout.splitlines()[-1])["kib"])


def _run_for_memory(path: str, lengths: Sequence[int]) -> int:
    before = peak_memory_kib()
    if lengths:
        model = PeerModel(pathlib.Path(path))
        for length in lengths:
            model(np.ones((1, length), np.int32))
    else:
        parser = Parser(path)
        for words in range(1, 40):
            parser.parse("set " * words)
    return peak_memory_kib() - before


def _fixed_length(folder: pathlib.Path, parser: Parser, length: int) -> dict[str, Any]:
    """What a peer loses by an input that is resized: its time against a graph of one length."""
    name, peer = next(iter(PEERS.items()))
    path = folder / "fixed.tflite"
    heads = {"intents": len(parser.labels.intents), "tags": len(parser.labels.tags)}
    convert_peer(peer, path, length=length, **heads)
    word_ids = np.arange(1000, 1000 + length, dtype=np.int32)[None]
    models = {"resized": PeerModel(folder / f"{name}.tflite"), "fixed": PeerModel(path)}
    seconds = time_in_turns(models, [word_ids] * 50)
    times = {kind: summary(values) for kind, values in seconds.items()}
    return {"title": peer.title, "word_pieces": length, **times}


def _peer_parse(
    tokenize: WordPieces, model: PeerModel, finish: Callable[[str], Any]
) -> Callable[[str], Any]:
    def run(text: str) -> Any:
        model(tokenize(text))
        return finish(text)

    return run


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "models",
        "Names of pretrained models, with commas between them; peers have the labels of the first.",
        default="mtop_en_2mb,mtop_en_1mb",
        metavar="NAMES",
    )
    parser.flag("texts", "Utterances of MTOP's development rows.", type=int, default=300)
    parser.flag(
        "vocabulary",
        "vocab.txt of an uncased BERT.",
        shown="the words of MTOP's training rows",
        metavar="FILE",
    )
    parser.flag(
        "rounds",
        "Turns of each system; the best of an utterance counts.",
        type=at_least(1),
        default=10,
    )
    parser.flag("name", "Name of the results.", default="end_to_end")
    parser.flag(
        "peers",
        "Which are measured beside ours: TinyBERT-4 and MiniLM-6 (small), or multilingual BERT base, which is slow.",
        choices=["small", "multilingual"],
        default="small",
    )
    parser.section("for internal use")
    parser.flag("memory_of", "Measures the memory that this file needs.", metavar="FILE")
    parser.flag("lengths", "With --memory_of.", default="", metavar="NUMBERS")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    if arguments.memory_of:
        kib = _run_for_memory(
            arguments.memory_of, [int(length) for length in arguments.lengths.split(",") if length]
        )
        sys.stdout.write(json.dumps({"kib": kib}) + "\n")
        return
    made = stamp()
    texts = mtop_texts(arguments.texts)
    ours = arguments.models.split(",")
    parsers = {name: Parser(name) for name in ours}
    parser = parsers[ours[0]]
    outputs = {text: parser.logits(text) for text in texts}
    tokens = [int(outputs[text]["length"]) for text in texts]

    def finish(text: str) -> Any:
        return parse_outputs(text, outputs[text], parser.decoder)

    if arguments.vocabulary:
        vocabulary = pathlib.Path(arguments.vocabulary).read_text(encoding="utf-8").split("\n")[:-1]
    else:
        vocabulary = stand_in_vocabulary(mtop_texts(10**6, split="train"))
    tokenize = WordPieces(vocabulary)
    pieces = [tokenize(text).shape[1] for text in texts]
    lengths = [int(np.median(pieces)), int(np.percentile(pieces, 90))]

    peers: Mapping[str, Peer] = MULTILINGUAL if arguments.peers == "multilingual" else PEERS
    results: dict[str, Any] = {
        name: {
            "title": f"pQRNN ({name})",
            "bytes": model_file(name).stat().st_size,
            "memory_kib": _memory_kib(str(model_file(name)), []),
        }
        for name in ours
    }
    results[f"{ours[0]}_padded"] = {"title": f"pQRNN ({ours[0]}), always at its largest size"}
    whole: dict[str, Callable[[str], Any]] = {name: parsers[name].parse for name in ours}
    model_only: dict[str, Callable[[str], Any]] = {name: parsers[name].logits for name in ours}
    padded = _largest_only(model_file(ours[0]), parser)
    model_only[f"{ours[0]}_padded"] = padded
    whole[f"{ours[0]}_padded"] = lambda text: (padded(text), finish(text))
    slow: dict[str, Callable[[str], Any]] = {}
    failures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, peer in peers.items():
            print(f"converting {peer.title}", file=sys.stderr)
            path = pathlib.Path(folder) / f"{name}.tflite"
            convert_peer(
                peer, path, intents=len(parser.labels.intents), tags=len(parser.labels.tags)
            )
            model = PeerModel(path)
            try:
                model(tokenize(texts[0]))
            except (RuntimeError, ValueError) as error:
                failures[name] = {"title": peer.title, "error": str(error).splitlines()[-1]}
                continue
            results[name] = {
                "title": peer.title,
                "bytes": path.stat().st_size,
                "memory_kib": _memory_kib(str(path), lengths),
            }
            run = _peer_parse(tokenize, model, finish)
            if name in MULTILINGUAL:
                slow[name] = run
                continue
            whole[name] = run
            model_only[name] = _peer_parse(tokenize, model, lambda text: None)
            padded_model = PeerModel(path, lengths=FEW_LENGTHS)
            whole[f"{name}_few"] = _peer_parse(tokenize, padded_model, finish)
            model_only[f"{name}_few"] = _peer_parse(tokenize, padded_model, lambda text: None)
            results[f"{name}_few"] = {"title": f"{peer.title}, padded to a few lengths"}
        for text in texts:  # plans every length once, outside of the measurement
            for run in whole.values():
                run(text)
        seconds = time_in_turns(whole, texts, rounds=arguments.rounds)
        seconds_model = time_in_turns(model_only, texts, rounds=arguments.rounds)
        few = texts[:FEW_TEXTS]
        seconds_slow = time_in_turns(
            {**{name: whole[name] for name in ours}, **slow}, few, rounds=2, block=5
        )
        fixed = None
        if peers is PEERS:
            fixed = _fixed_length(pathlib.Path(folder), parser, lengths[0])
        front = time_in_turns({"front": tokenize}, texts, rounds=arguments.rounds)["front"]
        tail = time_in_turns({"tail": finish}, texts, rounds=arguments.rounds)["tail"]
    for name, values in seconds.items():
        results[name]["parse"] = summary(values)
        results[name]["logits"] = summary(seconds_model[name])
        results[name]["times"] = {
            "parse": ratios_of_medians(seconds, name, ours),
            "logits": ratios_of_medians(seconds_model, name, ours),
        }
    for name in slow:
        results[name] |= {
            "texts": len(few),
            "parse": summary(seconds_slow[name]),
            "times": {"parse": ratios_of_medians(seconds_slow, name, ours)},
        }
    curve = {
        name: {
            str(count): round(
                float(np.median([v for v, n in zip(values, tokens, strict=True) if n == count]))
                * 1e6,
                1,
            )
            for count in sorted(set(tokens))
            if tokens.count(count) >= 3
        }
        for name, values in seconds_model.items()
    }
    write_results(
        arguments.name,
        {
            "texts": len(texts),
            "rounds": arguments.rounds,
            "tokens": {"median": float(np.median(tokens)), "p90": float(np.percentile(tokens, 90))},
            "word_pieces": {
                "median": float(np.median(pieces)),
                "p90": float(np.percentile(pieces, 90)),
                "vocabulary": "published" if arguments.vocabulary else "words of the training rows",
            },
            "ours": ours,
            "systems": results,
            "failed": failures,
            "fixed_length": fixed,
            "front_end_word_pieces": summary(front),
            "decode_and_render": summary(tail),
            "curve_us_by_tokens": curve,
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.end_to_end", __doc__, configure, run, sys.argv[1:]))
