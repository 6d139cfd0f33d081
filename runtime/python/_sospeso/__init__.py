"""The private package of the runtime's own Python modules.

Its modules lie where their idea is, in runtime/, asyncio_bridge/, ffi/ and polyfills/, and are
linked into the core: FROZEN in cpython/build/steps/profiles.py says which file has which name.
Not for users.
"""
