"""The proof as a pytest suite that the team keeps: readable, one test a row, independent of us."""
