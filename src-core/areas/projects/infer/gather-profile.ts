import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import { castTo } from "../../../foundation/duck/column-types.ts";
import { isMissingTextSql, missingTexts } from "../../../foundation/duck/missing-texts.ts";
import { floatOfTextSql, isPlainNumberSql } from "../../../foundation/duck/number-texts.ts";
import { count, type Duck, type DuckRow } from "../../../foundation/duck/open.ts";
import { identifier, isOneOf, literal } from "../../../foundation/duck/quote.ts";
import { nameRelation, spill } from "../../../foundation/duck/spill.ts";
import { describeTable, readTableSql } from "../../../foundation/duck/table.ts";
import type { TableColumn, TableRemark } from "../../../foundation/duck/table-columns.ts";
import { timeOfTextSql } from "../../../foundation/duck/time-texts.ts";
import { planForColumns } from "../../../foundation/duck/wide-tables.ts";
import { mixedRemark, readMixedJson } from "./mixed-json.ts";
import { type ColumnProfile, contractTypeOf, listedValues, type TableProfile, type ValueCount } from "./profile.ts";
import { readingRemarks } from "./reading-remarks.ts";
import {
  isAlmostNumber,
  lookingLikeTimes,
  type ReadText,
  type Roles,
  type SettledText,
  settleText,
} from "./settle-texts.ts";
import { unfitColumns, whyUnfit } from "./unfit-columns.ts";
import { findWholeNumbers } from "./whole-numbers.ts";

/** The view of the table with every column in its contract type; later questions query it. */
export const typedView = "typed_table";

/** The view of the table as the file has it. */
export const rawTable = "raw_table";

/**
 * Types that a text column may be read as, tried in this order; the first that fits every value is its type. The cast is
 * the one a run makes; `isMeant` rejects what the cast would accept too readily.
 */
const readings: readonly { readonly type: ColumnType; readonly isMeant: (text: string) => string }[] = [
  { type: "int", isMeant: () => "true" },
  { type: "float", isMeant: () => "true" },
  { type: "bool", isMeant: (text) => isOneOf(`lower(${text})`, ["true", "false", "yes", "no", "y", "n"]) },
  { type: "timestamp", isMeant: () => "true" },
];

/** Whole numbers that may not fit into 64 bits: as floats they would lose digits, and identifiers would no longer name the same thing. */
const longNumber = "^[+-]?\\d{19,}(\\.0*)?$";

/** 1.234,50 · 1,234.50 · 1 234,5 · 12 % · $ 3.10 · 3,10 € */
const foreignNumber = "^[+-]?\\s*[$€£¥]?\\s*\\d+([.,'’ \u00a0]\\d{3})*([.,]\\d+)?\\s*[%$€£¥]?$";

/** (1,234.00) · 123.45- · 1_000 · 1.5D+03 · ="12.5" */
export const unusualNumber =
  "^=\"[+-]?\\d[\\d.,]*\"$|^\\(\\s*[$€£¥]?\\s*\\d[\\d.,'’ \u00a0]*\\)$|^[$€£¥]?\\s*\\d[\\d.,'’ \u00a0]*-$|^[+-]?\\d{1,3}(_\\d{3})+([.]\\d+)?$|^[+-]?\\d+([.]\\d*)?[dD][+-]?\\d{1,3}$";

interface Typed {
  readonly source: TableColumn;
  readonly type: ColumnType | null;
  readonly unfit: string | null;
  readonly isFromText: boolean;
  readonly text: SettledText | null;
  readonly sql: string;
}

