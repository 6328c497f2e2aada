"""Requests and bodies made at random, and what must hold of every answer. `python -m fuzz` goes on until told."""
