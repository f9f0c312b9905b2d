"""Files that are put out of place, and what a visitor gets back of them."""
