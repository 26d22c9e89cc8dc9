import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");

/** So that the hundreds of megabytes that one repeat leaves are not swept in the next one's time. */
export function collectGarbage(): void {
  if (typeof gc === "function") gc();
}
