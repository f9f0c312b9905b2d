"""Small apps behind real rate limiters. Each takes its limits as text, so that a test says what the source sets, and compares."""
