"""One module per framework: how it mounts routes, and where its guards attach."""
