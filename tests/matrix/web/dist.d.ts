// The build, as pages of the matrix import it from their server: for the check of ../../tsconfig.json.
declare module "/dist/*";
