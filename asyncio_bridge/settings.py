"""What the page's event loop is told before there is one.

The module is `_sospeso.loop_settings` inside the runtime. The loop is made when asyncio is first
imported (webloop.py); what it depends on is known at the start, and kept here, where setting it
imports nothing. Set by runtime/python/_sospeso/runner.py and runtime/node/main.py.
"""

# Is this a program of the command line? No loop runs in it until it runs one itself.
is_program = False

# Does run_until_complete() of the page's loop wait, or return the task at once?
run_until_complete_waits = True
