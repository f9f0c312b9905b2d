"""The app's own database during a run: a copy before it, what is new or changed since, whose that is, and the way back."""
