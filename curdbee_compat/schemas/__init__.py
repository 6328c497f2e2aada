"""What each resource looks like on the wire, both ways; the only description of it. No schema queries."""
