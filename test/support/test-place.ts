import { type LocalOptions, localPlace } from "../../src-core/foundation/exec/local.ts";
import type { Place } from "../../src-core/foundation/exec/place.ts";

/** This machine as a place, run by the Node of the test; without a Python environment unless given. */
export function testPlace(options: Partial<LocalOptions> = {}): Place {
  const python = async (): Promise<never> => {
    throw new Error("This place has no Python environment.");
  };
  return localPlace({ env: process.env, node: process.execPath, python, ...options });
}
