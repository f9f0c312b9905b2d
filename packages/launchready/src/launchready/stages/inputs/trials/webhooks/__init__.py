"""Events nobody signed, signed by somebody else, old ones, and the same one twice."""
