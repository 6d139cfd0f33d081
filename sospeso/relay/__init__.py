"""The relay: TCP and UDP for programs in pages, over one WebSocket (`sospeso relay`).

docs/relay.md is about running it. `server.py` has the HTTP side, `session.py` one WebSocket,
`stream.py` one connection of it, `frames.py` the bytes between, `policy.py` who may reach what,
`tokens.py` and `limits.py` for whom and how much, `records.py` what is told of it.
"""
