"""The seven stages of a launch: each has its checks and its deliverables. Stages never import each other."""
