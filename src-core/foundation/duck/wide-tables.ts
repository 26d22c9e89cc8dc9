import type { Duck } from "./open.ts";

/** From here on, planning with that optimizer takes longer than it can save. */
const manyColumns = 200;

/**
 * Prepares a database for questions about a table with this many columns. DuckDB looks for expressions that occur twice by comparing each
 * with all others: with 2,000 columns, planning one cast of each took ten times as long as running it. Results don't change.
 */
export async function planForColumns(duck: Pick<Duck, "run">, columns: number): Promise<void> {
  if (columns > manyColumns) await duck.run("SET disabled_optimizers = 'common_subexpressions'");
}
