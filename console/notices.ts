/*
 * Short messages over the corner of the terminal. They never touch the terminal itself, where a line
 * may be under way. Made by console.ts, used by files.ts.
 */

const SHOWN_MS = { note: 6_000, error: 20_000 };
const MOST = 4;

export class Notices {
  readonly #place: HTMLElement;

  /** @param place a live region (role="status"), so that they are read aloud. */
  constructor(place: HTMLElement) {
    this.#place = place;
  }

  /** @param subject what it is about, such as a file's name. */
  show(kind: "note" | "error", subject: string, text: string): void {
    const notice = document.createElement("p");
    notice.className = `notice ${kind}`;
    const words = document.createElement("span");
    const strong = document.createElement("strong");
    strong.textContent = subject;
    words.append(strong, ` ${text}`);
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Dismiss");
    close.addEventListener("click", () => notice.remove());
    notice.append(words, close);
    this.#place.append(notice);
    while (this.#place.childElementCount > MOST) this.#place.firstElementChild?.remove();
    const hide = (): void => {
      // Not from under a pointer or a focus.
      if (notice.matches(":hover, :focus-within")) setTimeout(hide, 1_000);
      else notice.remove();
    };
    setTimeout(hide, SHOWN_MS[kind]);
  }
}
