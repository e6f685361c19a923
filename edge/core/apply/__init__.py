"""How events change the picture of the hall: tickets, windows, devices, staff, the business day.

Every function takes the hall and one event, changes the hall in place and returns what it touched; what an event
cannot mean (a late end, a ticket issued twice) is answered with `Ignore` and touches nothing. Nothing is decided here.
"""
