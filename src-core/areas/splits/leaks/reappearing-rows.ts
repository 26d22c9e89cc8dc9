import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { typeFamily } from "../../../foundation/duck/type-family.ts";

/** Rows of the reference that appear in the train set under another key: what a table does that was sorted in another way. */

interface Sides {
  /** What follows FROM. */
  readonly train: string;
  readonly reference: string;
}

const identifierName = /(^|[^a-z0-9])(id|uuid|guid|key|code)$|[a-z](Id|ID)$/i;

/**
 * The most rows of the reference that one identifier column gives back: a column of strings, or of whole numbers that look
 * like identifiers, in which every value of a side is there once. `null` stands for no such column.
 */
export async function countReappearing(
  duck: Duck,
  input: Sides & { readonly columns: readonly TableColumn[] },
): Promise<{ readonly column: string; readonly count: number } | null> {
  const candidates = await identifiers(duck, input);
  let most: { readonly column: string; readonly count: number } | null = null;
  for (const { name } of candidates) {
    const column = identifier(name);
    const shared = await duck.row(
      `SELECT count(*) AS n FROM ${input.reference} r SEMI JOIN ${input.train} t ON (r.${column} = t.${column})`,
    );
    const found = count(shared.n);
    if (found > (most?.count ?? 0)) most = { column: name, count: found };
  }
  return most;
}

async function identifiers(
  duck: Duck,
  { train, reference, columns }: Parameters<typeof countReappearing>[1],
): Promise<readonly TableColumn[]> {
  const suited = columns.filter(({ type }) => ["text", "int"].includes(typeFamily(type)));
  if (suited.length === 0) return [];
  // An estimate from one scan first: exact counts of many values are expensive.
  const rough = suited.map(({ name }, index) => {
    const column = identifier(name);
    return `count(*) > 1 AND count(${column}) * 2 >= count(*) AND approx_count_distinct(${column}) >= 0.8 * count(${column}) AS c${index}`;
  });
  const row = await duck.row(`SELECT ${rough.join(", ")} FROM ${reference}`);
  const found: TableColumn[] = [];
  for (const [index, column] of suited.entries()) {
    if (row[`c${index}`] !== true) continue;
    if ((await isUnique(duck, column, reference)) && (await isUnique(duck, column, train))) found.push(column);
  }
  return found;
}

/** Amounts that are written with signs, separators or parentheses: equal ones meet by chance, as numbers do. */
const writtenAmount = "^[-+(]?[$€£¥]?[0-9][0-9.,']*[)%€-]?$";

/** Strings are identifiers unless they are amounts; whole numbers are if they are called so, numbered closely, or too far apart to meet by chance; others are measured. */
async function isUnique(duck: Duck, { name, type }: TableColumn, side: string): Promise<boolean> {
  const column = identifier(name);
  const isText = typeFamily(type) === "text" || identifierName.test(name);
  const range = isText ? "0" : `max(${column})::DOUBLE - min(${column})::DOUBLE + 1`;
  const isAmount =
    typeFamily(type) === "text"
      ? `bool_and(regexp_matches(trim(${column}), ${literal(writtenAmount)})) AND bool_or(regexp_matches(${column}, '[^0-9 ]'))`
      : "false";
  const row = await duck.row(
    `SELECT count(${column}) AS n, count(DISTINCT ${column}) AS d, ${range} AS width, ${isAmount} AS is_amount FROM ${side}`,
  );
  if (row.is_amount === true && !identifierName.test(name)) return false;
  const [rows, width] = [count(row.n), Number(row.width)];
  const isIdentifier = isText || width <= 10 * rows || width >= 10 * rows * rows;
  return rows > 0 && count(row.d) === rows && isIdentifier;
}

/** Rows and cells of the reference that are compared at most; of a larger one, a sample of its rows counts for all. */
const comparedRows = 50_000;
const comparedCells = 200_000;

/**
 * Counts rows of the reference that equal a train row in every column but one, where no other row of either side is like
 * them. Rows with a whole equal are not counted. `differing` are the columns that the one may be.
 */
export async function countChangedRows(
  duck: Duck,
  input: Sides & { readonly columns: readonly TableColumn[]; readonly differing: readonly string[] },
): Promise<number> {
  const { train, reference, columns } = input;
  const places = columns.flatMap(({ name }, index) => (input.differing.includes(name) ? [index] : []));
  if (columns.length < 2 || places.length === 0) return 0;
  const rows = count((await duck.row(`SELECT count(*) AS n FROM ${reference}`)).n);
  const every = Math.max(1, Math.ceil(rows / comparedRows), Math.ceil((rows * places.length) / comparedCells));
  const hashed = (from: string) => hashedRows(from, columns);
  // A row's mark at a place: the hash of all its other columns.
  const marked = (from: string) =>
    `(SELECT w, unnest([${places.map((place) => `xor(w, h${place})`).join(", ")}]) AS mark, unnest([${places.join(", ")}]) AS place FROM ${from})`;
  // Rows that differ in one column agree in one half of the columns: few rows of a wide table do.
  const alike = (from: string) =>
    `(SELECT * FROM ${from} WHERE first IN (FROM asked_first) OR second IN (FROM asked_second))`;
  const single = (from: string, among: string) =>
    `SELECT mark, place, any_value(w) AS w FROM ${marked(alike(hashed(from)))} SEMI JOIN ${among} USING (mark, place) GROUP BY mark, place HAVING count(*) = 1`;
  const sample = every === 1 ? hashed(reference) : `(FROM ${hashed(reference)} WHERE w % ${every} = 0)`;
  for (const part of ["first", "second"])
    await duck.run(`CREATE OR REPLACE TEMP TABLE asked_${part} AS SELECT DISTINCT ${part} FROM ${sample}`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE asked_marks AS SELECT DISTINCT mark, place FROM ${marked(sample)}`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE single_marks AS ${single(reference, "asked_marks")}`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE found_marks AS ${single(train, "single_marks")}`);
  const found = await duck.row(
    `SELECT count(DISTINCT s.w) AS n FROM single_marks s JOIN found_marks t USING (mark, place) WHERE s.w <> t.w`,
  );
  return count(found.n) * every;
}

/** Each row as the hashes of its values (`h0`, …), of its first and second half of columns, and of the whole (`w`). */
function hashedRows(from: string, columns: readonly TableColumn[]): string {
  // Hashed twice: the combined hashes of two columns with equal values differ by a constant only, and would cancel out.
  const hashes = columns.map(({ name }, index) => `hash(hash(${index}, ${identifier(name)})) AS h${index}`);
  const names = columns.map((_, index) => `h${index}`);
  const half = Math.ceil(names.length / 2);
  const halves = `${xorOf(names.slice(0, half))} AS first, ${xorOf(names.slice(half))} AS second`;
  return `(SELECT *, xor(first, second) AS w FROM (SELECT *, ${halves} FROM (SELECT ${hashes.join(", ")} FROM ${from})))`;
}

/** A balanced expression: DuckDB limits how deep one may be. */
function xorOf(terms: readonly string[]): string {
  const [first = "0::UBIGINT"] = terms;
  if (terms.length <= 1) return first;
  const half = Math.ceil(terms.length / 2);
  return `xor(${xorOf(terms.slice(0, half))}, ${xorOf(terms.slice(half))})`;
}
