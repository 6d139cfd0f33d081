"""What `sospeso run` runs from an installed wheel: it waits, reads a line and says where it is."""

import sys
import time

time.sleep(0.01)
print(sys.platform, sys.argv[1:], input())
