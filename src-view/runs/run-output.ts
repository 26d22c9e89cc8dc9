import type { OperationOutput } from "../../src-core/contract/index.ts";
import { toneOf } from "../labels.ts";
import { shortRun } from "../names.ts";
import { formatBytes } from "../numbers.ts";
import type { Section } from "../section.ts";
import { line, part, report, signed, toned, verbatim } from "../shape.ts";

/** Shapes the output of a run's jobs. */
export function runLogs({ runId, jobs }: OperationOutput<"runs.logs">): readonly Section[] {
  if (jobs.length === 0)
    return report(part(line(`Run ${shortRun(runId)} has no output, because none of its jobs was started.`)));
  return report(
    ...jobs.map((job) =>
      part(
        signed("note", toned(job.job, "strong"), "  ", toned(`${job.file}, ${formatBytes(job.sizeBytes)}`, "quiet")),
        job.text === "" ? line(toned("  no output", "quiet")) : verbatim(job.text.trimEnd()),
      ),
    ),
  );
}

export function runCancelled({ runId, status, message }: OperationOutput<"runs.cancel">): readonly Section[] {
  return report(part(line(`${shortRun(runId)}  `, toned(status, toneOf(status)), `  ${message}`)));
}
