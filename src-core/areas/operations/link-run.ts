import type { Catalogue, CatalogueReader } from "../../foundation/catalogue/open.ts";
import { currentOperation } from "./current-operation.ts";
import { getOperation, setOperationRun } from "./operation-store.ts";

/** Notes in the row of the long operation that the caller works for, if it does, which run that is about. */
export function linkRun(catalogue: Catalogue, runId: string): void {
  const id = currentOperation();
  if (id !== undefined) setOperationRun(catalogue, id, runId);
}

/** What is known of the long operation that the caller works for; undefined outside a supervisor. */
export function workingOperation(
  reader: CatalogueReader,
): { readonly requestedAt: number; readonly runId: string | null } | undefined {
  const id = currentOperation();
  return id === undefined ? undefined : getOperation(reader, id);
}
