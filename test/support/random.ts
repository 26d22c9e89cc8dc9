import { hash } from "node:crypto";

/** A number in [0, 1) that depends only on a seed and a name, so that a seed repeats the same kills and cuts. */
export function drawn(seed: number, name: string): number {
  return Number.parseInt(hash("md5", `${seed}/${name}`).slice(0, 8), 16) / 2 ** 32;
}
