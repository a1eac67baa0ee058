"""Importing: from the rows of somebody's export to events, by a declarative mapping."""
