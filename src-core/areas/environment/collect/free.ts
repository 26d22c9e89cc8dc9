import { rmSync } from "node:fs";
import type { Freed } from "../../../contract/environment.ts";
import { fileError } from "../../../foundation/files/durable.ts";

/** Something on the disk that may be deleted or must be kept, and the reason. */
export interface Candidate {
  readonly kind: Freed["kind"];
  readonly path: string;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly mayGo: boolean;
}

/** Deletes what may be deleted if `yes`, else reports what would be. */
export function free(candidates: readonly Candidate[], yes: boolean) {
  const items = candidates.map(({ mayGo, ...candidate }) => {
    if (!mayGo) return { ...candidate, state: "kept" as const };
    if (!yes) return { ...candidate, state: "to free" as const };
    try {
      rmSync(candidate.path, { recursive: true, force: true });
    } catch (error) {
      throw fileError(error, "remove", candidate.path);
    }
    return { ...candidate, state: "freed" as const };
  });
  const going = items.filter((item) => item.state !== "kept");
  return { items, totalBytes: going.reduce((sum, item) => sum + item.sizeBytes, 0), isDone: yes };
}
