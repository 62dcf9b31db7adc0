"""All that others say about the SCIM server: their suites, their evaluation of filters, and another
server beside ours. Each part ends with a line that counts as `cargo test` does.

Usage: run.py BINARY; it runs in the environment that requirements.txt describes.
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

if __name__ == "__main__":
    parts = ["suites.py", "filters.py", "reference.py"]
    runs = [subprocess.run([sys.executable, HERE / part, sys.argv[1]]) for part in parts]
    sys.exit(max(run.returncode for run in runs))
