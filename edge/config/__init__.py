"""The branch's configuration: TOML to frozen models to the core's policy; every fault at once, with file and key.

`models` says what may stand in a file, `load` reads it and its rules and texts, `check` finds what only several keys
together can get wrong, `policy` turns it into what the core reads.
"""

from edge.config.load import ConfigError, Loaded, load, load_table
from edge.config.models import Branch

__all__ = ["Branch", "ConfigError", "Loaded", "load", "load_table"]
