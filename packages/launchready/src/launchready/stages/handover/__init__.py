"""Stage 7: what is known, and who answers for it."""
