"""How many failures are too many, wherever they are counted."""

WINDOW = 60  # seconds
PER_NAME, PER_ADDRESS = 10, 30  # failures a window from one address: for one name, for any names
