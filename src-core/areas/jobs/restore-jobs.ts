import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import { readRunning, readSpec } from "../../foundation/exec/job-files.ts";
import { readJobStatus } from "../../foundation/exec/job-status.ts";
import { putJob } from "./store.ts";

/** Restores the rows of the jobs in the folder of a run of the project in `root`. */
export function restoreJobs(writer: CatalogueWriter, root: string, runDir: string): void {
  if (!existsSync(runDir)) return;
  for (const name of readdirSync(runDir).sort()) {
    const folder = path.join(runDir, name);
    const spec = statSync(folder).isDirectory() ? readSpec(folder) : undefined;
    const status = spec === undefined ? undefined : readJobStatus(folder);
    if (spec === undefined || status === undefined) continue;
    const startedAt = Date.parse(readRunning(folder)?.started_at ?? "");
    putJob(writer, {
      runId: spec.run_id,
      jobId: spec.job_id,
      kind: spec.kind,
      folder: path.relative(root, folder),
      state: status.state,
      startedAt: Number.isNaN(startedAt) ? Math.floor(statSync(folder).mtimeMs) : startedAt,
    });
  }
}
