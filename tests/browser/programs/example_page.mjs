// Programs of test_example_page.py.

/** The contrast ratio of WCAG 2 for elements whose colours are opaque. */
export async function contrasts(selectors) {
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    const seen = (parts(colour)[3] ?? 1) > 0;
    return seen || !element.parentElement ? colour : ground(element.parentElement);
  };
  const ratio = (selector) => {
    const element = document.querySelector(selector);
    const pair = [light(getComputedStyle(element).color), light(ground(element))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  return Object.fromEntries(selectors.map((selector) => [selector, ratio(selector)]));
}

export async function colours_of_the_streams() {
  const colour = (name) => getComputedStyle(document.querySelector(`#output .${name}`)).color;
  return ["out", "err"].map(colour);
}
