/**
 * Proof that SQL which a person wrote is one scalar expression: DuckDB's own parser turns it into a tree, and only node
 * classes and functions known to be harmless and repeatable may be in it. Pure: the tree and the function catalogue are passed in.
 */

/** What DuckDB's catalogue records of a function name. */
export type FunctionFact =
  | { readonly kind: "scalar"; readonly isConsistent: boolean }
  | { readonly kind: "macro"; readonly body: unknown }
  | { readonly kind: "other"; readonly type: string };

export interface ExpressionRules {
  /** Top-level columns, lower case. */
  readonly columns: ReadonlySet<string>;
  /** Every overload of a function by lower-case name; empty if unknown. */
  readonly functions: (name: string) => readonly FunctionFact[];
}

const allowedClasses = new Set([
  "COLUMN_REF",
  "CONSTANT",
  "COMPARISON",
  "CONJUNCTION",
  "OPERATOR",
  "FUNCTION",
  "CAST",
  "CASE",
  "BETWEEN",
  "LAMBDA",
  "COLLATE",
]);

/** Consistent within one session, yet not a function of the row alone or not the same in every DuckDB. */
const refusedFunctions = new Set([
  "hash",
  "current_setting",
  "getvariable",
  "getenv",
  "version",
  "age",
  "current_localtime",
  "current_localtimestamp",
  "query",
  "query_table",
  "read_text",
  "read_blob",
  "error",
  "setseed",
]);

export const template = (expression: string): string => `SELECT 1 FROM t WHERE (${expression}\n)`;

interface Node {
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The WHERE clause of the one statement in `template`'s shape, or null if the SQL broke out of it. */
export function whereClause(tree: unknown, bare: unknown): Node | null {
  const found = selectOf(tree);
  const expected = selectOf(bare);
  if (found === null || expected === null || !isNode(found.where_clause)) return null;
  const rest = (node: Node) => JSON.stringify({ ...node, where_clause: null }, dropLocation);
  return rest(found) === rest(expected) ? found.where_clause : null;
}

function selectOf(tree: unknown): Node | null {
  if (!isNode(tree) || !Array.isArray(tree.statements) || tree.statements.length !== 1) return null;
  const statement: unknown = tree.statements[0];
  if (!isNode(statement) || !isNode(statement.node)) return null;
  const parameters = statement.named_param_map;
  return Array.isArray(parameters) && parameters.length > 0 ? null : statement.node;
}

function dropLocation(key: string, value: unknown): unknown {
  return key === "query_location" ? undefined : value;
}

/** Why the expression is refused, or null if it may be used. */
export function refusal(node: unknown, rules: ExpressionRules): string | null {
  return visit(node, rules, { lambda: new Set(), macros: [] });
}

interface Scope {
  readonly lambda: ReadonlySet<string>;
  /** Macros being expanded; inside one, its parameters look like columns. */
  readonly macros: readonly string[];
}

function visit(value: unknown, rules: ExpressionRules, scope: Scope): string | null {
  if (Array.isArray(value)) return firstRefusal(value.map((item) => () => visit(item, rules, scope)));
  if (!isNode(value)) return null;
  const kind = value.class;
  if (typeof kind === "string") {
    if (!allowedClasses.has(kind)) return `${describeClass(kind)} isn't allowed`;
    if (kind === "CONSTANT") return null;
    if (kind === "COLUMN_REF") return columnRefusal(value, rules, scope);
    if (kind === "LAMBDA") {
      const lambda = new Set([...scope.lambda, ...namesIn(value.lhs)]);
      return visit(value.expr, rules, { ...scope, lambda });
    }
    if (kind === "FUNCTION") {
      const refused = functionRefusal(value, rules, scope);
      if (refused !== null) return refused;
    }
  }
  return firstRefusal(Object.values(value).map((item) => () => visit(item, rules, scope)));
}

function firstRefusal(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const refused = check();
    if (refused !== null) return refused;
  }
  return null;
}

function columnRefusal(node: Node, rules: ExpressionRules, scope: Scope): string | null {
  if (scope.macros.length > 0) {
    // A macro's body may name the clock as if it were a column.
    return namesIn(node).some((name) => name.startsWith("current_"))
      ? `${scope.macros.at(-1)}() isn't repeatable`
      : null;
  }
  const [first] = namesIn(node);
  if (first !== undefined && (rules.columns.has(first) || scope.lambda.has(first))) return null;
  return `${first ?? "?"} isn't a column of the table`;
}

function namesIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(namesIn);
  if (!isNode(node)) return [];
  if (Array.isArray(node.column_names)) return node.column_names.map((name) => String(name).toLowerCase());
  return Object.values(node).flatMap(namesIn);
}

function functionRefusal(node: Node, rules: ExpressionRules, scope: Scope): string | null {
  const name = String(node.function_name).toLowerCase();
  if (refusedFunctions.has(name)) return `${name}() isn't repeatable`;
  if (name === "list_aggr" || name === "list_aggregate" || scope.macros.includes(name)) return null;
  const facts = rules.functions(name);
  // Operators that the parser represents as functions ("~~" for LIKE) may be missing from the catalogue's list.
  if (facts.length === 0) return node.is_operator === true ? null : `${name}() isn't a known function`;
  for (const fact of facts) {
    if (fact.kind === "other") return `${name}() is ${fact.type} function, not a scalar one`;
    if (fact.kind === "scalar" && !fact.isConsistent) return `${name}() isn't repeatable`;
    if (fact.kind === "macro") {
      const refused = visit(fact.body, rules, { ...scope, macros: [...scope.macros, name] });
      if (refused !== null) return refused;
    }
  }
  return null;
}

function describeClass(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    SUBQUERY: "a subquery",
    WINDOW: "a window function",
    PARAMETER: "a parameter",
    STAR: "a star",
    DEFAULT: "DEFAULT",
  };
  return names[kind] ?? kind.toLowerCase().replaceAll("_", " ");
}
