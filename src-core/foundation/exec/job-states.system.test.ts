import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testPlace } from "../../../test/support/test-place.ts";
import { readClaim, readRunning } from "./job-files.ts";
import { isSettled, lastAttempt, readJobStatus } from "./job-status.ts";
import { processesOf, signalProcess } from "./leftovers.ts";
import type { JobRequest } from "./place.ts";

/** What can happen to a job, in any order, from several sides. */
const steps = ["start", "start twice", "kill runner", "kill program", "cancel", "wait"] as const;
const place = testPlace();

async function apply(step: (typeof steps)[number], request: JobRequest): Promise<void> {
  const claim = readClaim(request.folder, lastAttempt(request.folder));
  const running = readRunning(request.folder);
  switch (step) {
    case "start":
      await place.start(request);
      return;
    case "start twice":
      await Promise.all([place.start(request), place.start(request)]);
      return;
    case "kill runner":
      if (claim !== undefined) signalProcess(claim.runner, "SIGKILL");
      return;
    case "kill program":
      if (running?.child != null && running.attempt === claim?.attempt) signalProcess(running.child, "SIGKILL");
      return;
    case "cancel":
      await place.cancel(request.folder, 500);
      return;
    case "wait":
      await pause(60);
  }
}

test("whatever happens to a job, never two programs of it run at once, and it ends in one final state that stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 2, maxLength: 7 }), async (sequence) => {
      const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "sb-states-")), "train");
      mkdirSync(folder);
      // The lock is held by a program and what it starts: a second program beside it writes "twice".
      const script = `exec 9>lock; flock -n 9 || echo twice >> twice.txt; sleep 0.3; printf x > outputs/rows`;
      const request: JobRequest = {
        jobId: "train",
        runId: "r1",
        kind: "train",
        folder,
        argv: ["/bin/sh", "-c", script],
        env: {},
        inputs: [],
        expectedOutputs: ["outputs/rows"],
      };
      try {
        for (const step of sequence) {
          const before = readJobStatus(folder);
          await apply(step, request);
          const after = readJobStatus(folder);
          if (step !== "start" && step !== "start twice" && before !== undefined && isSettled(before.state))
            expect(after?.state, `${step} after ${before.state}`).toBe(before.state);
          if (step === "cancel" && before !== undefined) expect(isSettled(after?.state ?? "queued")).toBe(true);
        }
        while (readJobStatus(folder) !== undefined && !isSettled(readJobStatus(folder)?.state ?? "queued"))
          await pause(20);
        const last = readJobStatus(folder);
        if (last?.state === "succeeded") expect(readFileSync(path.join(folder, "outputs/rows"), "utf8")).toBe("x");
        expect(() => readFileSync(path.join(folder, "twice.txt"))).toThrow();
        for (let attempt = 1; attempt <= lastAttempt(folder); attempt += 1) {
          const token = readClaim(folder, attempt)?.token ?? "";
          for (let tries = 0; tries < 200 && processesOf(token).length > 0; tries += 1) await pause(20);
          expect(processesOf(token)).toEqual([]);
        }
        expect(readJobStatus(folder)).toEqual(last);
      } finally {
        rmSync(path.dirname(folder), { recursive: true, force: true });
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
