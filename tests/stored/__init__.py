"""What was released and must be read for ever."""
