"""What a run stands on when it calls the app as everybody: people, records, what was sent and seen, and what has to be removed again."""
