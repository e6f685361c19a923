"""What the lobby is told: on boards, at the counters, aloud and on paper, and what of it comes too late to be said."""
