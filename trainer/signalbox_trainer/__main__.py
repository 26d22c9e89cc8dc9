"""Entry point of `python -m signalbox_trainer`."""

import sys

from signalbox_trainer.cli import main

sys.exit(main(sys.argv[1:]))
