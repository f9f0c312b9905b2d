"""``python -m launchready``."""

from launchready.cli import main

if __name__ == "__main__":
    main()
