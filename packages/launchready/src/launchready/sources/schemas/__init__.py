"""What schemas ask of the fields of a body: those of validation libraries, of tables and models, and of JSON Schema."""
