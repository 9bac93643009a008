"""`python -m pqrnn_tf` is the command `pqrnn`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
