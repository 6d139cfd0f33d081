// esbuild's text loader, told to the type checker: `import source from "./x.py"` is the file's text.
// Used by program.ts only.

declare module "*.py" {
  const source: string;
  export default source;
}
