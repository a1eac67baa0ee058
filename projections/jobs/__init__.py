"""Jobs: questions that take long, worked out apart from requests, and what came of them, kept for a while."""
