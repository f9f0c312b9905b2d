"""What schemas in JavaScript and TypeScript ask of the fields of a body: those of validation libraries, of tables and of JSON Schema."""
