"""Ways in which people write a request, one module a kind; `making.surface_forms` has the table of all."""
