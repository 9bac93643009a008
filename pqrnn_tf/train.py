"""`python -m pqrnn_tf.train` is the command `pqrnn train`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
