"""Stage 4: names, certificates, headers."""
