"""Says which Python runs it: its executable, links followed, and its version. Any Python 3 has to understand it."""

import os
import sys

print(os.path.realpath(sys.executable))
print(".".join(str(part) for part in sys.version_info[:3]))
