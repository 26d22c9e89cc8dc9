"""Entry point of `python -m signalbox_trainer`."""

import atexit
import os
import sys

from signalbox_trainer.cli import main

_code = 1


def _end() -> None:
    """Ends the process with its libraries as they are: taking them down takes half a second.

    Every result is in a file that is closed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_code)


# Registered first, so called last: after the threads that Python waits for, and after what libraries do at the end.
atexit.register(_end)
_code = main(sys.argv[1:])
