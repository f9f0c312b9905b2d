"""How often each kind of endpoint may be called: one table, and what it is written out as."""
