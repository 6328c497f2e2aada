"""The version, in one place."""

RELEASE = "0.1.0"
