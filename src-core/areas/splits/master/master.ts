import { existsSync } from "node:fs";
import path from "node:path";
import { counted, formatCount } from "../../../../src-view/numbers.ts";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { nameRelation, spill } from "../../../foundation/duck/spill.ts";
import { describeTable, readTableSql } from "../../../foundation/duck/table.ts";
import { columnsOf, type TableColumn } from "../../../foundation/duck/table-columns.ts";
import { type BoundColumns, bindColumns } from "../contract/contract-columns.ts";
import { digitWarnings } from "../contract/contract-digits.ts";
import { checkKey, checkTargetDeclaration, checkTargetVaries } from "../contract/contract-key.ts";
import { checkRules, keyForPeople, typeRules, unprovenRules, valueRules } from "../contract/contract-rules.ts";
import { checkSpellings } from "../contract/contract-spellings.ts";
import { checkZones } from "../contract/contract-zones.ts";
import { deduplicate } from "../contract/deduplicate.ts";
import { type Violation, violationError } from "../contract/violation.ts";
import { addDigests, checkDigestNames } from "../keys/digest-rows.ts";
import { refuseFolderColumns } from "./folder-columns.ts";

export interface MasterInput {
  readonly root: string;
  readonly files: readonly string[];
  /** The file or glob of signalbox.yaml. */
  readonly master: string;
  readonly contract: DataContract;
  /** Columns that name something (key, group, class, segment): two spellings of one value are two codes. */
  readonly codes: readonly string[];
  /** Project-relative, for messages. */
  readonly contractFile: string;
}

/** The rows that the contract admits. `relation` is a view in the DuckDB that loaded it. */
export interface Master {
  readonly relation: string;
  readonly columns: BoundColumns["columns"];
  readonly tableColumns: readonly TableColumn[];
  /** Rows on disk. */
  readonly rows: number;
  /** Rows in `relation`. */
  readonly admitted: number;
  readonly excluded: readonly { readonly name: string; readonly reason: string; readonly rows: number }[];
  readonly deduplicated: number;
  /** What was changed or skipped in reading the table. */
  readonly warnings: readonly string[];
}

export interface OpenedMaster {
  readonly tableColumns: readonly TableColumn[];
  readonly admit: () => Promise<Master>;
}

const typed = "master_typed";

/**
 * Reads the table's shape and binds the contract to it; `admit` then excludes, deduplicates and validates. This takes two
 * steps because SQL that people wrote is checked in between against the columns' types.
 * @throws splits/contract-violated, splits/master-unreadable, files/*
 */
export async function openMaster(duck: Duck, input: MasterInput): Promise<OpenedMaster> {
  const { contract } = input;
  const { source, columns, remarks } = await describeTable(duck, input.files);
  refuseFolderColumns(input, columns);
  const raw = readTableSql(source);
  const isParquet = source.kind === "parquet";
  const rows = count((await duck.row(`SELECT count(*) AS n FROM ${raw}`)).n);
  const bound = await bindColumns(duck, { contract, columns, relation: raw, rows });
  const declared = [
    ...checkTargetDeclaration(contract, bound.columns),
    ...checkDigestNames(contract, columns),
    ...bound.violations,
  ];
  if (declared.length > 0) throw violationError(declared, input.contractFile);

  const isCast = [...bound.columns.values()].some(({ cast }) => cast.kind === "cast");
  const key = keyForPeople(contract, bound.columns);
  fail(await checkRules(duck, { rules: typeRules(bound.columns), relation: raw, key }), input);
  const read = { columns: bound.columns, relation: raw, key };
  if (isCast) {
    fail([...(await checkSpellings(duck, { ...read, codes: input.codes })), ...(await checkZones(duck, read))], input);
  }
  const selection = bound.selection.map(({ name, sql }) => `${sql} AS ${identifier(name)}`).join(", ");
  const selected = `SELECT ${selection} FROM ${raw}`;
  await nameRelation(duck, typed, isParquet && !isCast ? `(${selected})` : await spill(duck, "typed", selected));
  const tableColumns = await columnsOf(duck, typed);
  const warnings = [
    ...remarks.map(({ what, why }) => `${what}: ${why}`),
    ...bound.warnings,
    ...(isCast ? await digitWarnings(duck, read) : []),
  ];
  return { tableColumns, admit: () => admit(duck, input, { columns: bound.columns, tableColumns, rows, warnings }) };
}

