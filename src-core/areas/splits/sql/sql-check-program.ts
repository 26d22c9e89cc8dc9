import { DuckDBInstance } from "@duckdb/node-api";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { type FunctionFact, refusal, template, whereClause } from "./sql-expression.ts";

export interface SqlCheckRequest {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly expressions: readonly CheckedSql[];
}

/** An expression and what its value must be. */
export interface CheckedSql {
  readonly sql: string;
  readonly value: "boolean" | "number";
}

/** One entry per expression, in order: null if it may be used, else the reason why not. */
export interface SqlCheckAnswer {
  readonly refusals: readonly (string | null)[];
}

/** Runs in a separate process, on an empty table with the same columns, with no access to anything outside. */
export async function checkExpressions(request: SqlCheckRequest): Promise<SqlCheckAnswer> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
  try {
    const columns = request.columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(", ");
    await connection.run(`CREATE TABLE t (${columns})`);
    for (const setting of ["allowed_directories = []", "enable_external_access = false", "lock_configuration = true"]) {
      await connection.run(`SET ${setting}`);
    }
    const parse = async (sql: string): Promise<unknown> => {
      const [row] = await rows(`SELECT json_serialize_sql(${literal(sql)}) AS tree`);
      return JSON.parse(String(row?.tree));
    };
    const bare = await parse(template("TRUE"));
    const functions = await functionCatalogue(rows, parse);
    const names = new Set(request.columns.map(({ name }) => name.toLowerCase()));

    const check = async ({ sql: expression, value }: CheckedSql): Promise<string | null> => {
      const tree = await parse(template(expression));
      const problem = syntaxProblem(tree);
      if (problem !== null) return problem;
      const clause = whereClause(tree, bare);
      if (clause === null) return "not one expression";
      const refused = refusal(clause, { columns: names, functions: (name) => functions.get(name) ?? [] });
      if (refused !== null) return refused;
      try {
        const [bound] = await rows(`DESCRIBE SELECT (${expression}\n) AS v FROM t`);
        await connection.run(`SELECT (${expression}\n) AS v FROM t`);
        const type = String(bound?.column_type);
        if (value === "boolean") return type === "BOOLEAN" ? null : `its value is ${type}, not true or false`;
        return isNumeric(type) ? null : `its value is ${type}, not a number`;
      } catch (error) {
        return error instanceof Error ? (error.message.split("\n")[0] ?? "refused") : String(error);
      }
    };
    const refusals: (string | null)[] = [];
    for (const expression of request.expressions) refusals.push(await check(expression));
    return { refusals };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type);
}

function syntaxProblem(tree: unknown): string | null {
  if (typeof tree !== "object" || tree === null || !("error" in tree) || tree.error !== true) return null;
  return "error_message" in tree ? String(tree.error_message) : "a syntax error";
}

async function functionCatalogue(
  rows: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
  parse: (sql: string) => Promise<unknown>,
): Promise<ReadonlyMap<string, readonly FunctionFact[]>> {
  const found = await rows(
    "SELECT DISTINCT lower(function_name) AS name, function_type AS type, stability, macro_definition AS body FROM duckdb_functions()",
  );
  const facts = new Map<string, FunctionFact[]>();
  for (const row of found) {
    const name = String(row.name);
    facts.set(name, [...(facts.get(name) ?? []), await factOf(row, parse)]);
  }
  return facts;
}

async function factOf(
  row: Readonly<Record<string, unknown>>,
  parse: (sql: string) => Promise<unknown>,
): Promise<FunctionFact> {
  if (row.type === "scalar") return { kind: "scalar", isConsistent: row.stability === "CONSISTENT" };
  if (row.type === "macro" && typeof row.body === "string") {
    return { kind: "macro", body: await parse(`SELECT ${row.body}`) };
  }
  return { kind: "other", type: `${/^[aeiou]/.test(String(row.type)) ? "an" : "a"} ${String(row.type)}` };
}
