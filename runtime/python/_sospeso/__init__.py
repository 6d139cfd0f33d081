"""The private package of the runtime's own Python modules.

`_sospeso.runner` runs code for JavaScript, `_sospeso.webloop` is asyncio on the
host's event loop, `_sospeso.http` is http.client over fetch. Not for users.
"""
