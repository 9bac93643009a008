"""`python -m pqrnn_tf.distill` is the command `pqrnn distill`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["distill", *sys.argv[1:]]))
