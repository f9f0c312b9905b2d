"""From code to facts: the file tree, Git history, the surface, secrets. Reads only; opens no socket."""
