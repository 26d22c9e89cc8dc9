import type { OperationId, OperationOutput } from "../src-core/contract/index.ts";
import type { Screen } from "./screen.ts";

/** Renders the output of another operation on the same screen, for outputs that contain one. */
export type Render = (operation: OperationId, output: unknown) => Promise<string>;

/** Renders the output of an operation for the user. */
export type View<Id extends OperationId> = (
  output: OperationOutput<Id>,
  screen: Screen,
  render: Render,
) => string | Promise<string>;

/** The views of an area, by operation id. An operation without one uses the general view. */
export type Views = { readonly [Id in OperationId]?: View<Id> };