/** Reads every row; leaves `typedView` in the database for later questions. */
export async function gatherProfile(
  duck: Duck,
  table: { readonly path: string; readonly name: string; readonly roles: Roles },
): Promise<TableProfile> {
  const { source, columns: described, remarks } = await describeTable(duck, [table.path]);
  await planForColumns(duck, described.length);
  const isText = source.kind !== "parquet";
  await duck.run(`CREATE VIEW file_table AS FROM ${await kept(duck, "raw", readTableSql(source), isText)}`);
  const { columns, mixed } = await readMixedJson(duck, described, { from: "file_table", to: rawTable });
  const typed = await typedColumns(duck, columns, { kind: source.kind, roles: table.roles });
  const selection = typed.map((one) => `${one.sql} AS ${identifier(one.source.name)}`).join(", ");
  await nameRelation(duck, typedView, await kept(duck, "typed", `(SELECT ${selection} FROM ${rawTable})`, isText));
  const totals = await duck.row(
    `SELECT count(*) AS rows, (SELECT count(*) FROM (SELECT DISTINCT * FROM ${typedView})) AS distinct_rows FROM ${rawTable}`,
  );
  const rows = count(totals.rows);
  const profiles: ColumnProfile[] = [];
  for (const batch of batches(typed, 40)) {
    const stats = await duck.row(`SELECT ${batch.flatMap(statsSql).join(", ")} FROM ${typedView}`);
    for (const [index, one] of batch.entries())
      profiles.push(await profileOf(duck, one, { rows, isTextFile: source.kind === "csv", stats, index }));
  }
  return {
    file: table.name,
    rows,
    distinctRows: count(totals.distinct_rows),
    columns: profiles,
    remarks: [
      ...remarks,
      ...mixed.filter(({ name }) => profiles.some((it) => it.name === name && it.type === "string")).map(mixedRemark),
      ...(await readingRemarks(
        duck,
        rawTable,
        typed.flatMap(({ source: { name }, type, isFromText }) => (isFromText ? [{ name, type }] : [])),
      )),
      ...(source.kind === "csv" ? await footerRemark(duck, rows, columns[0]?.name) : []),
    ],
  };
}

/** A spreadsheet's line of sums below the rows would be a row like any other. */
async function footerRemark(duck: Duck, rows: number, first: string | undefined): Promise<readonly TableRemark[]> {
  if (rows < 2 || first === undefined) return [];
  const { text } = await duck.row(`SELECT ${identifier(first)} AS text FROM ${rawTable} LIMIT 1 OFFSET ${rows - 1}`);
  const isFooter = /^((grand )?total|sum|subtotal|summe|gesamt(summe)?|somme|suma|totale?)\b/i.test(
    String(text).trim(),
  );
  if (!isFooter) return [];
  const { n } = await duck.row(
    `SELECT count(*) AS n FROM ${rawTable} WHERE ${identifier(first)} = ${literal(String(text))}`,
  );
  if (count(n) > 1) return [];
  return [
    {
      what: `the last row begins with \`${String(text)}\``,
      why: "if it sums up the others, delete it: it is a row like any other",
    },
  ];
}

/** Keeps the rows of a text file as a private Parquet file, so that it is parsed once and not by every question. */
async function kept(duck: Duck, name: string, relation: string, isText: boolean): Promise<string> {
  return isText ? await spill(duck, name, `FROM ${relation}`) : relation;
}

/** Rows that decide which types are worth trying on the whole table. */
const triedRows = 2_000;

async function typedColumns(
  duck: Duck,
  columns: readonly TableColumn[],
  { kind, roles }: { readonly kind: "csv" | "jsonl" | "parquet"; readonly roles: Roles },
): Promise<readonly Typed[]> {
  const texts = columns.filter(({ type }) => type === "VARCHAR").map(({ name }) => ({ name, readings }));
  const possible = await passedReadings(duck, texts, `(FROM ${rawTable} LIMIT ${triedRows})`);
  const { rows } = await duck.row(`SELECT count(*) AS rows FROM ${rawTable}`);
  const passed = count(rows) <= triedRows ? possible : await passedReadings(duck, possible, rawTable);
  const table = { relation: rawTable, kind, columns: columns.map(({ name }) => name) };
  const settled = new Map<string, SettledText>();
  const times = await lookingLikeTimes(
    duck,
    passed.map(({ name }) => name),
    rawTable,
  );
  for (const [index, found] of passed.entries()) {
    const type = found.isEmpty ? undefined : found.readings[0]?.type;
    const isAlmostNumber = possible[index]?.isAlmostNumber === true;
    const text: ReadText = { ...found, type, isAlmostNumber, isLikeTimes: times.has(found.name) };
    settled.set(found.name, await settleText(duck, text, { table, roles }));
  }
  const { whole, beyond } = await findWholeNumbers(duck, columns, rawTable);
  const ownType = ({ name, type }: TableColumn) => (whole.has(name) ? "int" : contractTypeOf(type));
  const unfit = await unfitColumns(duck, columns, { relation: rawTable, settled, ownType });
  return columns.map((source) => {
    const own = ownType(source);
    const reason = whyUnfit(source, { beyond: beyond.get(source.name), found: unfit.get(source.name) });
    return typedColumn(source, { own, text: settled.get(source.name) ?? null, unfit: reason });
  });
}

interface Tried {
  readonly name: string;
  readonly readings: typeof readings;
}

interface Passed extends Tried, Pick<ReadText, "markers" | "odd" | "isMixed" | "isAlmostNumber"> {
  readonly isEmpty: boolean;
}

