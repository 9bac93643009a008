"""What people say around a request, and how they shorten and speak it: one module a language."""
