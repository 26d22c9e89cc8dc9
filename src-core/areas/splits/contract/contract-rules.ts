import type { ContractColumn, DataContract } from "../../../contract/configs/data-contract.ts";
import { digestedColumns, identifyingColumns } from "../../../contract/configs/primary-key.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import { count, type Duck, type DuckRow, textOrNull } from "../../../foundation/duck/open.ts";
import { isOneOf, literal } from "../../../foundation/duck/quote.ts";
import type { BoundColumn, BoundColumns } from "./contract-columns.ts";
import { exampleLimit, type Violation, type ViolationExample } from "./violation.ts";

/** A rule as SQL: rows where `bad` is true break it. */
interface Rule {
  readonly column: string;
  readonly rule: string;
  readonly bad: string;
  readonly value: string;
  /** An aggregate over the relation that, if true, proves that no row is bad: answered from Parquet's statistics. */
  readonly proof?: string;
  /** Few distinct values: as a filter, it is answered from Parquet's dictionaries without the rows. */
  readonly isOfFewValues?: boolean;
}

/** Cells of the table on disk that have no counterpart in the contract's type. */
export function typeRules(columns: BoundColumns["columns"]): readonly Rule[] {
  return [...columns.values()].flatMap(({ name, sql, cast, contract }): readonly Rule[] => {
    if (cast.kind !== "cast" || cast.bad === null) return [];
    const rule = `not a value of type ${contract.type}`;
    const { bad, finer } = cast;
    if (finer === undefined) return [{ column: name, rule, bad, value: sql }];
    return [
      { column: name, rule: "finer than a microsecond, which a time keeps", bad: finer, value: sql },
      ...(bad === finer ? [] : [{ column: name, rule, bad: `(${bad}) AND NOT (${finer})`, value: sql }]),
    ];
  });
}

/** Rules of one column that have to read each value. */
export function valueRules(columns: BoundColumns["columns"]): readonly Rule[] {
  return [...columns.values()].flatMap((column) => {
    const { name, sql, contract } = column;
    const rules: Rule[] = [];
    const add = (rule: string, bad: string, proof?: string) =>
      rules.push({ column: name, rule, bad, value: sql, ...(proof === undefined ? {} : { proof }) });
    if (contract.non_nullable && contract.type === "float") add("non_nullable", `(${sql} IS NULL OR isnan(${sql}))`);
    else if (contract.non_nullable) add("non_nullable", `${sql} IS NULL`, `count(${sql}) = count(*)`);
    if (contract.min !== undefined) {
      const least = bound(contract, contract.min);
      add(`below min ${contract.min}`, `${sql} < ${least}`, `coalesce(min(${sql}) >= ${least}, false)`);
    }
    if (contract.max !== undefined) {
      const most = bound(contract, contract.max);
      add(`above max ${contract.max}`, aboveMax(column, most), `coalesce(max(${sql}) <= ${most}, false)`);
    }
    if (contract.format !== undefined) {
      add(`doesn't match the format ${contract.format}`, `NOT regexp_full_match(${sql}, ${literal(contract.format)})`);
    }
    if (contract.allowed_values !== undefined) {
      const bad =
        contract.type === "string"
          ? `NOT ${isOneOf(sql, contract.allowed_values.map(String))}`
          : `${sql} NOT IN (${contract.allowed_values.map(valueLiteral).join(", ")})`;
      rules.push({ column: name, rule: "not one of allowed_values", bad, value: sql, isOfFewValues: true });
    }
    if (contract.type === "file") {
      add(
        "not a path below the project",
        `(starts_with(${sql}, '/') OR regexp_matches(${sql}, '(^|[/\\\\])\\.\\.([/\\\\]|$)'))`,
      );
    }
    return rules;
  });
}

/** NaN sorts above every number in DuckDB; a missing value doesn't break a bound. */
function aboveMax({ sql, contract }: BoundColumn, most: string): string {
  const above = `${sql} > ${most}`;
  return contract.type === "float" ? `(${above} AND NOT isnan(${sql}))` : above;
}

