"""The pages and their interface: a handheld for the lobby, a call board for a TV, and what `status` and `tail` read."""
