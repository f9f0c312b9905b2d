"""Stage 5: mail that arrives, and nobody else sends."""
