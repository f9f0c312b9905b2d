"""Ways in that documents of the repository name: OpenAPI, GraphQL schemas, HAR recordings and Postman collections."""
