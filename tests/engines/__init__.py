"""The engine matrix in `make test`: its quick part in real engines, and its own machinery."""
