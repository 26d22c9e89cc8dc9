import type { Implementations } from "../../contract/operation.ts";
import type { OperationRow, operationsOperations } from "../../contract/operations.ts";
import type { Core } from "../../foundation/context.ts";
import { listOperations, type StoredOperation } from "./operation-store.ts";
import { awaitOperation, cancelOperation } from "./operations.ts";

function withoutTexts({ input: _input, output: _output, ...row }: StoredOperation): OperationRow {
  return row;
}

export function operationsOps(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
): Implementations<typeof operationsOperations> {
  return {
    "operations.list": async ({ limit, active }) => ({
      operations: listOperations(core.catalogue(), { limit, active }).map(withoutTexts),
    }),
    "operations.follow": async ({ id }, { signal, report }) => {
      const row = await awaitOperation(core, id, { signal, onProgress: report });
      return { ...withoutTexts(row), output: row.output };
    },
    "operations.cancel": async ({ id }, { signal }) => withoutTexts(await cancelOperation(core, id, { signal })),
  };
}
