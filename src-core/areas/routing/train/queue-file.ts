import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { type QueueRow, queueRowSchema } from "../../../contract/routing/routing-output.ts";
import { readText, writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { isLocked } from "../../../foundation/locks/process-lock.ts";

const queueFileSchema = z.object({
  schema: z.literal(1),
  planHash: z.string(),
  isOver: z.boolean(),
  jobs: z.array(queueRowSchema),
});

const fileOf = (paths: Pick<ProjectPaths, "private">): string => path.join(paths.private, "queue.json");

/** Writes the state of the queue, which `signalbox train status` shows in any terminal. */
export function writeQueue(
  paths: Pick<ProjectPaths, "private">,
  it: { readonly planHash: string; readonly isOver: boolean; readonly jobs: readonly QueueRow[] },
): void {
  writeJsonDurable(fileOf(paths), { schema: 1, ...it });
}

/** Reads the queue as the project's supervisor left it; unfinished jobs of one that ended are `lost`. */
export function readQueue(paths: Pick<ProjectPaths, "private" | "supervisorLock">): {
  readonly planHash: string | null;
  readonly isWorking: boolean;
  readonly jobs: QueueRow[];
} {
  if (!existsSync(fileOf(paths))) return { planHash: null, isWorking: false, jobs: [] };
  try {
    const queue = queueFileSchema.parse(JSON.parse(readText(fileOf(paths))));
    const isWorking = !queue.isOver && isLocked(paths.supervisorLock);
    const lost = "its process ended; training the plan again resumes it";
    const jobs = queue.jobs.map(
      (job): QueueRow =>
        isWorking || !["queued", "starting", "running"].includes(job.state)
          ? job
          : { ...job, state: "lost", why: lost },
    );
    return { planHash: queue.planHash, isWorking, jobs };
  } catch {
    return { planHash: null, isWorking: false, jobs: [] };
  }
}
