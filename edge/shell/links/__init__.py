"""The ways bytes come and go: a serial port, a TCP socket, a broker's topics. Links open, pace and close; no more."""
