"""Stage 1: what the app exposes."""
