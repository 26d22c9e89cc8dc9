import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Core } from "../../foundation/context.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { listRuns } from "../runs/store.ts";
import { modelsOfRun } from "../tracking/store.ts";
import { type LineageFacts, runFacts } from "./facts.ts";
import type { LineageCore } from "./needs.ts";

/** Gathers facts from the run folders, the catalogue and the ledger, including runs that only the ledger has. */
export async function gatherFacts(core: LineageCore): Promise<LineageFacts> {
  const { config } = core.project();
  const catalogue = core.catalogue();
  const entries = await core.ledger.read();
  const decisions = new Map(
    entries.flatMap((it) => (it.kind === "decision" ? [[it.body.runId, it.body] as const] : [])),
  );
  const rows = listRuns(catalogue, { limit: Number.MAX_SAFE_INTEGER }).runs.toReversed();
  const known = new Set(rows.map((row) => row.runId));
  const rest = [...decisions.keys()].filter((runId) => !known.has(runId));
  const common = { masterPath: config.master, registered: [] };
  return {
    entries,
    runs: [
      ...rest.map((runId) =>
        runFacts({
          ...common,
          runId,
          number: null,
          startedAt: null,
          params: {},
          results: core.runs.results(runId),
          decision: decisions.get(runId) ?? null,
        }),
      ),
      ...rows.map((row) =>
        runFacts({
          ...common,
          ...row,
          results: core.runs.results(row.runId),
          decision: decisions.get(row.runId) ?? null,
          registered: modelsOfRun(catalogue, row.runId),
          ...(row.params.job_id === undefined ? {} : { planRun: core.runs.planRun(row.runId) }),
        }),
      ),
    ],
  };
}

/** Finds the file of the project that a subject may be, by a path from the current folder or from the project. */
export function fileNamed(
  core: Pick<Core, "project">,
  text: string,
  workingFolder: string | undefined,
): { readonly path: string; readonly sha256: string | null } | null {
  const { root } = core.project().paths;
  const candidates = [
    path.resolve(root, text),
    ...(workingFolder === undefined ? [] : [path.resolve(workingFolder, text)]),
  ];
  const absolute = candidates.find((file) => existsSync(file)) ?? candidates[0];
  if (absolute === undefined) return null;
  const name = path.relative(root, absolute).split(path.sep).join("/");
  if (name === "" || name.startsWith("../")) return null;
  const isFile = statSync(absolute, { throwIfNoEntry: false })?.isFile() === true;
  return { path: name, sha256: isFile ? fileDigest(absolute) : null };
}
