"""The devices of the simulated branch, as the daemon meets them: real pseudo-terminals, real MQTT, real WebSockets.

Each speaks its own protocol, written down here and nowhere else in the simulator; `config/demo.toml` tells the daemon
how to read it, as it would for a machine that somebody has bought.
"""
