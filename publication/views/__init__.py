"""Pages for the public, and for those who lead."""
