import type { Implementations } from "../../contract/operation.ts";
import type { OperationRow, operationsOperations } from "../../contract/operations.ts";
import type { Core } from "../../foundation/context.ts";
import type { OpenLine } from "./needs.ts";
import { listOperations, type StoredOperation } from "./operation-store.ts";
import { awaitOperation, cancelOperation, isOperationSettled } from "./operations.ts";
import { isSupervised } from "./start-supervisor.ts";

export function operationsOps(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
  openLine: OpenLine,
): Implementations<typeof operationsOperations> {
  /** Without what only its executor needs. What a supervisor had is lost when it was killed, which none has noted yet. */
  const shown = ({ input: _, output: __, caller: ___, credentials, ...row }: StoredOperation): OperationRow => ({
    ...row,
    needsCredentials:
      row.needsCredentials || (credentials !== null && !isOperationSettled(row.state) && !isSupervised(core)),
  });
  return {
    "operations.list": async ({ limit, active }) => ({
      operations: listOperations(core.catalogue(), { limit, active }).map(shown),
    }),
    "operations.follow": async ({ id }, { signal, report }) => {
      const row = await awaitOperation(core, id, { signal, openLine, onProgress: report });
      return { ...shown(row), output: row.output };
    },
    "operations.cancel": async ({ id }, { signal }) => shown(await cancelOperation(core, id, { signal })),
  };
}
