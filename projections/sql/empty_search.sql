-- Let go of all that the search has taken in: whoever runs this has deleted its cursors.
TRUNCATE event_search, event_count
