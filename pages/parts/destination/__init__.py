"""The pieces of the Destinations page and of a destination's own page."""
