"""launchready.toml: read with errors a person can act on, and written as a commented first draft."""
