"""Text that becomes part of a query, a template, a header, a page or a path, told by signals that cannot mean anything else (OWASP A03:2021)."""
