"""lobbyd: the lobby-service daemon of one bank branch."""

__version__ = "0.1.0"
