import type { Parameter } from "./manifest.ts";

/** Checks whether a flag is on unless `--no-NAME` is given. */
export function isOnByDefault({ kind, defaultText }: Parameter): boolean {
  return kind === "flag" && defaultText === "true";
}
