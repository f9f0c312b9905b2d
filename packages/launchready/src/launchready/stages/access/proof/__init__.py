"""The prover: every endpoint called directly as every identity, and what came of it."""
