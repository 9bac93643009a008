"""`python -m pqrnn_tf.finetune` is the command `pqrnn finetune`."""

import sys

from pqrnn_tf.commands.main import main

if __name__ == "__main__":
    sys.exit(main(["finetune", *sys.argv[1:]]))
