import type { OperationId, OperationInput } from "./index.ts";
import type { OperationStep, ProgramStep } from "./next-step.ts";

/** Uses only the types of the table of operations, so building a step loads no schema. */

/** Builds a step whose input is complete. `why` ends the sentence that the step begins: "shows what it can free". */
export function nextStep<Id extends OperationId>(operation: Id, input: OperationInput<Id>, why: string): OperationStep {
  return { operation, input: { ...input }, why };
}

type Key<Id extends OperationId> = keyof OperationInput<Id> & string;

/** Builds a step whose input lacks some keys, which the user still has to give (`asks`, in the order of the questions). */
export function askingStep<Id extends OperationId, const Asked extends Key<Id>>(
  operation: Id,
  known: { readonly input: Omit<OperationInput<Id>, Asked>; readonly asks: readonly Asked[] },
  why: string,
): OperationStep {
  return { operation, input: { ...known.input }, asks: known.asks, why };
}

/** Builds a step that calls another program. */
export function programStep([program, ...argv]: readonly [string, ...string[]], why: string): ProgramStep {
  return { program, argv, why };
}
