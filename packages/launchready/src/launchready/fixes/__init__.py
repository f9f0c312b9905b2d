"""What the source can be changed to, so that a finding is gone: shown as a diff, applied when asked to, and taken back whole."""
