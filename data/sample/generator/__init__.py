"""The invented companies: laws, two worlds planted with them, and the platforms' shapes they are written in."""
