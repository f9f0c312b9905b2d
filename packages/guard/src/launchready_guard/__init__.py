"""Launch Ready's runtime side: what a production app carries. Standard library only."""
