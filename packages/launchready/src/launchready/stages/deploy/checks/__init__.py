"""The checks of this stage, one module each."""
