"""Everything that waits or touches the world: links, the store, the brokers, the one loop that ties them to the core."""
