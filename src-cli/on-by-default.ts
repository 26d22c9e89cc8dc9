import type { Parameter } from "./manifest.ts";

/** True for a flag that holds unless `--no-NAME` is said. */
export function isOnByDefault({ kind, defaultText }: Parameter): boolean {
  return kind === "flag" && defaultText === "true";
}
