"""Schema tests the team keeps: what has to be refused with a clean answer, as pytest."""
