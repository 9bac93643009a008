"""`python -m pqrnn_tf.label` is the command `pqrnn label`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["label", *sys.argv[1:]]))