function bound(contract: ContractColumn, value: number | string): string {
  if (contract.type === "timestamp") return momentSql(String(value));
  return typeof value === "number" ? numberSql(value) : literal(value);
}

/** A date or ISO 8601 time as a UTC TIMESTAMP. */
export function momentSql(moment: string): string {
  const withColon = moment.replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  return `CAST(${literal(withColon)} AS TIMESTAMPTZ)::TIMESTAMP`;
}

function numberSql(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : `${value}::DOUBLE`;
}

function valueLiteral(value: string | number | boolean): string {
  if (typeof value === "boolean") return String(value);
  return typeof value === "number" ? numberSql(value) : literal(value);
}

const mostAskedAlone = 50;

/** Rules that neither statistics nor dictionaries of the file prove. Only for a relation without a filter, where this is cheap. */
export async function unprovenRules(duck: Duck, rules: readonly Rule[], relation: string): Promise<readonly Rule[]> {
  const proven = new Set<Rule>();
  const provable = rules.filter(({ proof }) => proof !== undefined);
  const proofs = provable.map(({ proof }, index) => `${proof} AS p${index}`).join(", ");
  const row = provable.length === 0 ? {} : await duck.row(`SELECT ${proofs} FROM ${relation}`);
  for (const [index, rule] of provable.entries()) if (row[`p${index}`] === true) proven.add(rule);
  const ofFew = rules.filter(({ isOfFewValues }) => isOfFewValues === true);
  // Of many, one scan costs less than a question for each.
  for (const rule of ofFew.length > mostAskedAlone ? [] : ofFew) {
    const broken = await duck.row(`SELECT count(*) AS n FROM ${relation} WHERE ${rule.bad}`);
    if (count(broken.n) === 0) proven.add(rule);
  }
  return rules.filter((rule) => !proven.has(rule));
}

/** Rules of one question: planning time grows faster than their number. */
const rulesAtOnce = 200;

/** Counts the rows that break each rule in one scan for every 200 rules, and finds examples for those that are broken. */
export async function checkRules(
  duck: Duck,
  input: { readonly rules: readonly Rule[]; readonly relation: string; readonly key: string },
): Promise<readonly Violation[]> {
  const { rules, relation, key } = input;
  if (rules.length === 0) return [];
  const counts: number[] = [];
  for (const some of batches(rules, rulesAtOnce)) {
    const row = await duck.row(
      `SELECT ${some.map(({ bad }, index) => `count(*) FILTER (WHERE ${bad}) AS r${index}`).join(", ")} FROM ${relation}`,
    );
    counts.push(...some.map((_, index) => count(row[`r${index}`])));
  }
  const violations: Violation[] = [];
  for (const [index, rule] of rules.entries()) {
    const broken = counts[index] ?? 0;
    if (broken === 0) continue;
    const rows = await duck.rows(
      `SELECT position, key, value FROM (SELECT row_number() OVER () AS position, ${key} AS key, (${rule.value})::VARCHAR AS value, (${rule.bad}) AS bad FROM ${relation}) WHERE bad ORDER BY position LIMIT ${exampleLimit}`,
    );
    violations.push({ column: rule.column, rule: rule.rule, count: broken, examples: rows.map(exampleOf) });
  }
  return violations;
}

function exampleOf(row: DuckRow): ViolationExample {
  return { key: String(row.key), value: textOrNull(row.value), row: count(row.position) };
}

/** As many columns of a digest as a person needs to find the row. */
const shownColumns = 4;

/** A row's key in a readable form: `carrier=UA, flight=15`; of a digest, the values of its first columns. */
export function keyForPeople(contract: DataContract, columns: ReadonlyMap<string, Pick<BoundColumn, "sql">>): string {
  const parts = identifyingColumns(contract)
    .slice(0, digestedColumns(contract) === null ? undefined : shownColumns)
    .flatMap((name) => {
      const column = columns.get(name);
      return column === undefined ? [] : [`${literal(`${name}=`)} || coalesce((${column.sql})::VARCHAR, 'null')`];
    });
  return parts.length === 0 ? "'?'" : parts.join(" || ', ' || ");
}
