"""A branch that does not exist: its day as events, and its devices behind real pseudo-terminals and real MQTT.

The day is pure and seeded (`day`); everything in it is a process on one timeline (`timeline`): the people (`people`),
the line they wait in (`line`), tellers, machines and staff. `scenarios` is the table of days, `premises` the branch
they happen in, `reactions` what staff on a handheld can bring about. `branch` plays a day through the simulated
devices (`devices`), at the speed of the daemon's own clock.
"""
