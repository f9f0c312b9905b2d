"""A pytest suite of what a run found, which the team keeps: what all stages that write tests share."""
