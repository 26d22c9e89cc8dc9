import { withArticle } from "../../../../src-view/names.ts";
import { counted } from "../../../../src-view/numbers.ts";
import { digestColumns } from "../../../contract/configs/primary-key.ts";
import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { canBeDigested } from "../../splits/keys/digest-key.ts";
import { typedView } from "./gather-profile.ts";
import { listed } from "./missing-markers.ts";
import { type ColumnProfile, columnOf, type TableProfile } from "./profile.ts";
import { countingColumns } from "./row-counters.ts";

export interface KeyDecision {
  /** Columns of the key; none where a digest of `digestOf` identifies a row. */
  readonly key: readonly string[];
  readonly digestOf: readonly string[];
  readonly reason: string;
  /** Whole rows repeat, row counters aside, and one of each is kept. */
  readonly isDeduplicated: boolean;
}

interface KeyRequest {
  readonly target: string;
  readonly key: readonly string[] | undefined;
  /** Group and time columns: a pair with one of them is the likelier key. */
  readonly preferred: readonly string[];
}

/** How many columns are tried in pairs; the most varied ones. */
const pairedColumns = 12;

/** A column whose text never changes and that every row has. */
function canBeKey(column: ColumnProfile): boolean {
  const isKeyType =
    column.type === "string" || column.type === "int" || column.type === "timestamp" || column.type === "bool";
  return isKeyType && !column.isMixedSpelling && column.nulls === 0 && column.meanWords < 6;
}

const keyName = /(^|[^a-z0-9])(id|key|uuid|guid|nr|no|number|code)$|[a-z]Id$/i;

/** Single columns that identify every row, likeliest first: named like a key, then text, then the rest. Pure. */
function singleKeys(profile: TableProfile, { target, preferred }: KeyRequest): readonly string[] {
  const rank = (column: ColumnProfile) =>
    (keyName.test(column.name) ? 0 : column.type === "string" ? 2 : 4) +
    (preferred.includes(column.name) || column.type === "timestamp" ? 1 : 0);
  return profile.columns
    .filter((column) => column.name !== target && canBeKey(column) && column.distinct === profile.distinctRows)
    .map((column, index) => ({ column, order: rank(column) * 10_000 + index }))
    .sort((a, b) => a.order - b.order)
    .map(({ column }) => column.name);
}

/** Pairs that could identify every row, likeliest first. Pure. */
function pairCandidates(
  profile: TableProfile,
  { target, preferred }: KeyRequest,
): readonly (readonly [string, string])[] {
  const columns = profile.columns
    .filter((column) => column.name !== target && canBeKey(column) && column.distinct > 1)
    .sort((a, b) => b.distinct - a.distinct)
    .slice(0, pairedColumns);
  // Two measured numbers that are a pair only once so far identify nothing: a later row may well repeat them.
  const isMeasured = ({ name, type }: ColumnProfile) =>
    type === "int" && !keyName.test(name) && !preferred.includes(name);
  const pairs = columns.flatMap((a, index) =>
    columns
      .slice(index + 1)
      .flatMap((b) =>
        a.distinct * b.distinct >= profile.distinctRows && !(isMeasured(a) && isMeasured(b)) ? [{ a, b }] : [],
      ),
  );
  const rank = (name: string) => (preferred.includes(name) ? 0 : 1);
  return pairs
    .sort((x, y) => rank(x.a.name) + rank(x.b.name) - (rank(y.a.name) + rank(y.b.name)))
    .map(({ a, b }) => {
      const inTable = profile.columns.filter(({ name }) => name === a.name || name === b.name);
      return [inTable[0]?.name ?? a.name, inTable[1]?.name ?? b.name] as const;
    });
}

/**
 * Finds the key: the one that was named, one column or pair that is unique, or else a digest of the values.
 * @throws projects/undecided if no key is found, projects/invalid if the named key can't be used
 */
