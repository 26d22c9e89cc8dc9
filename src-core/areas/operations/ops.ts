import type { jobsOperations, OperationRow } from "../../contract/jobs.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { listOperations, type StoredOperation } from "./operation-store.ts";
import { awaitOperation, cancelOperation } from "./operations.ts";

function withoutTexts({ input: _input, output: _output, ...row }: StoredOperation): OperationRow {
  return row;
}

export function jobsOps(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
): Implementations<typeof jobsOperations> {
  return {
    "jobs.list": async ({ limit, active }) => ({
      operations: listOperations(core.catalogue(), { limit, active }).map(withoutTexts),
    }),
    "jobs.follow": async ({ id }, { signal, report }) => {
      const row = await awaitOperation(core, id, { signal, onProgress: report });
      return { ...withoutTexts(row), output: row.output };
    },
    "jobs.cancel": async ({ id }, { signal }) => withoutTexts(await cancelOperation(core, id, { signal })),
  };
}
