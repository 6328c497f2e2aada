"""The OpenAPI description of both APIs, made from the routes, the views and the schemas; holds no list of its own."""