export async function decideKey(duck: Duck, profile: TableProfile, request: KeyRequest): Promise<KeyDecision> {
  if (request.key) {
    const decided = await namedKey(duck, profile, { ...request, key: request.key });
    return { ...decided, reason: `${decided.reason}${await counterWarning(duck, profile, decided.key)}` };
  }
  const isDeduplicated = profile.distinctRows < profile.rows;
  const kept = isDeduplicated ? `; ${repeatedRows(profile.rows - profile.distinctRows)}` : "";
  const [single] = singleKeys(profile, request);
  if (single !== undefined) {
    const warning = await counterWarning(duck, profile, [single]);
    return { key: [single], digestOf: [], reason: `different in every row${kept}${warning}`, isDeduplicated };
  }
  for (const pair of pairCandidates(profile, request)) {
    if ((await distinctOf(duck, pair)) !== profile.distinctRows) continue;
    const reason = `no column is different in every row, this pair is${kept}`;
    return { key: pair, digestOf: [], reason, isDeduplicated };
  }
  return digestKey(duck, profile, request);
}

/**
 * The digest of every value that is known before the outcome: rows that are equal in them are numbered, and stay together.
 * @throws projects/undecided if there is no such column
 */
async function digestKey(duck: Duck, profile: TableProfile, { target }: KeyRequest): Promise<KeyDecision> {
  const digestOf = profile.columns
    .filter(({ name, type, distinct }) => name !== target && type !== null && canBeDigested(type) && distinct > 0)
    .map(({ name }) => name);
  const reserved: readonly string[] = Object.values(digestColumns);
  const taken = profile.columns.find(({ name }) => reserved.includes(name.toLowerCase()));
  if (digestOf.length === 0 || taken !== undefined) throw noKey(profile, taken);
  const unfit = unfitKeys(profile).replace(/\. $/, "");
  const repeated = profile.rows - (await distinctOf(duck, digestOf));
  const copies =
    repeated === 0
      ? ""
      : `; ${repeated} ${repeated === 1 ? "row repeats" : "rows repeat"} another one in them, and stay${repeated === 1 ? "s" : ""} on its side`;
  return {
    key: [],
    digestOf,
    reason: `no column, and no pair that could be a key, is different in every row: a row is known by its values in the columns that the data contract lists, and a corrected value makes a new row${copies}${unfit === "" ? "" : `; ${unfit}`}`,
    isDeduplicated: false,
  };
}

function noKey(profile: TableProfile, taken: ColumnProfile | undefined): AppError {
  const reason =
    taken === undefined
      ? "and there is no column that a digest could be made of"
      : `and a digest can't be added: the table has a column \`${taken.name}\` already`;
  return new AppError({
    code: "projects/undecided",
    message: `Which columns identify a row of ${profile.file}? No column, and no pair that could be a key, is different in every row, ${reason}.`,
    hint: `${unfitKeys(profile)}Name them with --key A,B,C. Or number the rows in the program that writes the table, so that a row keeps its number.`,
    details: { decision: "key", file: profile.file },
  });
}

/** A key that counts the rows of the file may be a number of theirs, or only of their place: nothing in the table tells. */
async function counterWarning(duck: Duck, profile: TableProfile, key: readonly string[]): Promise<string> {
  const [only] = key;
  const column = only === undefined || key.length > 1 ? undefined : columnOf(profile, only);
  if (column === undefined || (await countingColumns(duck, profile, [column])).length === 0) return "";
  return "; it numbers the rows in the file's order: a row must keep its number when the table is written again, or reference rows get into training";
}

/** Explains which columns can't be in a key because no contract can hold them. */
function unfitKeys({ columns }: TableProfile): string {
  return columns
    .flatMap(({ name, unfit }) => (unfit === null ? [] : [`\`${name}\` can't be used: ${unfit}. `]))
    .join("");
}

