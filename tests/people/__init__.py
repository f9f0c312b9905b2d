"""Identities: given, imported, and made for the run, against real apps on loopback."""
