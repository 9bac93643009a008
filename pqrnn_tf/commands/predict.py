"""Parses utterances of standard input into JSON lines, for programs.

Reads one utterance a line (UTF-8) on standard input and writes one JSON object a line on standard output, in order:

    {"text", "intent", "score", "slots": [{"name", "start", "end", "text"}], "tree", "intent_score"}

`start` and `end` are character offsets into `text`; a slot in which an intent stands has it as "nested", with slots of
its own. "score" and "intent_score" are the probabilities that the whole parse and that its intent are right
(docs/scores.md). An empty line gives the intent "", and a text that the model rejects, because it belongs to no intent,
the intent null. With --entities each slot has "entity", what it means: {"id", "name", "type", "score"}, or null
(docs/entities.md). With --values it has "value", what its words mean, or null (docs/values.md). With --alternatives
there are "alternatives", the next best parses. Bytes that are not UTF-8 are read as U+FFFD. A line longer than the
model takes is cut at a word, has "truncated": true, and is counted on standard error. This contract stays;
`pqrnn parse` does more for people.

    echo "Wake me at 7pm" | pqrnn predict --model mtop_en_2mb
    echo "Wake me at 7pm" | python -m pqrnn_tf.predict --model mtop_en_2mb
"""

from __future__ import annotations

from pqrnn_tf.commands import entity_flags, model_argument, value_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.lines import read_labels, read_lines, standard_input, write_json_line
from pqrnn_tf.commands.running import say


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", model_argument.HELP, required=True, metavar="MODEL")
    parser.flag(
        "labels", "A labels.json to use instead of the names inside the model.", metavar="FILE"
    )
    parser.flag("threads", "Threads of the runtime.", type=at_least(1), default=1)
    add_alternatives(parser)
    entity_flags.declare(parser)
    value_flags.declare(parser)


def add_alternatives(parser: CommandParser) -> None:
    """Declares how many other parses are told."""
    parser.flag(
        "alternatives",
        "How many of the next best parses are told beside the best one.",
        type=at_least(0),
        default=0,
        metavar="N",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    labels = None if arguments.labels is None else read_labels(arguments.labels)
    parser = model_argument.open_parser(arguments.model, labels=labels, threads=arguments.threads)
    entity_flags.give(parser, arguments)
    value_flags.give(parser, arguments)
    cut = 0
    for text in read_lines(standard_input()):
        parse = parser.parse(text, alternatives=arguments.alternatives)
        cut += parse.truncated
        write_json_line(parse, alternatives=arguments.alternatives > 0, values=arguments.values)
    if cut:
        say("pqrnn predict", f"{cut} lines were longer than the model takes and were cut")
