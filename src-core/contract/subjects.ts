import type { Operation, OperationTable, Subject } from "./operation.ts";

/** What an operation tells of and what it may change. */
export function subjectsOf({ provides = [], invalidates = [] }: Operation): {
  readonly provides: readonly Subject[];
  readonly invalidates: readonly Subject[];
} {
  return { provides, invalidates };
}

/** By subject, the operations whose answers may no longer hold when it changed. */
export function answersBySubject(operations: OperationTable): ReadonlyMap<Subject, readonly string[]> {
  const answers = new Map<Subject, string[]>();
  for (const [id, operation] of Object.entries(operations))
    for (const subject of subjectsOf(operation).provides) answers.set(subject, [...(answers.get(subject) ?? []), id]);
  return answers;
}
