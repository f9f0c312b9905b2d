"""Values out of place: from one valid request to each endpoint, one deviation at a time, and what the app made of it."""
