"""`python -m tflite_export.export` is the command `pqrnn export`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["export", *sys.argv[1:]]))