interface Typed {
  readonly columns: BoundColumns["columns"];
  readonly tableColumns: readonly TableColumn[];
  readonly rows: number;
  readonly warnings: readonly string[];
}

async function admit(duck: Duck, input: MasterInput, table: Typed): Promise<Master> {
  const { contract } = input;
  const { columns, rows } = table;
  const excluded = await excludeRows(duck, contract);
  const { deduplicated, relation } = await deduplicate(duck, {
    contract,
    columns,
    tableColumns: table.tableColumns,
    relation: "master_kept",
  });
  const admitted = rows - excluded.reduce((sum, rule) => sum + rule.rows, 0) - deduplicated;
  if (admitted === 0) {
    throw new AppError({
      code: "splits/empty-side",
      message: `No row of the master table remains (${counted(rows, "row")}, ${formatCount(rows - deduplicated)} excluded).`,
      hint: "Check the table and the `exclude` rules of the data contract.",
    });
  }
  const target = columns.get(contract.target);
  const isWhole = admitted === rows;
  const rules = isWhole ? await unprovenRules(duck, valueRules(columns), relation) : valueRules(columns);
  const violations = [
    ...(await checkRules(duck, { rules, relation, key: keyForPeople(contract, columns) })),
    ...(await checkKey(duck, { contract, columns, relation, rows: admitted })),
    ...(target === undefined ? [] : await checkTargetVaries(duck, contract.target, target.sql, relation)),
    ...(await missingFiles(duck, { root: input.root, columns, relation })),
  ];
  fail(violations, input);
  const { tableColumns, warnings } = table;
  const keyed = await addDigests(duck, { contract, columns, relation });
  return { ...keyed, tableColumns, rows, admitted, excluded, deduplicated, warnings };
}

function fail(violations: readonly Violation[], input: MasterInput): void {
  if (violations.length > 0) throw violationError(violations, input.contractFile);
}

/** A row counts for the first rule that matches it; a rule that yields null keeps the row. */
async function excludeRows(duck: Duck, contract: DataContract): Promise<Master["excluded"]> {
  const conditions = contract.exclude.map(({ sql }) => `coalesce((${sql}\n), false)`);
  if (conditions.length === 0) {
    await duck.run(`CREATE VIEW master_kept AS FROM ${typed}`);
    return [];
  }
  const counts = conditions.map((condition, index) => {
    const earlier = conditions.slice(0, index).map((other) => ` AND NOT ${other}`);
    return `count(*) FILTER (WHERE ${condition}${earlier.join("")}) AS x${index}`;
  });
  const row = await duck.row(`SELECT ${counts.join(", ")} FROM ${typed}`);
  await duck.run(
    `CREATE VIEW master_kept AS SELECT * FROM ${typed} WHERE ${conditions.map((condition) => `NOT ${condition}`).join(" AND ")}`,
  );
  return contract.exclude.map(({ name, reason }, index) => ({ name, reason, rows: count(row[`x${index}`]) }));
}

async function missingFiles(
  duck: Duck,
  input: { readonly root: string; readonly columns: BoundColumns["columns"]; readonly relation: string },
): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { name, sql, contract } of input.columns.values()) {
    if (contract.type !== "file") continue;
    const rows = await duck.rows(
      `SELECT DISTINCT ${sql} AS file FROM ${input.relation} WHERE ${sql} IS NOT NULL ORDER BY 1`,
    );
    const missing = rows.map((row) => String(row.file)).filter((file) => !existsSync(path.join(input.root, file)));
    if (missing.length === 0) continue;
    const examples = missing.slice(0, 10).map((file) => ({ key: file, value: "no such file" }));
    violations.push({ column: name, rule: "the file doesn't exist", count: missing.length, examples });
  }
  return violations;
}
