import { configKinds } from "../../../contract/configs/config-kinds.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { restoreConfigVersion } from "../store.ts";
import type { Frozen } from "./frozen.ts";
import { kinds } from "./versions.ts";

/** The part of a run that shows which version it froze. */
interface UsingRun {
  readonly runId: string;
  readonly startedAt: number;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Restores the frozen versions, each with the first of these runs that used it; a version that none of them used is left
 * out. The exact time of freezing isn't recorded anywhere, so the start of the run is used.
 */
export function restoreFrozen(writer: CatalogueWriter, frozen: Frozen, runs: readonly UsingRun[]): void {
  const oldestFirst = runs.toSorted((a, b) => a.startedAt - b.startedAt);
  for (const kind of kinds) {
    for (const [version, digest] of Object.entries(frozen.configs[kind])) {
      const first = oldestFirst.find(
        ({ params }) => params[configKinds[kind].key] === version && params[`${kind}_config_digest`] === digest,
      );
      if (first === undefined) continue;
      const { runId: firstRunId, startedAt: frozenAt } = first;
      restoreConfigVersion(writer, { kind, version: Number(version), digest, firstRunId, frozenAt });
    }
  }
}
