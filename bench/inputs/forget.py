"""The cleanup command of the bench, as an owner would name one: notes what is there, then runs the app's few lines of SQL on the list it is given.

    python bench/inputs/forget.py DATABASE-URL SQL FILE

``SQL`` reads the list as ``:'given'::jsonb``; ``FILE`` takes the number of rows of each table before that, as JSON.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster import rows


def main() -> int:
    """How the SQL ended."""
    url, statements, file = sys.argv[1:]
    with tempfile.NamedTemporaryFile(suffix=".json") as given:
        given.write(sys.stdin.buffer.read())
        given.flush()
        Path(file).write_text(json.dumps(rows(url)))
        script = f"\\set given `cat {given.name}`\n{statements}"
        return subprocess.run(("psql", url, "-qv", "ON_ERROR_STOP=1"), input=script, text=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
