"""The pure core: events in, commands out; no clock, no file, no socket, no random source."""
