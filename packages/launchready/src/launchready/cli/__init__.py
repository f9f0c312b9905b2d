"""The command line. Commands load when they are called, so that ``--help`` stays quick."""

from launchready.cli.app import main

__all__ = ["main"]