async function namedKey(
  duck: Duck,
  profile: TableProfile,
  { key, target }: KeyRequest & { readonly key: readonly string[] },
): Promise<KeyDecision> {
  for (const name of key) checkKeyColumn(profile, name, target);
  const distinct = await distinctOf(duck, key);
  if (distinct === profile.rows)
    return { key, digestOf: [], reason: "as given; different in every row", isDeduplicated: false };
  if (distinct === profile.distinctRows) {
    const repeated = profile.rows - profile.distinctRows;
    return {
      key,
      digestOf: [],
      reason: `as given; ${repeatedRows(repeated)}`,
      isDeduplicated: true,
    };
  }
  const example = await exampleOf(duck, key);
  throw new AppError({
    code: "projects/undecided",
    message: `${key.join(", ")} doesn't identify a row of ${profile.file}: ${counted(profile.rows, "row")} have ${counted(distinct, "different key")}; ${example}.`,
    hint: "Name more columns with --key A,B,C, keep one row of each in the table, or omit --key: a row is then known by its values.",
    details: { decision: "key", key, rows: profile.rows, distinct, file: profile.file },
  });
}

function repeatedRows(rows: number): string {
  return `${counted(rows, "row")} ${rows === 1 ? "repeats" : "repeat"} another one whole, one of each is kept`;
}

/** @throws projects/invalid */
function checkKeyColumn(profile: TableProfile, name: string, target: string): void {
  const column = requireColumn(profile, name, "--key");
  const refuse = (reason: string, hint: string) =>
    new AppError({
      code: "projects/invalid",
      message: `\`${name}\` can't be part of the key: ${reason}.`,
      hint,
      details: { column: name, file: profile.file },
    });
  if (name === target) throw refuse("it is the target", "A key identifies a row before its outcome is known.");
  if (column.nulls > 0) {
    throw refuse(
      `${counted(column.nulls, "row")} ${column.nulls === 1 ? "has" : "have"} no value${column.missing.length > 0 ? `: ${listed(column.missing)} read as missing` : ""}`,
      "Fill or drop those rows in the table, or choose other columns.",
    );
  }
  if (column.unfit !== null) throw refuse(`it has ${column.unfit}`, "Or choose other columns with --key A,B.");
  if (column.type === "float" || column.type === null || column.type === "struct" || column.type === "list") {
    throw refuse(
      `it is ${withArticle(column.type ?? column.sourceType)}`,
      "Key columns are text, whole numbers, truth values or times.",
    );
  }
}

/** @throws projects/invalid with the nearest column */
export function requireColumn(profile: TableProfile, name: string, option: string): ColumnProfile {
  const column = columnOf(profile, name);
  if (column) return column;
  const names = profile.columns.map((one) => one.name);
  const near = nearest(name, names);
  throw new AppError({
    code: "projects/invalid",
    message: `${option}: ${profile.file} doesn't have the column \`${name}\`${near === undefined ? "" : ` — did you mean \`${near}\`?`}`,
    hint: `Columns: ${names.join(", ")}.`,
    details: { option, column: name, nearest: near, columns: names, file: profile.file },
  });
}

async function distinctOf(duck: Duck, names: readonly string[]): Promise<number> {
  const list = names.map(identifier).join(", ");
  return count((await duck.row(`SELECT count(*) AS n FROM (SELECT DISTINCT ${list} FROM ${typedView})`)).n);
}

async function exampleOf(duck: Duck, names: readonly string[]): Promise<string> {
  const list = names.map(identifier);
  const row = await duck.row(
    `SELECT concat_ws(', ', ${list.map((name) => `${name}::VARCHAR`).join(", ")}) AS example, count(*) AS n
     FROM ${typedView} GROUP BY ${list.join(", ")} HAVING count(*) > 1 ORDER BY n DESC, example LIMIT 1`,
  );
  return `${String(row.example)} is in ${counted(count(row.n), "row")}`;
}
