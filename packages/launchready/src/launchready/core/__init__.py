"""The spine: what a check is, how checks run, what they add up to, and where runs are kept."""
