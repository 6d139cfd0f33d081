// Programs of test_pictures.py: what a page shows. `root` is where the pictures are.

const root = (selector) => document.querySelector(selector)?.shadowRoot ?? document;

/** Each picture: what it is, its size, what is said of it, or the text of a frame. */
export async function look(selector, pictures) {
  const told = [];
  for (const element of root(selector).querySelectorAll(pictures)) {
    if (element instanceof HTMLImageElement) {
      if (!element.complete) await new Promise((resolve) => element.addEventListener("load", resolve));
      told.push(["image", element.naturalWidth, element.naturalHeight, element.alt]);
    } else {
      const { body } = element.contentDocument;
      told.push(["frame", body.innerText.trim().split("\n")[0], getComputedStyle(body.querySelector("td")).color]);
    }
  }
  return told;
}

/** What a program's HTML reached of the page, after its link was clicked. */
export async function reached(selector, frame) {
  const { contentDocument } = root(selector).querySelector(frame);
  contentDocument.querySelector("a").click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("pictures.py"));
  return [globalThis.reached ?? null, asked.length];
}
