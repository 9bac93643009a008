"""Any set of languages: trains students and a teacher, distils, exports, and scores every language, in one command.

    python -m recipes.languages nine --output runs/nine                   # files and folders in any format that is read
    python -m recipes.languages nine --teacher e5 --output runs/nine      # a multilingual BERT teaches too
    python -m recipes.languages --settings nine.json                      # the same from a file
    python -m recipes.languages nine --output runs/nine --print           # the commands that it runs

A file of settings has flags by name: `{"data": ["nine"], "teacher": "e5", "output": "runs/nine"}`; flags on the command
line come behind them. What is done already is not done again, so that a killed run resumes.

1. With --teacher a BERT is fine-tuned (OUTPUT/bert); a checkpoint loses the pieces that no row and no --transfer uses.
2. Students are trained on the labels, each with another seed (OUTPUT/labels_1, …).
3. A new student, which starts as the first one ended, is taught by all of these together (OUTPUT/taught).
4. The students' files are scored on development and test rows, by language. OUTPUT/model.tflite is the one with the
   best mean of flat exact match on development rows; OUTPUT/scores.json and OUTPUT/card.md compare all.

Rows of languages that have fewer of them stand in training several times (OUTPUT/rows/repeated.jsonl): a language
counts as if it had its number of rows to the power of --language_exponent (Conneau et al. 2020, arXiv 1911.02116,
section 3, who draw languages so).

--config and --set say the students' configuration (OUTPUT/students.json), and of a BERT's what it reads of it.

Corpora have spaces between the words of Chinese, Japanese or Thai; people write none. So tokens are those of
`segmentation: "unicode"`, the same with and without spaces, and in each pass every second row with such spaces is
written without (`unspaced` in the configuration). Development and test rows are scored as they are, and those with such
spaces without them too (OUTPUT/rows/unspaced).
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands import config_flags, data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least, share
from pqrnn_tf.commands.progress import duration
from pqrnn_tf.commands.running import guarded, log_to_stderr, run_command
from pqrnn_tf.files import check_claim, claimed_folder, write_bytes, write_json
from pqrnn_tf.runtime.presets import FILE
from pqrnn_tf.teachers.bert.defaults import RATE_BY_WIDTH

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.config import TrainingConfig

CONFIG = pathlib.Path(__file__).resolve().parent / "students" / "languages.json"
"""Configuration of the students, where none is given."""
STEPS = 9000
"""Optimizer steps of a student."""
TEACHER_EPOCHS = 3
TEACHER_BATCH = 16
HEAD_FACTOR = 4
OF_TEACHER = ("teacher_epochs", "teacher_rate", "teacher_layers", "frozen_layers", "bfloat16")
OF_TAUGHT = ("transfer", "copies")
CARD, SCORES_FILE, CLAIM = "card.md", "scores.json", "recipe.json"
UNSPACED, UNSPACED_TEST = "unspaced", "unspaced_test"
TITLES = {
    "dev": "Development rows",
    UNSPACED: "Development rows of scripts without spaces, as people write them",
    "test": "Test rows",
    UNSPACED_TEST: "Test rows of scripts without spaces, as people write them",
}
"""What is scored, and what the card calls it."""
LANGUAGE_EXPONENT = 0.3
DEVELOPMENT, REPEATED, CONFIGURATION = "dev.jsonl", "repeated.jsonl", "students.json"
UNSPACED_FILES = {UNSPACED: "unspaced/dev.jsonl", UNSPACED_TEST: "unspaced/test.jsonl"}
"""Files of rows beside the data, below OUTPUT/rows."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        commands: Commands by what they make, in order; each is a list of words, `python -m` left out.
        systems: Folders of the students, and what the card calls them.
        scored: For each student and split the JSON file with its scores.
        teacher: The folder of the fine-tuned BERT; `None` without one.
    """

    commands: dict[str, list[str]]
    systems: dict[str, str]
    scored: dict[tuple[str, str], pathlib.Path]
    teacher: pathlib.Path | None


@dataclasses.dataclass(frozen=True)
class Found:
    """What `prepare` found in the data.

    Attributes:
        folder: Where rows are written that the commands need beside the data.
        files: These rows, by the names of their files.
        config: The students' configuration, but for their epochs and seeds.
        rows: Training rows, those that are repeated too.
        left_out: Rows that cannot be read.
        held_out: Whether the development rows are none that the data name so.
        test: Whether there are test rows.
        fingerprints: Digests of the rows by split, so that a resumed run notices other data.
    """

    folder: pathlib.Path
    files: Mapping[str, Sequence[Example]]
    config: TrainingConfig
    rows: int
    left_out: int
    held_out: bool
    test: bool
    fingerprints: Mapping[str, str]

    @property
    def development(self) -> str:
        """The development rows."""
        return str(self.folder / DEVELOPMENT)

    @property
    def repeated(self) -> list[str]:
        """The file of the training rows that are repeated, if there are any."""
        return [str(self.folder / REPEATED)] if REPEATED in self.files else []

    @property
    def configuration(self) -> str:
        """The file of the configuration."""
        return str(self.folder.parent / CONFIGURATION)

    def scored(self, data: Sequence[str]) -> dict[str, tuple[list[str], str]]:
        """What is scored: for each title the flags for rows, and the split."""
        of = {"dev": (["--data", self.development], "dev")}
        if self.test:
            of["test"] = ([*data], "test")
        for title, file in UNSPACED_FILES.items():
            if file in self.files:
                of[title] = (["--data", str(self.folder / file)], pathlib.Path(file).stem)
        return {title: of[title] for title in TITLES if title in of}

    def write(self) -> None:
        """Writes the configuration and the files.

        There is one for all commands, so that what is held out does not depend on what is added to the data.
        """
        from pqrnn_tf.datasets import write_rows

        write_json(self.configuration, self.config.to_dict())
        for name, rows in self.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_rows(self.folder / name, rows)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser)
    parser.flag("development", "As in `pqrnn train`.", repeat=True, metavar="DATA")
    parser.flag("templates", "As in `pqrnn train`.", repeat=True, metavar="PATH")
    parser.flag("settings", "A JSON file with flags by name.", metavar="FILE")
    parser.section("teacher")
    parser.flag(
        "teacher",
        "A multilingual BERT: folder with a checkpoint, folder or handle in TF-Hub's format.",
        metavar="HANDLE",
    )
    parser.flag(
        "teacher_epochs", "Its passes over the rows.", type=at_least(1), default=TEACHER_EPOCHS
    )
    parser.flag(
        "teacher_rate",
        "Peak learning rate of its fine-tuning.",
        type=float,
        shown=RATE_BY_WIDTH,
    )
    parser.flag(
        "teacher_layers",
        "As --layers of `pqrnn finetune`: 8 for multilingual E5 small.",
        type=at_least(1),
        shown="all",
    )
    parser.flag(
        "frozen_layers", "Its lowest layers that stay as they are.", type=at_least(0), default=0
    )
    parser.switch("bfloat16", "As in `pqrnn finetune`.")
    parser.flag(
        "students",
        "Students of labels; more than one, or one and a BERT, teach another one together.",
        type=at_least(1),
        default=1,
    )
    parser.flag(
        "transfer",
        "File or folder of text without labels that the teachers answer too.",
        repeat=True,
        metavar="PATH",
    )
    parser.flag(
        "copies",
        "Copies of the training rows with other slot values that the teachers answer.",
        type=at_least(1),
        default=1,
    )
    parser.section("students")
    parser.flag(
        "config",
        "A JSON file with fields of TrainingConfig.",
        metavar="FILE",
        shown="recipes/students/languages.json",
    )
    parser.flag("set", "One field of TrainingConfig.", repeat=True, metavar="NAME=VALUE")
    parser.flag("steps", "Optimizer steps of each student.", type=at_least(1), default=STEPS)
    parser.flag(
        "language_exponent",
        "A language counts as if it had its training rows to this power: 1 for as many as it has, 0 for all the same.",
        type=share,
        default=LANGUAGE_EXPONENT,
    )
    parser.switch("print", "Print the commands and run nothing.")
    config_flags.add_run(parser, "Folder for everything.")


def make_plan(arguments: Arguments, found: Found) -> Plan:
    """The commands of a run.

    Args:
        arguments: The flags.
        found: What `prepare` found in the data.
    """
    output = pathlib.Path(arguments.output)
    language = _given(arguments, "language")
    language += ["--skip_bad_rows"] if arguments.skip_bad_rows else []
    data = _repeated("data", arguments.data) + language
    # Not as more data: rows that stand in another file too are read once there.
    training = data + _repeated("similar", found.repeated)
    # Where the data have development rows of their own, no training row is left out for their sake.
    training += _repeated("development", [found.development] if found.held_out else [])
    training += _repeated("templates", arguments.templates)
    epochs = max(1, round(arguments.steps * found.config.batch_size / found.rows))
    # A file, since flags are refused where a command does not read their fields.
    settings = ["--config", found.configuration]
    told = ["--verbose", str(arguments.verbose)]
    commands: dict[str, list[str]] = {}
    systems: dict[str, str] = {}
    teachers: list[str] = []
    bert = None
    # First, since here most can be missing: the folder, its files, an extra.
    if arguments.teacher is not None:
        bert = output / "bert"
        options = ["--teacher", arguments.teacher, "--epochs", str(arguments.teacher_epochs)]
        options += ["--batch_size", str(TEACHER_BATCH), "--head_factor", str(HEAD_FACTOR)]
        options += _given(arguments, "teacher_rate", "learning_rate")
        options += _given(arguments, "teacher_layers", "layers")
        if arguments.frozen_layers:
            options += ["--frozen_layers", str(arguments.frozen_layers)]
        else:
            options += ["--embeddings", "rows"]
        options += ["--bfloat16"] if arguments.bfloat16 else []
        if _is_checkpoint(arguments.teacher):
            options += ["--prune", *_repeated("prune_text", arguments.transfer)]
        # A piece of the BERT may stand over the edge of a slot where there are no spaces. So it reads and answers rows
        # as they are, and its answers are carried over when the student's rows are written without spaces.
        options += ["--set", "unspaced=0", *told]
        commands["bert"] = [
            *("pqrnn_tf.finetune", *training, *settings, *options, "--output", str(bert))
        ]
        teachers.append(str(bert / "teacher"))
    for number in range(1, arguments.students + 1):
        folder = output / f"labels_{number}"
        seed = found.config.seed + number - 1
        own = [*settings, "--set", f"epochs={epochs}"]
        own += ["--set", f"seed={seed}"] if number > 1 else []
        commands[folder.name] = ["pqrnn_tf.train", *training, *own, *told, "--output", str(folder)]
        systems[folder.name] = "from labels" if number == 1 else f"from labels, seed {seed}"
        teachers.append(str(folder))
    if len(teachers) > 1:
        folder = output / "taught"
        commands["taught"] = [
            *("pqrnn_tf.distill", *training, *settings, *_repeated("fine_tuned", teachers)),
            *("--copies", str(arguments.copies), *_repeated("transfer", arguments.transfer)),
            *("--start", str(output / "labels_1" / "model.keras"), "--steps", str(arguments.steps)),
            *(*told, "--output", str(folder)),
        ]
        systems["taught"] = "taught by " + ("the BERT and them" if bert else "them")
    scored = {}
    for title, (where, split) in found.scored(data).items():
        for name in systems:
            path = output / f"{name}_{title}.json"
            scored[name, title] = path
            commands[path.stem] = [
                *("pqrnn_tf.evaluate", *where, "--split", split),
                *("--model", str(output / name / FILE), "--output", str(path)),
            ]
    return Plan(commands, systems, scored, bert)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    _check(arguments)
    log_to_stderr()
    config_flags.require_tensorflow()
    found = prepare(arguments)
    plan = make_plan(arguments, found)
    words = {name: ["python", "-m", *command] for name, command in plan.commands.items()}
    output = pathlib.Path(arguments.output)
    # A finished training that is called again writes its files anew, which would be other teachers.
    identity = {
        "commands": plan.commands,
        "config": found.config.to_dict(),
        "rows": found.fingerprints,
    }
    if arguments.print:
        check_claim(output, identity, name=CLAIM)
        found.write()
        print("\n".join(shlex.join(command) for command in words.values()))
        return
    with claimed_folder(output, identity, name=CLAIM, begun=lambda: _begun(output, plan)):
        found.write()
        _run_all(words, output)
    record = {**collect(plan), "left_out": found.left_out}
    shutil.copyfile(output / record["best"] / FILE, output / FILE)
    write_json(output / SCORES_FILE, record)
    scores = score_tables(record)
    write_bytes(
        output / CARD, render(record, scores, [shlex.join(c) for c in words.values()]).encode()
    )
    print(f"{scores}\n\n{output / FILE} is the student {record['systems'][record['best']]}.\n")
    print(json.dumps({"best": record["best"], **record["mean"][record["best"]]}))


def _check(arguments: Arguments) -> None:
    """Refuses what this call has no use for.

    Raises:
        UsageError: if there is no data, or a flag without one that it belongs to.
    """
    data_flags.check_data(arguments)
    config_flags.refuse_settings(arguments, "--steps says how long", unread=("epochs",))
    if arguments.teacher is None:
        arguments.refuse(OF_TEACHER, "it belongs to --teacher")
    if arguments.teacher is None and arguments.students == 1:
        arguments.refuse(
            OF_TAUGHT, "one student of labels teaches none: --teacher, or --students 2"
        )
    else:
        config_flags.refuse_settings(
            arguments,
            "a student that is taught has no such head",
            unread=config_flags.FIELDS_OF_BAG_HEADS,
        )


def _begun(output: pathlib.Path, plan: Plan) -> bool:
    """Whether a command has left something to resume."""
    return any(
        (output / name).exists() or (output / f"{name}.json").exists() for name in plan.commands
    )


def _run_all(words: Mapping[str, Sequence[str]], output: pathlib.Path) -> None:
    """Runs the commands that have not ended before.

    Raises:
        RuntimeError: if one fails.
    """
    for number, (name, command) in enumerate(words.items(), 1):
        path = output / f"{name}.json"
        place = f"[{number} of {len(words)}] {name}"
        if path.exists() or (path.with_suffix("") / CARD).exists():
            _tell(f"{place}: there already")
            continue
        _tell(f"{place}: {shlex.join(command)}")
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *command[1:]], stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise RuntimeError(
                f"{shlex.join(command)} ended with {done.returncode}. What it did is kept: mend what it says and "
                "start again."
            )
        _tell(f"{place}: done in {duration(time.monotonic() - began)}")


def prepare(arguments: Arguments) -> Found:
    """Reads the data; writes nothing.

    Raises:
        DataError: if the data cannot be read.
    """
    from pqrnn_tf.datasets import (
        DataError,
        load_mixture,
        training_and_development,
        without_spaces,
    )
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.training_data import ExampleData

    rows = data_flags.read_data(arguments)
    training, development, said = training_and_development(rows)
    again = repeated(training, arguments.language_exponent)
    if arguments.development or arguments.templates:
        mixture = load_mixture(
            arguments.data,
            languages=arguments.language,
            development=arguments.development,
            templates=arguments.templates,
            skip_bad_rows=arguments.skip_bad_rows,
        )
        training, development = mixture.training, mixture.development
    if not development:
        raise DataError(f"{said}, so that no student can be chosen. Name some: --development.")
    test = rows.splits.get("test", [])
    if {row.locale for row in rows.all} == {""}:
        _tell(
            "The language of no row is known, so the scores are of all rows together. Names of files or folders such "
            "as train_de.tsv or de/ say it, or a column `locale`."
        )
    bare = {UNSPACED: without_spaces(development), UNSPACED_TEST: without_spaces(test)}
    unspaced = {UNSPACED_FILES[title]: own for title, own in bare.items() if own}
    more = {REPEATED: again} if again else {}
    tokens = tokens_of(training, share=0.999)
    chosen = [f"spec.max_tokens={tokens}", *arguments.set]
    splits = {"train": training, "dev": development, "test": test}
    return Found(
        folder=pathlib.Path(arguments.output) / "rows",
        files={DEVELOPMENT: development, **more, **unspaced},
        config=read_config(arguments.config or CONFIG, chosen),
        rows=len(training) + len(again),
        left_out=len(rows.problems),
        held_out=bool(arguments.development) or "dev" not in rows.splits,
        test=bool(test),
        fingerprints={split: ExampleData(own).fingerprint for split, own in splits.items() if own},
    )


def repeated(rows: Sequence[Example], exponent: float) -> list[Example]:
    """The rows of languages that have fewer of them, as often as they must stand in training once more.

    Args:
        rows: Training rows.
        exponent: A language counts as if it had its number of rows to this power, as nearly as whole rows can.
    """
    of = Counter(row.locale for row in rows)
    most = max(of.values(), default=0)
    more = {locale: round((most / own) ** (1 - exponent)) - 1 for locale, own in of.items()}
    return [row for row in rows for _ in range(more[row.locale])]


def tokens_of(rows: Sequence[Any], *, share: float) -> int:
    """A multiple of 16, at least 48, that so large a share of the rows has at most as tokens."""
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.tasks.pipeline import token_spans

    spec = ProjectionSpec(max_tokens=512, max_code_points=1024)
    counts = sorted(len(spans) for spans in token_spans([row.text for row in rows], spec))
    longest = counts[min(len(counts) - 1, int(share * len(counts)))] if counts else 0
    return max(48, -(-longest // 16) * 16)


def collect(plan: Plan) -> dict[str, Any]:
    """All scores of a run: `systems`, `scores` and `mean` by system and split, `bert`, and `best`."""
    scores: dict[str, dict[str, Any]] = {}
    mean: dict[str, dict[str, Any]] = {}
    for (name, split), path in plan.scored.items():
        record = json.loads(path.read_text(encoding="utf-8"))
        languages = record.get("languages", {record.get("language", ""): record})
        scores.setdefault(name, {})[split] = languages
        mean.setdefault(name, {})[split] = record.get("mean", record)
    best = max(mean, key=lambda name: mean[name]["dev"]["flat_exact_match"])
    record = {"best": best, "systems": plan.systems, "mean": mean, "scores": scores}
    if plan.teacher is not None:
        path = plan.teacher / SCORES_FILE
        record["bert"] = json.loads(path.read_text(encoding="utf-8"))
    return record


def score_tables(record: Mapping[str, Any]) -> str:
    """The scores of all systems by language as Markdown, one table for each kind of rows."""
    from tflite_export.model_card import (
        SCORES,
        language_name,
        mean_scores,
        score_cells,
        score_fields,
        table,
    )

    parts = []
    for split in record["scores"][record["best"]]:
        of = {name: scores[split] for name, scores in record["scores"].items()}
        own = {record["systems"][name]: scores for name, scores in of.items()}
        languages = list(of[record["best"]])
        if split == "dev" and "bert" in record:
            bert = record["bert"]
            own["*the BERT*"] = bert.get("languages", {languages[0]: bert})
        fields = score_fields(of[record["best"]].values())
        lines = [
            [language_name(code), title, scores[code]["rows"], *score_cells(scores[code], fields)]
            for code in languages
            for title, scores in own.items()
        ]
        for title, scores in own.items():
            mean = mean_scores(list(scores.values()))
            lines.append(["**mean**", title, "", *score_cells(mean, fields)])
        head = ["rows of", "student", "rows", *(SCORES[field] for field in fields)]
        parts += [f"## {TITLES[split]}", table(head, lines)]
    return "\n\n".join(parts)


def render(record: Mapping[str, Any], scores: str, commands: Sequence[str]) -> str:
    """The card as Markdown.

    Args:
        record: What `collect` says, and `left_out`.
        scores: Its `score_tables`.
        commands: The commands of the run.
    """
    left_out = record["left_out"]
    parts = [
        "# Languages",
        f"`{FILE}` is the student {record['systems'][record['best']]}.",
        scores,
        "Students through their .tflite on the stock runtime, from raw text, in percent."
        + (f" {left_out} rows of the data cannot be read and are left out." if left_out else ""),
        "## Make it again",
        "\n".join(["```bash", *commands, "```"]),
    ]
    return "\n\n".join(parts) + "\n"


def with_settings(argv: Sequence[str]) -> list[str]:
    """The command line with the flags of the file that `--settings` names in front.

    Raises:
        UsageError: if there is no such file, or it is no JSON object of texts, numbers, switches and lists of texts.
    """
    words = list(argv)
    path = next((b for a, b in zip(words, words[1:], strict=False) if a == "--settings"), None)
    path = path or next((w.partition("=")[2] for w in words if w.startswith("--settings=")), None)
    if path is None:
        return words
    try:
        settings = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"--settings must be a JSON file. Received: {path!r} ({error})") from error
    if not isinstance(settings, dict):
        raise UsageError(f"--settings must hold a JSON object of flags. Received: {settings!r:.60}")
    front: list[str] = []
    for name, value in settings.items():
        if isinstance(value, bool):
            front.append(f"--{name}" if value else f"--no{name}")
        else:
            front += _repeated(
                name, [str(one) for one in (value if isinstance(value, list) else [value])]
            )
    return front + words


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _repeated(name: str, values: Sequence[str]) -> list[str]:
    return [word for value in values for word in (f"--{name}", str(value))]


def _given(arguments: Arguments, name: str, flag: str | None = None) -> list[str]:
    value = getattr(arguments, name)
    return [] if value is None else [f"--{flag or name}", str(value)]


def _is_checkpoint(handle: str) -> bool:
    from pqrnn_tf.teachers.bert.conversion import is_checkpoint

    return "://" not in handle and is_checkpoint(handle)


def main() -> int:
    """Runs the command of this file."""
    prog = "python -m recipes.languages"
    argv: list[str] = []
    failed = guarded(prog, lambda: argv.extend(with_settings(sys.argv[1:])))
    return failed or run_command(prog, __doc__, configure, run, argv)


if __name__ == "__main__":
    sys.exit(main())