/** The types of each column that all its values in the relation fit; all types where it has no value. */
async function passedReadings(duck: Duck, columns: readonly Tried[], relation: string): Promise<readonly Passed[]> {
  const passed: Passed[] = [];
  // Planning time grows faster than the number of expressions, and finding a column in a wide table has its own.
  for (const batch of batches(columns, Math.max(10, Math.ceil(columns.length / 50)))) {
    const conditions = batch.flatMap((column, index) => {
      const text = `trim(${identifier(column.name)})`;
      return [
        `${identifier(column.name)} IS NOT NULL AND NOT ${isMissingTextSql(text)} AS filled_${index}`,
        `${isOneOf(`lower(${text})`, missingTexts)} AS marker_${index}`,
        `(${floatOfTextSql(text)}) IS NOT NULL AS number_${index}`,
        `NOT ${isPlainNumberSql(text)} AS odd_${index}`,
        `contains(${text}, '.') AS dotted_${index}`,
        ...column.readings.map(
          ({ type, isMeant }) => `${fitsSql(type, column.name)} AND ${isMeant(text)} AS ${type}_${index}`,
        ),
      ];
    });
    const counts = batch.flatMap((column, index) => [
      ...["filled", "marker"].map((fact) => `count(*) FILTER (${fact}_${index}) AS ${fact}_${index}`),
      `count(*) FILTER (filled_${index} AND number_${index}) AS number_${index}`,
      ...["odd", "dotted"].map(
        (fact) => `count(*) FILTER (filled_${index} AND number_${index} AND ${fact}_${index}) AS ${fact}_${index}`,
      ),
      ...column.readings.map(
        ({ type }) => `count(*) FILTER (filled_${index} AND ${type}_${index}) AS ${type}_${index}`,
      ),
    ]);
    const found = await duck.row(`SELECT ${counts.join(", ")} FROM (SELECT ${conditions.join(", ")} FROM ${relation})`);
    for (const [index, column] of batch.entries()) {
      const filled = count(found[`filled_${index}`]);
      const good = column.readings.filter(({ type }) => count(found[`${type}_${index}`]) === filled);
      passed.push({
        name: column.name,
        readings: good,
        isEmpty: filled === 0,
        markers: count(found[`marker_${index}`]),
        odd: count(found[`odd_${index}`]),
        isMixed: ![0, filled].includes(count(found[`dotted_${index}`])),
        isAlmostNumber: isAlmostNumber(count(found[`number_${index}`]), filled),
      });
    }
  }
  return passed;
}

function typedColumn(
  source: TableColumn,
  it: { readonly own: ColumnType | null; readonly text: SettledText | null; readonly unfit: string | null },
): Typed {
  const { text, unfit } = it;
  const type = unfit === null ? (text?.type ?? it.own) : null;
  const missing = text?.missing.map((one) => one.text) ?? [];
  const sql = type === null ? identifier(source.name) : castSql(type, source, missing);
  // NaN means "no value": it has no order and equals nothing.
  const value = type === "float" ? `CASE WHEN NOT isnan(${sql}) THEN ${sql} END` : sql;
  return { source, type, unfit, isFromText: text !== null && type !== "string", text, sql: value };
}

/** The value as a run reads it under this contract type. */
function castSql(type: ColumnType, source: TableColumn, missing: readonly string[]): string {
  const cast = castTo(type, source.type, identifier(source.name), missing);
  return cast.kind === "cast" ? cast.sql : identifier(source.name);
}

/** True for a string that is a value of this contract type. */
function fitsSql(type: ColumnType, name: string): string {
  // The contract's cast reads times that are known to be some; that one is too fine is said later, of a time.
  if (type === "timestamp") return `(${timeOfTextSql(`trim(${identifier(name)})`)}) IS NOT NULL`;
  const cast = castTo(type, "VARCHAR", identifier(name));
  if (cast.kind !== "cast") return "false";
  // The cast to a number is meant for strings that are one.
  return type === "int" || type === "float" ? `NOT (${cast.bad})` : `(${cast.sql}) IS NOT NULL`;
}

