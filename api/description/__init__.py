"""What the API says of itself: one OpenAPI 3.1 document, made of the tables that the service itself works by."""
