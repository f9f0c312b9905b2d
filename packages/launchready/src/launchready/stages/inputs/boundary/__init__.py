"""The rules each endpoint needs at its boundary, beside what the app does today, as code in the app's own library."""
