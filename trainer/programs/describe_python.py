"""Prints the Python that runs it: the executable, with links resolved, and the version. Must run under any Python 3."""

import os
import sys

print(os.path.realpath(sys.executable))
print(".".join(str(part) for part in sys.version_info[:3]))
