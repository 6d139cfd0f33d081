/*
 * The shelf below the terminal of a console: the pictures that its program shows, the newest in sight. It is
 * hidden while there are none. Made by component.ts for each life of the element.
 */

/** Older ones go: a program that draws for ever does not fill the memory. */
const MOST = 100;

export class PictureShelf {
  readonly element = document.createElement("div");
  readonly #list = document.createElement("div");
  readonly #count = document.createElement("span");

  constructor() {
    const bar = document.createElement("div");
    bar.className = "pictures-bar";
    const clear = document.createElement("button");
    clear.type = "button";
    clear.textContent = "Clear";
    clear.addEventListener("click", () => this.clear());
    bar.append(this.#count, clear);
    this.#list.className = "pictures-list";
    this.#list.tabIndex = 0; // to scroll it by keys
    this.element.className = "pictures";
    this.element.part.add("pictures");
    this.element.setAttribute("role", "log");
    this.element.setAttribute("aria-label", "Pictures of the program");
    this.element.append(bar, this.#list);
    this.clear();
  }

  /** Show one more. */
  add(picture: HTMLElement): void {
    const list = this.#list;
    list.append(picture);
    while (list.childElementCount > MOST) list.firstElementChild?.remove();
    this.#tell();
    const bring = (): void => {
      list.scrollTop = list.scrollHeight;
    };
    picture.addEventListener("load", () => requestAnimationFrame(bring), { once: true });
    bring();
  }

  clear(): void {
    this.#list.replaceChildren();
    this.#tell();
  }

  #tell(): void {
    const count = this.#list.childElementCount;
    this.element.hidden = count === 0;
    this.#count.textContent = count === 1 ? "1 picture" : `${count} pictures`;
  }
}
