"""The tenant in the data layer: what a forgotten filter would let through is filtered, and in tests it fails."""
