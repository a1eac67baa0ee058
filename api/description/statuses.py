"""The problems that operations share, by status."""

TOKEN = (401, 503)
"""Whatever takes a token may meet these: none that counts, or a database that is not there."""
OWN = (401, 403, 422, 503)
"""A question about logs that the token may not read, or that is not put well."""
NAMED = (401, 403, 404, 422, 503)
"""The same, about something that is named and may not be there."""
BODY = (400, 413, 415, 429)
"""What is sent may be unreadable, too large, coded as nothing we take, or too much at once."""
