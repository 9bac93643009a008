"""`python -m pqrnn_tf.demo` is the command `pqrnn demo`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["demo", *sys.argv[1:]]))
