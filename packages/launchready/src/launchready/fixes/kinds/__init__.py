"""One module per fix, each with its ``FIX``."""
