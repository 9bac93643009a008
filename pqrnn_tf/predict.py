"""`python -m pqrnn_tf.predict` is the command `pqrnn predict`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["predict", *sys.argv[1:]]))
