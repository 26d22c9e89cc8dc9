import { hash } from "node:crypto";

/** A number in [0, 1) that a seed and a name decide: the same kills and cuts again for the same seed. */
export function drawn(seed: number, name: string): number {
  return Number.parseInt(hash("md5", `${seed}/${name}`).slice(0, 8), 16) / 2 ** 32;
}
