import { parseSync, Visitor } from "oxc-parser";

const idForm = /^[a-z]+\.[a-zA-Z]+$/;
/** What calls an operation by its id: an app, a client, a recorder. */
const callers = new Set(["call", "execute", "request"]);

/**
 * Finds the operations that a source calls: `ops["runs.start"](…)`, or `call`, `execute` or `request` with the id as the first argument. A
 * comment, another string or a use of the declaration isn't a call.
 */
export function calledOperations(file: string, source: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (value: unknown) => {
    if (typeof value === "string" && idForm.test(value)) found.add(value);
  };
  new Visitor({
    CallExpression: ({ callee, arguments: [first] }) => {
      const named = callee.type === "MemberExpression" ? callee.property : callee;
      if (callee !== named && named.type === "Literal") add(named.value);
      if (first?.type === "Literal" && named.type === "Identifier" && callers.has(named.name)) add(first.value);
    },
  }).visit(parseSync(file, source).program);
  return found;
}

/** Finds the operations that an area's `ops.ts` implements: the keys that have an id's form. */
export function implementedOperations(file: string, source: string): readonly string[] {
  const found: string[] = [];
  new Visitor({
    Property: ({ key }) => {
      if (key.type === "Literal" && typeof key.value === "string" && idForm.test(key.value)) found.push(key.value);
    },
  }).visit(parseSync(file, source).program);
  return found;
}
