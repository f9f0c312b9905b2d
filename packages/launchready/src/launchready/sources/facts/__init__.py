"""What one source file says, language by language, in one shape."""
