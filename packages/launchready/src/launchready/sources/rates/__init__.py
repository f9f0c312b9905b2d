"""How often calls may come, as the source sets it with the rate limiters we know."""
