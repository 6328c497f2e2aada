"""Faults while the server writes: what is killed, stopped, frozen, locked or full, and what must be true afterwards."""
