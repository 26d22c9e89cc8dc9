import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { AppError, cancelled } from "../../../contract/errors.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { entryPoint } from "../../../foundation/files/entry-points.ts";
import type { CheckedSql, SqlCheckAnswer, SqlCheckRequest } from "./sql-check-program.ts";

/** An expression that a person wrote, and where it is, for the message. */
export interface NamedSql {
  /** "exclude rule no_arrival in configs/data_contracts/v1.yaml". */
  readonly place: string;
  readonly file: string;
  readonly sql: string;
  /** The kind of value it must give; by default a condition. */
  readonly value?: CheckedSql["value"];
}

const limitMs = 60_000;

export interface SqlCheck {
  readonly expressions: readonly NamedSql[];
  readonly columns: readonly TableColumn[];
}

/**
 * Checks in a separate, locked process that each SQL string is one repeatable scalar expression over these columns.
 * @throws splits/sql-refused naming the place and the reason
 */
export async function checkSql(
  { expressions, columns }: SqlCheck,
  started: { readonly node: string; readonly signal: AbortSignal },
): Promise<void> {
  if (expressions.length === 0) return;
  const { refusals } = await ask(
    { columns, expressions: expressions.map(({ sql, value = "boolean" }) => ({ sql, value })) },
    started,
  );
  for (const [index, expression] of expressions.entries()) {
    const reason = refusals[index];
    if (reason === null) continue;
    throw new AppError({
      code: "splits/sql-refused",
      message: `The SQL of ${expression.place} is refused: ${reason ?? "no answer"}. (${expression.sql})`,
      hint: `Write one ${expression.value === "number" ? "expression with a numeric value" : "true-or-false expression"} over the table's columns, without subqueries, random() or now().`,
      details: { file: expression.file, sql: expression.sql, reason },
    });
  }
}

async function ask(
  request: SqlCheckRequest,
  { node, signal }: { readonly node: string; readonly signal: AbortSignal },
): Promise<SqlCheckAnswer> {
  if (signal.aborted) throw cancelled();
  const child = spawn(node, [entryPoint("sql-check")], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {},
    signal,
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) => reject(signal.aborted ? cancelled() : error));
    child.once("close", resolve);
  });
  // A child that ended early breaks the pipe; its exit code shows why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
  const [code, output, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) {
    throw new AppError({
      code: "splits/sql-refused",
      message: `The process that checks SQL ended with ${code ?? "a signal"}: ${complaint.trim().split("\n").at(-1) ?? ""}`,
      hint: "Simplify the expression: one that takes a minute or crashes the checker is refused.",
    });
  }
  return JSON.parse(output) as SqlCheckAnswer; // Written by our own program.
}
