"""Stage 5: keys in the open."""
