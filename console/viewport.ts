/*
 * Keeps the page in the part of the window that a phone's keyboard leaves: the layout viewport stays as
 * it is under the keyboard, the visual one shrinks and may be moved. Set up by console.ts; console.css
 * uses the two properties.
 */

export function followVisualViewport(): void {
  const viewport = window.visualViewport;
  if (viewport === null) return; // 100dvh has to do
  const { style } = document.documentElement;
  const follow = (): void => {
    if (viewport.scale > 1.01) return; // somebody zooms, to read
    style.setProperty("--viewport-height", `${viewport.height}px`);
    style.setProperty("--viewport-top", `${viewport.offsetTop}px`);
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  follow();
}
