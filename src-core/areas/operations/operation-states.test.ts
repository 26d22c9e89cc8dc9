import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { someCaller } from "../../../test/support/caller.ts";
import { adoptOperations, noteStart } from "./adopt-operations.ts";
import { insertOperation, listOperations, requestCancel, settleOperation, takeQueued } from "./operation-store.ts";
import { isOperationSettled } from "./operations.ts";

const step = fc.oneof(
  fc.constant("request" as const),
  fc.constant("take" as const),
  fc.constantFrom("succeed" as const, "fail" as const),
  fc.constant("supervisor dies" as const),
  fc.nat(4).map((cancel) => ({ cancel })),
);

test("whatever happens to operations, one that ended stays as it ended, and they are taken one by one in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (sequence) => {
      const core = bareCore(mkdtempSync(path.join(os.tmpdir(), "sb-ops-")));
      const now = new Date();
      const rows = () => listOperations(core.catalogue(), { limit: 100, active: false }).toReversed();
      const running = () => rows().find((row) => row.state === "running");
      try {
        for (const it of sequence) {
          const before = rows();
          if (it === "request")
            insertOperation(core.catalogue(), { operation: "x", input: {}, caller: someCaller, now, above: 0 });
          else if (it === "take" && running() === undefined) {
            const taken = takeQueued(core.catalogue(), now);
            expect(taken?.id).toBe(before.find((row) => row.state === "queued")?.id);
            if (taken !== undefined) noteStart(core, taken.id);
          } else if (it === "succeed")
            settleOperation(core.catalogue(), running()?.id ?? "", { state: "succeeded", now, output: 1 });
          else if (it === "fail") settleOperation(core.catalogue(), running()?.id ?? "", { state: "failed", now });
          else if (it === "supervisor dies") {
            const left = running();
            await adoptOperations(core);
            expect(running()).toBeUndefined();
            const then = rows().find((row) => row.id === left?.id)?.state;
            if (left?.isCancelRequested) expect(then).toBe("cancelled");
            else if (left !== undefined) expect(["queued", "interrupted"]).toContain(then);
          } else if (typeof it === "object") {
            const row = before[it.cancel];
            if (row !== undefined) requestCancel(core.catalogue(), row.id, now);
          }
          for (const row of before)
            if (isOperationSettled(row.state)) expect(rows().find(({ id }) => id === row.id)).toEqual(row);
          expect(rows().map((row) => row.id)).toEqual(rows().map((_, index) => `op${index + 1}`));
        }
      } finally {
        core.catalogue().close();
        rmSync(core.projectDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});
