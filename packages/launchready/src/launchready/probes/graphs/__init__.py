"""GraphQL, asked as if each field of the root types were an address of its own."""
