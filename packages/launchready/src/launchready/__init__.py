"""Launch Ready: can this app take its first real customers? A verdict, the proof and the fix."""

__version__ = "0.1.0"
