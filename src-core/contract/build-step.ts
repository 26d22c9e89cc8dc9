import type { OperationId, OperationInput } from "./index.ts";
import type { OperationStep, ProgramStep } from "./next-step.ts";

/** Types alone are taken from the table of operations: building a step loads no schema. */

/** An operation whose whole input is known. `why` ends the sentence that the step begins: "shows what it can free". */
export function nextStep<Id extends OperationId>(operation: Id, input: OperationInput<Id>, why: string): OperationStep {
  return { operation, input: { ...input }, why };
}

type Key<Id extends OperationId> = keyof OperationInput<Id> & string;

/** An operation of whose input the person still has to give some keys (`asks`, in the order they are asked for). */
export function askingStep<Id extends OperationId, const Asked extends Key<Id>>(
  operation: Id,
  known: { readonly input: Omit<OperationInput<Id>, Asked>; readonly asks: readonly Asked[] },
  why: string,
): OperationStep {
  return { operation, input: { ...known.input }, asks: known.asks, why };
}

/** A call of another program. */
export function programStep([program, ...argv]: readonly [string, ...string[]], why: string): ProgramStep {
  return { program, argv, why };
}
