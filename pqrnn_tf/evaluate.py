"""`python -m pqrnn_tf.evaluate` is the command `pqrnn evaluate`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["evaluate", *sys.argv[1:]]))
