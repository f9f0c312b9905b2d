"""Stage 2: who may do what, by direct calls."""