function statsSql({ source, type }: Typed, index: number): readonly string[] {
  const name = identifier(source.name);
  const isNumber = type === "int" || type === "float";
  const finite = type === "float" ? `CASE WHEN isfinite(${name}) THEN ${name} END` : name;
  const bound = (of: "min" | "max") => {
    // A DOUBLE would round a whole number beyond 2^53.
    if (type === "int") return `${of}(${name})::BIGINT`;
    if (isNumber) return `${of}(${finite})::DOUBLE`;
    return type === "timestamp" ? `strftime(${of}(${name}), '%Y-%m-%dT%H:%M:%SZ')` : "NULL";
  };
  return [
    `count(${name}) AS filled_${index}`,
    `${type === null ? "0" : `count(DISTINCT ${name})`} AS distinct_${index}`,
    `${type === "float" ? `count(*) FILTER (isinf(${name}))` : "0"} AS infinite_${index}`,
    `${bound("min")} AS min_${index}`,
    `${bound("max")} AS max_${index}`,
    `${type === "string" ? meanWordsSql(name) : "0"} AS words_${index}`,
    `${type === "timestamp" ? `bool_or(${name} <> date_trunc('day', ${name}))` : "false"} AS time_of_day_${index}`,
    `${type === "string" ? foreignNumberSql(name) : "false"} AS foreign_number_${index}`,
    `${type === "string" ? longNumberSql(name) : "false"} AS long_number_${index}`,
  ];
}

/** Words between spaces; of scripts without spaces, two characters are about one word. */
function meanWordsSql(name: string): string {
  const unspaced = "[\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}]";
  return `avg(len(string_split(trim(${name}), ' ')) + len(regexp_extract_all(${name}, ${literal(unspaced)})) / 2)`;
}

/** Every value is such a number or means "no value", and at least one has a sign that a plain number doesn't have. */
function foreignNumberSql(name: string): string {
  const text = `trim(${name})`;
  const isUnusual = `regexp_matches(${text}, ${literal(unusualNumber)})`;
  const isMarked = `(${isUnusual} OR regexp_matches(${text}, '[,%$€£¥''’ \u00a0]')) AND NOT ${isMissingTextSql(text)}`;
  return `(bool_and(${isMissingTextSql(text)} OR ${isUnusual} OR regexp_matches(${text}, ${literal(foreignNumber)})) AND bool_or(${isMarked}))`;
}

/** Every value is a whole number or means "no value", and at least one is that long. */
function longNumberSql(name: string): string {
  const text = `trim(${name})`;
  return `(bool_and(${isMissingTextSql(text)} OR regexp_full_match(${text}, '[+-]?[0-9]+(\\.0*)?')) AND bool_or(regexp_matches(${text}, ${literal(longNumber)})))`;
}

async function profileOf(
  duck: Duck,
  { source, type, unfit, isFromText, text }: Typed,
  {
    rows,
    isTextFile,
    stats,
    index,
  }: {
    readonly rows: number;
    readonly isTextFile: boolean;
    readonly stats: DuckRow;
    readonly index: number;
  },
): Promise<ColumnProfile> {
  const of = (key: string) => stats[`${key}_${index}`];
  const distinct = count(of("distinct"));
  const bound = (value: unknown) => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return typeof value === "number" || typeof value === "string" ? value : null;
  };
  return {
    name: source.name,
    sourceType: source.type,
    type,
    unfit,
    isFromText: isFromText && !isTextFile,
    rows,
    nulls: rows - count(of("filled")),
    distinct,
    missing: text?.missing ?? [],
    classMarkers: text !== null && text.classes.length > 0 ? { texts: text.classes, reason: text.reason } : null,
    notNumber: text?.notNumber ?? null,
    isMixedSpelling: type === "int" && text?.isMixed === true,
    infinite: count(of("infinite")),
    min: bound(of("min")),
    max: bound(of("max")),
    values: distinct <= listedValues && isListable(type) ? await valuesOf(duck, source.name) : null,
    meanWords: Number(of("words") ?? 0),
    hasTimeOfDay: of("time_of_day") === true,
    notTime: text?.notTime ?? null,
    isForeignNumber: of("foreign_number") === true,
    isLongNumber: of("long_number") === true,
  };
}

function isListable(type: ColumnType | null): boolean {
  return type === "string" || type === "bool" || type === "int" || type === "float";
}

/** Null if a whole number is too large to be kept exactly: a configuration file couldn't name it. */
async function valuesOf(duck: Duck, name: string): Promise<readonly ValueCount[] | null> {
  const column = identifier(name);
  const found = await duck.rows(
    `SELECT ${column} AS value, count(*) AS rows FROM ${typedView} WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
  const values: ValueCount[] = [];
  for (const row of found) {
    const value = typeof row.value === "bigint" ? Number(row.value) : row.value;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new Error(`${name} has a value that isn't a scalar: ${String(value)}`);
    }
    if (typeof row.value === "bigint" && !Number.isSafeInteger(value)) return null;
    values.push({ value, rows: count(row.rows) });
  }
  return values;
}
