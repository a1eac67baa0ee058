"""What follows from the truth: views, replay, and their checks."""
