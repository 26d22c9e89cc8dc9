import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lastHolder } from "../../src-core/areas/operations/lease-store.ts";
import { getOperation } from "../../src-core/areas/operations/operation-store.ts";
import { followOperation, requestOperation } from "../../src-core/areas/operations/operations.ts";
import { isSupervised, supervisorLease } from "../../src-core/areas/operations/start-supervisor.ts";
import type { Progress } from "../../src-core/contract/operation.ts";
import type { Core } from "../../src-core/foundation/context.ts";
import { signalProcess } from "../../src-core/foundation/exec/leftovers.ts";
import type { ProcessIdentity } from "../../src-core/foundation/files/process-identity.ts";
import { lineTo } from "../../src-core/wiring/supervisor/credentials.ts";
import { bareCore } from "./bare-core.ts";

const never = new AbortController().signal;
const program = path.join(import.meta.dirname, "sample-supervisor.ts");
export const sampleSupervisor = [process.execPath, program] as const;

/** The process that supervises a project; undefined if none does. */
export function supervisorOf(core: Pick<Core, "catalogue" | "projectDir">): ProcessIdentity | undefined {
  return isSupervised(core) ? lastHolder(core.catalogue(), supervisorLease) : undefined;
}

/** A project's core in a folder of its own, whose long operations the sample supervisor runs. */
export function supervisedCore(env: Readonly<Record<string, string>> = {}) {
  const core = bareCore(mkdtempSync(path.join(os.tmpdir(), "sb-supervised-")), { ...process.env, ...env });
  return {
    core,
    request: (operation: string, input: unknown = {}) =>
      requestOperation(core, { operation, input, openLine: lineTo(core), supervisor: sampleSupervisor }),
    follow: async (id: string, signal: AbortSignal = never) => {
      const progress: Progress[] = [];
      const onProgress = (it: Progress) => void progress.push(it);
      const openLine = lineTo(core);
      const output = await followOperation(core, id, { signal, openLine, supervisor: sampleSupervisor, onProgress });
      return { output, progress };
    },
    stateOf: (id: string) => getOperation(core.catalogue(), id).state,
    close: async () => {
      const holder = supervisorOf(core);
      if (holder !== undefined && holder.pid !== process.pid) signalProcess(holder, "SIGKILL");
      core.catalogue().close();
      await pause(50);
      rmSync(core.projectDir, { recursive: true, force: true });
    },
  };
}
