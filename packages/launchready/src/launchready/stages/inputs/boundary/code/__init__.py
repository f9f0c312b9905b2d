"""One module for each library in which apps state rules: each turns a tree of fields into a declaration."""
