"""Stage 6: what runs, how fast, and who notices."""
