"""The plots of the documents."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.few_shot import INTENTS_ONLY, SYSTEMS
from benchmarks.measured import Measured
from benchmarks.small_data import TITLES
from benchmarks.tables import calibration, distillation, few_shot, published, small_data, speed
from tflite_export.model_card import SCORES, language_name
from tflite_export.reliability import plot_reliability


def axes_of(title: str, x: str, y: str) -> Any:
    """Figure and axes of a new plot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.8), layout="constrained")
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def latency_by_tokens(measured: Measured) -> Any:
    """Latency of each system against the number of tokens."""
    results = measured.read(speed.END_TO_END)
    figure, axes = axes_of(
        "Text in, logits out, one thread", "tokens of the utterance", "µs, median"
    )
    for name, curve in results["curve_us_by_tokens"].items():
        points = sorted((int(tokens), value) for tokens, value in curve.items())
        axes.plot(*zip(*points, strict=True), marker=".", label=results["systems"][name]["title"])
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small")
    return figure


def training_by_length(measured: Measured) -> Any:
    """Time of a training step against the number of tokens."""
    results = measured.read("training")
    figure, axes = axes_of("A training step", "tokens", "milliseconds")
    for name in results["parameters"]:
        axes.plot(
            [row["length"] for row in results["curve"]],
            [1e3 * row["seconds"][name] for row in results["curve"]],
            marker="o",
            label=name,
        )
    axes.set(xscale="log", yscale="log")
    axes.legend()
    return figure


def exact_match_by_size(measured: Measured) -> Any:
    """Exact match of MTOP English against the size of the file, with published models."""
    figure, axes = axes_of(
        "MTOP English: ours on development rows, published ones on test rows",
        "megabytes",
        "exact match, %",
    )
    ours = published.multilingual(measured)
    for field, marker in zip(published.EXACT, ("s", "o"), strict=True):
        points = [
            (size / 1e6, scores["en"][field])
            for size, scores in ours.values()
            if field in scores.get("en", {})
        ]
        if points:
            axes.scatter(*zip(*points, strict=True), marker=marker, label=f"ours, {SCORES[field]}")
    for number, row in enumerate(measured.read(published.PAPERS)["rows"], start=1):
        axes.scatter(
            [row["parameters"] * row["bits"] / 8 / 1e6],
            [row["exact_match"]["en"]],
            marker=f"${number}$",
            color="black",
            label=f"{row['name']}, published",
        )
    axes.set_xscale("log")
    figure.legend(loc="outside lower center", ncols=2, fontsize="x-small")
    return figure


def _bars(axes: Any, groups: list[str], bars: Mapping[str, Mapping[str, float | None]]) -> None:
    """Bars side by side, a group for each language."""
    width = 0.8 / len(bars)
    for number, (title, values) in enumerate(bars.items()):
        known = [(place, values[code]) for place, code in enumerate(groups) if values.get(code)]
        places = [place + (number - (len(bars) - 1) / 2) * width for place, _ in known]
        axes.bar(places, [height for _, height in known], width, label=title)
    axes.set_xticks(range(len(groups)), [language_name(code) for code in groups])


def exact_match_by_language(measured: Measured) -> Any:
    """Exact match of the models of several languages, with two published ones."""
    field = "flat_exact_match"
    bars: dict[str, Mapping[str, float | None]] = {
        f"{name}, flat": {code: scores.get(field) for code, scores in of.items()}
        for name, (_, of) in published.multilingual(measured).items()
        if len(of) > 1
    }
    for row in measured.read(published.PAPERS)["rows"]:
        if row["name"] in ("mBERT", "pQRNN, distilled"):
            bars[f"{row['name']}, published, test rows"] = row["exact_match"]
    figure, axes = axes_of("MTOP by language", "", "exact match, %")
    _bars(axes, list(published.LANGUAGES), bars)
    axes.set_ylim(bottom=40)
    axes.legend(fontsize="x-small", loc="lower left")
    return figure


def six_languages(measured: Measured) -> Any:
    """Exact match of the systems that were trained on the same rows of six languages."""
    systems = measured.read("six_languages")["systems"].values()
    bars = {
        system["title"]: {
            code: scores["flat_exact_match"] for code, scores in system["languages"].items()
        }
        for system in systems
    }
    figure, axes = axes_of("Development rows of MTOP", "", "flat exact match, %")
    _bars(axes, list(next(iter(bars.values()))), bars)
    axes.set_ylim(0, 100)
    figure.legend(loc="outside lower center", ncols=len(bars))
    return figure


