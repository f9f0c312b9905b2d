"""Secrets in the source, its history and what is built from it."""
