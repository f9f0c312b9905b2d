"""Regular expressions that take exponentially long on a text that does not match, and the text that shows it (CWE-1333)."""
