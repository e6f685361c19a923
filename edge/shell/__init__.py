"""Everything that waits or touches the world: links, store, brokers, and the one loop that ties them to the core."""
