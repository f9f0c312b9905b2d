"""Sessions and tokens of callers of ours: forged, replayed, planted, mailed, and what sign-in tells about who has an account."""
