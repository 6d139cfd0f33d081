/*
 * The programs that the page offers: each waits in another ordinary way. They are plain Python,
 * as one would write it for a terminal; nothing in them knows about the browser. Used by app.js.
 */

/** @type {ReadonlyArray<{id: string, title: string, source: string}>} */
export const programs = [
  {
    id: "guess",
    title: "Guess the number: input()",
    source: `import random

secret = random.randint(1, 100)
print("I am thinking of a number between 1 and 100.")

tries = 0
while True:
    text = input("Your guess? ")
    tries += 1
    try:
        guess = int(text)
    except ValueError:
        print("A number, please.")
        continue
    if guess == secret:
        print(f"Yes! You needed {tries} tries.")
        break
    print("Too low." if guess < secret else "Too high.")
`,
  },
  {
    id: "countdown",
    title: "Countdown: time.sleep()",
    source: `import time

for number in range(3, 0, -1):
    print(number)
    time.sleep(1)
print("Lift-off.")
`,
  },
  {
    id: "fetch",
    title: "Read a page: urllib",
    source: `from urllib.error import HTTPError
from urllib.request import urlopen

url = "programs.js"  # relative to this page

with urlopen(url, timeout=10) as response:
    print(response.status, response.headers["Content-Type"])
    text = response.read().decode()
print(len(text.splitlines()), "lines, the first words are:")
print(text[:75].strip())

try:
    urlopen(url + ".missing")
except HTTPError as error:
    print("And one that is not there:", error)
`,
  },
  {
    id: "threads",
    title: "Two threads and a queue",
    source: `import queue
import threading
import time

orders = queue.Queue(maxsize=2)


def customer():
    for drink in ("espresso", "cappuccino", "ristretto", "lungo"):
        orders.put(drink)  # waits while the queue is full
        print(f"ordered  {drink}")
    orders.put(None)


def barista():
    while (drink := orders.get()) is not None:  # waits while it is empty
        time.sleep(0.7)
        print(f"  served {drink}")


workers = [threading.Thread(target=customer), threading.Thread(target=barista)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print("Closed.")
`,
  },
  {
    id: "sort",
    title: "You are the sort key: sorted(key=)",
    source: `def score(film):
    while True:
        answer = input(f"{film}, 0 to 10? ")
        if answer.isdigit():
            return int(answer)
        print("A whole number, please.")


# sorted() is C code. It waits for your answers in the middle of its work.
films = sorted(["Ladri di biciclette", "La dolce vita", "Il postino"], key=score, reverse=True)
print("Your list:")
for place, film in enumerate(films, 1):
    print(f"  {place}. {film}")
`,
  },
  {
    id: "traceback",
    title: "A traceback",
    source: `import sys


class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"{amount} is more than the {self.balance} there is")
        self.balance -= amount


account = Account(100)
account.withdraw(30)
print("left:", account.balance)
print("warning: this goes to stderr", file=sys.stderr)
account.withdraw(90)
`,
  },
  {
    id: "picture",
    title: "A picture: _repr_svg_()",
    source: `from math import pi, sin

class Waves:
    """Draws itself: the page shows what has _repr_svg_, _repr_png_ or _repr_html_."""

    def _repr_svg_(self):
        lines = "".join(
            f'<path d="M' + " ".join(
                f"{x},{120 + 18 * n * sin(x / 40 + n * pi / 5):.1f}" for x in range(0, 601, 4)
            ) + f'" stroke="hsl({155 + 14 * n} 45% {62 - 5 * n}%)"/>'
            for n in range(1, 6)
        )
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240" width="600" '
            f'height="240" fill="none" stroke-width="2.5">{lines}</svg>'
        )

Waves()
`,
  },
];
