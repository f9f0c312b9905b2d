"""Stage 3: bad payloads and abuse."""
