"""The policy before and after a person's review: drafted from a surface, merged into a file, compared with the code."""
