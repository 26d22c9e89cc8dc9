import { describe, expect, it } from "vitest";
import { operations } from "./index.ts";
import type { Operation } from "./operation.ts";
import { answersBySubject, subjectsOf } from "./subjects.ts";

const table: Readonly<Record<string, Operation>> = operations;
const ids = Object.keys(table);
const declared = (id: string) => {
  const operation = table[id];
  if (operation === undefined) throw new Error(`no ${id}`);
  return operation;
};

describe("every operation", () => {
  it.each(ids)("tells of a subject or changes one, or says why not: %s", (id) => {
    const { provides, invalidates } = subjectsOf(declared(id));
    const reason = declared(id).withoutSubject;
    if (provides.length + invalidates.length === 0) expect(reason, id).toMatch(/\w+ \w+/);
    else expect(reason).toBeUndefined();
  });

  it.each(ids.filter((id) => declared(id).isLong && declared(id).needsProject))(
    "that is long says what it keeps from others: %s",
    (id) => {
      expect(declared(id).locks?.({})).toEqual(expect.arrayContaining([expect.objectContaining({ name: "data" })]));
    },
  );
});

describe("the answers that no longer hold", () => {
  it("are those of the operations that tell of the subject", () => {
    const answers = answersBySubject(table);
    expect(answers.get("runs")).toEqual(expect.arrayContaining(["runs.list", "runs.show", "runs.status"]));
    expect(answers.get("runs")).not.toContain("configs.list");
    expect(answers.get("ledger")).toContain("ledger.list");
    expect(answers.get("models")).toContain("lineage.show");
  });

  it("can be told for every subject that an operation changes", () => {
    const answers = answersBySubject(table);
    const changed = new Set(ids.flatMap((id) => subjectsOf(declared(id)).invalidates));
    expect([...changed].filter((subject) => !answers.has(subject))).toEqual([]);
  });
});
