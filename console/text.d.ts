/*
 * Style sheets are bundled as text (cpython/build/bundle/javascript.py, esbuild's loader "text"): the component adopts
 * them in its shadow root, so that one script tag is all a page needs. For tsc only.
 */
declare module "*.css" {
  const text: string;
  export default text;
}
