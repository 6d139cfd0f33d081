// Must check: dist/detect.mjs as programs use it. Used by test_features.py.
import { detectFeatures, detectJspi, type Features } from "./detect.mjs";
const features: Features = detectFeatures();
const both: [boolean, "final" | "origin-trial" | "none", string] = [
  features.exnref,
  detectJspi().api,
  detectJspi().error,
];
// @ts-expect-error: the sentences are the runtime's
void [both, detectJspi().reason];
