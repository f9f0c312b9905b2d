"""Where counters and seen deliveries are kept."""
