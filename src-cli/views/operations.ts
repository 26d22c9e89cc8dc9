import { declaredForm } from "../../src-core/contract/declared-forms.ts";
import { decodeError } from "../../src-core/contract/errors.ts";
import { type OperationId, operations } from "../../src-core/contract/index.ts";
import { longOperation, longOperations } from "../../src-view/project/long-operations.ts";
import { renderError } from "../error-view.ts";
import { withGlobals } from "../global-words.ts";
import { paintBlock, paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";
import { lines, parts } from "../text.ts";
import type { Views } from "../view.ts";

export const operationsViews: Views = {
  "operations.list": ({ operations: rows }, screen) => paintSections(longOperations(rows, placeOf(screen)), screen),
  "operations.follow": async ({ output, ...row }, screen, render) => {
    const line = paintBlock(longOperation(row, placeOf(screen)), screen);
    if (row.error !== null)
      return lines(line, renderError(decodeError(row.error), screen, withGlobals(declaredForm, screen.globals ?? [])));
    if (row.state !== "succeeded" || !Object.hasOwn(operations, row.operation)) return line;
    // The check above ensures that the operation is declared.
    return parts(line, await render(row.operation as OperationId, output));
  },
  "operations.cancel": (row, screen) => paintBlock(longOperation(row, placeOf(screen)), screen),
};

function placeOf({ now }: Screen) {
  return { commandOf, now };
}

/** Returns the command of an operation. */
export function commandOf(operation: string): string {
  const known = Object.entries(operations).find(([id]) => id === operation);
  return known === undefined ? operation : known[1].cli.path;
}
