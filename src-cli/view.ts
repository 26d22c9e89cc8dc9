import type { OperationId, OperationOutput } from "../src-core/contract/index.ts";
import type { Screen } from "./screen.ts";

/** Renders another operation's output on the same screen: for what carries one inside. */
export type Render = (operation: OperationId, output: unknown) => Promise<string>;

/** Renders one operation's output for a person. */
export type View<Id extends OperationId> = (
  output: OperationOutput<Id>,
  screen: Screen,
  render: Render,
) => string | Promise<string>;

/** Views of one area, by operation id. An operation without one is shown by the general view. */
export type Views = { readonly [Id in OperationId]?: View<Id> };
