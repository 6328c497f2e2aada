"""The whole database as one file, and back into an empty one. Knows no request and prints nothing."""
