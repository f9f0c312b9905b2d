"""Data that clients reach without the app's own endpoints: tables, buckets, functions and the rules on them."""
