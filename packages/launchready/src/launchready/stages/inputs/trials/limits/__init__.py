"""Bursts: how often is too often, what is counted, and whether something steps around it."""
