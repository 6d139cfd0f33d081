"""A program for a terminal: it asks, it waits, it prints. Nothing in it knows about the browser.

Embedded by index.html with one script tag.
"""

import time

name = input("Who is there? ").strip() or "stranger"
print("One moment", end="", flush=True)
for _ in range(3):
    time.sleep(0.3)
    print(".", end="", flush=True)
print(f"\nBuongiorno, {name}! A coffee is waiting for you: \x1b[32msospeso\x1b[0m.")