def tinybert_by_size(measured: Measured) -> Any:
    """Exact match of TinyBERTs and of our student from one teacher against the bytes of their files."""
    figure, axes = axes_of("MTOP English, one teacher", "bytes of the file", "flat exact match, %")
    for system in measured.read("tinybert")["systems"].values():
        if "bytes" in system:
            places = [system["bytes"]] * 2
            values = [system[part]["flat_exact_match"] for part in ("scores", "typos")]
            (line,) = axes.plot(places, values, ":", label=system["title"])
            axes.plot(places[:1], values[:1], "o", color=line.get_color())
            axes.plot(places[:1], values[1:], "x", color=line.get_color())
    axes.set_xscale("log")
    axes.legend(fontsize="small", title="●: as written, ×: with typing errors")
    return figure


def exact_match_by_transfer_lines(measured: Measured) -> Any:
    """Exact match of a student against the lines of transfer text that its teacher answered."""
    results = distillation.small_student(measured)
    points = distillation.transfer_points(results)
    figure, axes = axes_of(
        "Soft labels and transfer text", "lines of transfer text", "flat exact match, %"
    )
    places = [lines for lines, _ in points]
    axes.plot(places, [results.mean(name) for _, name in points], marker="o", label="mean")
    for lines, name in points:
        values = results.each(name)
        axes.plot([lines] * len(values), values, ".", color="gray")
    teacher = results.teacher_of(points[-1][1])
    exact = teacher["scores"]["flat_exact_match"] if teacher is not None else None
    for label, value, style in (
        ("labels only", results.mean(distillation.BASELINE), "--"),
        ("the teacher", exact, ":"),
    ):
        if value is not None:
            axes.axhline(value, linestyle=style, color="black", linewidth=1, label=label)
    # Linear below a thousand lines, so that none at all has a place too.
    axes.set_xscale("symlog", linthresh=1000)
    axes.legend()
    return figure


def intent_accuracy_by_rows(measured: Measured) -> Any:
    """Intent accuracy of the model and of the baseline against the number of training rows."""
    figure, axes = axes_of("Few rows", "training rows", "intent accuracy, %")
    groups = small_data.groups(measured)
    for corpus, color in zip(dict.fromkeys(corpus for corpus, _ in groups), "bgr", strict=False):
        for (system, title), style in zip(small_data.SYSTEMS.items(), ("-", "--"), strict=True):
            points = [
                (rows, small_data.average(runs, system, "intent_accuracy"))
                for (own, rows), runs in groups.items()
                if own == corpus
            ]
            label = f"{TITLES[corpus]}, {title}"
            axes.plot(*zip(*points, strict=True), style, color=color, marker=".", label=label)
    axes.set_xscale("log")
    axes.legend(fontsize="small")
    return figure


def intent_accuracy_by_rows_an_intent(measured: Measured) -> Any:
    """Intent accuracy from the sentence encoder, and of what stands beside it, against the rows an intent."""
    figure, axes = axes_of("Few rows an intent", "rows an intent, mean", "intent accuracy, %")
    known = few_shot.cells(measured)
    for corpus, color in zip(INTENTS_ONLY, "bgr", strict=True):
        for system, style in (("ours", "-"), ("tfidf", "--"), ("teacher", ":")):
            points = sorted(
                (runs[0]["rows"] / runs[0]["intents"], few_shot.average(runs, "intent_accuracy"))
                for (own, _, of), runs in known.items()
                if (own, of) == (corpus, system)
            )
            if points:
                label = f"{few_shot.TITLES[corpus]}, {SYSTEMS[system]}"
                axes.plot(*zip(*points, strict=True), style, color=color, marker=".", label=label)
    axes.set_xscale("log")
    figure.legend(loc="outside lower center", ncols=2, fontsize="x-small")
    return figure


def reliability(measured: Measured) -> Any:
    """How often parses with a score are right, for the published models that are calibrated."""
    figure, axes = axes_of("How often a score is right, development rows", "", "")
    curves = {
        name: scores["reliability"] for name, scores in calibration.calibrated(measured).items()
    }
    plot_reliability(axes, curves)
    if curves:
        axes.legend(loc="upper left", fontsize="small")
    return figure


PLOTS: tuple[Callable[[Measured], Any], ...] = (
    latency_by_tokens,
    training_by_length,
    exact_match_by_size,
    exact_match_by_language,
    six_languages,
    tinybert_by_size,
    exact_match_by_transfer_lines,
    intent_accuracy_by_rows,
    intent_accuracy_by_rows_an_intent,
    reliability,
)


def draw(measured: Measured, folder: pathlib.Path) -> None:
    """Writes each plot to `folder`, named after its function."""
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    for plot in PLOTS:
        figure = plot(measured)
        figure.savefig(folder / f"{plot.__name__}.png", dpi=120, metadata={"Software": None})
        pyplot.close(figure)
