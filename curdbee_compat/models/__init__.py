"""Tables and what they can do. No model sees a request, a schema or a format."""
