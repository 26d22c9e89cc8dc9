import type { Leak } from "../../../contract/configs/split-schema.ts";
import type { FirstCounts } from "../../../contract/runs/stage-results.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { typeFamily } from "../../../foundation/duck/type-family.ts";
import { judge, type LeakCheck, type LeakFinding } from "./leak-verdict.ts";
import { countChangedRows, countReappearing } from "./reappearing-rows.ts";

export interface LeakInput {
  readonly train: string;
  readonly reference: string;
  /** A new reference shares no key with the train set: keys are unique, and each row went to one side. */
  readonly isReferenceNew: boolean;
  /** SQL of the key's columns. */
  readonly key: readonly string[];
  readonly keyNames: readonly string[];
  /** SQL of the group's columns; empty if the split has no group. */
  readonly group: readonly string[];
  /** SQL of the time column, if the strategy guarantees an order. */
  readonly orderedBy: string | null;
  readonly columns: readonly TableColumn[];
  /** Columns that only number the rows of the file: they distinguish nothing. */
  readonly counters: readonly string[];
  /** What was counted when the reference was made; null for a new one, or if that isn't known. */
  readonly first: FirstCounts | null;
  readonly maxDuplicateBasisPoints: number;
  readonly accept: readonly Leak[];
}

/** Compares the two written files. */
export async function checkLeaks(duck: Duck, input: LeakInput): Promise<readonly LeakFinding[]> {
  const train = parquetSql(input.train);
  const reference = parquetSql(input.reference);
  const { accept } = input;
  const findings: LeakFinding[] = [];
  const shared = input.isReferenceNew ? 0 : await overlap(duck, { train, reference, by: input.key });
  findings.push(judge("key_overlap", { count: shared }, accept));
  const files = { train, reference };
  const groups = input.group.length === 0 ? null : await compareGroups(duck, files, input);
  if (groups !== null) findings.push(judge("group_overlap", { count: groups.overlap }, accept));
  const repeated =
    groups?.areUnlike === true
      ? { exact: 0, near: 0 }
      : await countDuplicates(duck, { ...files, columns: comparedColumns(input) });
  const rows = count((await duck.row(`SELECT count(*) AS n FROM ${reference}`)).n);
  const limit = Math.floor((input.maxDuplicateBasisPoints * rows) / 10_000);
  findings.push(judge("duplicates", { count: repeated.exact, limit }, accept));
  findings.push(judge("near_duplicates", { count: repeated.near }, accept));
  findings.push(...(await findReappearing(duck, { ...files, input, limit, areUnlike: groups?.areUnlike === true })));
  if (input.orderedBy !== null) {
    const late = await duck.row(
      `SELECT count(*) AS n FROM ${train} WHERE ${input.orderedBy} >= (SELECT min(${input.orderedBy}) FROM ${reference})`,
    );
    findings.push(judge("time_order", { count: count(late.n) }, accept));
  }
  return findings;
}

/** Keys or groups that are on both sides, the first three, for the message of a leak. */
export async function leakExamples(duck: Duck, input: LeakInput, check: LeakCheck): Promise<readonly string[]> {
  const by = check === "key_overlap" ? input.key : check === "group_overlap" ? input.group : [];
  if (by.length === 0) return [];
  const named = (sql: string) => `(${sql})::VARCHAR`;
  const shown = by.map(named).join(" || ', ' || ");
  const of = (file: string) => `(SELECT DISTINCT ${shown} AS shown FROM ${parquetSql(file)})`;
  const rows = await duck.rows(
    `SELECT shown FROM ${of(input.reference)} SEMI JOIN ${of(input.train)} USING (shown) ORDER BY shown LIMIT 3`,
  );
  return rows.map((row) => String(row.shown));
}

function comparedColumns({ columns, keyNames, counters }: LeakInput): readonly TableColumn[] {
  return columns.filter(({ name }) => !keyNames.includes(name) && !counters.includes(name));
}

/** As many values of an identifier may be on both sides of a new split by chance: each pair is apart with at most even odds. */
const apartByChance = 6;

/** Finds rows of the reference in the train set that have another key there. */
async function findReappearing(
  duck: Duck,
  it: Files & {
    readonly input: LeakInput;
    /** The share of equal rows that no check stops at. */
    readonly limit: number;
    readonly areUnlike: boolean;
  },
): Promise<readonly LeakFinding[]> {
  const { input, limit } = it;
  const { accept, isReferenceNew, first } = input;
  const columns = comparedColumns(input);
  const ofGroup = columns.filter(({ name }) => input.group.includes(identifier(name)));
  const others = columns.filter((column) => !ofGroup.includes(column));
  const named = await countReappearing(duck, { train: it.train, reference: it.reference, columns: others });
  // Rows of unlike groups differ in the group: nothing else may differ.
  const differing = (it.areUnlike ? ofGroup : columns).map(({ name }) => name);
  const changed = await countChangedRows(duck, { train: it.train, reference: it.reference, columns, differing });
  const counted = named === null ? { count: 0 } : named;
  // What a new reference is allowed and has is the measure of later tables: the same table gives the same findings again.
  const identifierLimit = isReferenceNew
    ? Math.min(counted.count, Math.max(limit, apartByChance))
    : (first?.counts.identifier_overlap ?? 0);
  const changedLimit = isReferenceNew ? changed : await expectedChanges(duck, it.train, first);
  return [
    judge("identifier_overlap", { ...counted, limit: Math.max(limit, identifierLimit), warnAbove: 0 }, accept),
    judge("changed_rows", { count: changed, limit: Math.max(limit, changedLimit), warnAbove: limit }, accept),
  ];
}

/** As many changed rows as the first split had, and as many more, up to three deviations, as new train rows bring by chance. */
async function expectedChanges(duck: Duck, train: string, first: FirstCounts | null): Promise<number> {
  const counted = first?.counts.changed_rows ?? 0;
  if (first === null || counted === 0) return 0;
  const rows = count((await duck.row(`SELECT count(*) AS n FROM ${train}`)).n);
  const more = counted * Math.max(0, rows / first.train_rows - 1);
  return Math.ceil(counted + more + 3 * Math.sqrt(more));
}

interface Files {
  readonly train: string;
  readonly reference: string;
}

/**
 * Counts rows of the reference whose group is in the train set, and finds out whether any group of one file even nearly
 * equals one of the other. If none does, no rows do, because equal rows have equal groups; the far fewer groups are
 * compared instead of the rows.
 */
async function compareGroups(
  duck: Duck,
  files: Files,
  input: LeakInput,
): Promise<{ readonly overlap: number; readonly areUnlike: boolean }> {
  const named = input.group.map((sql, index) => `${sql} AS g${index}`).join(", ");
  await duck.run(`CREATE OR REPLACE TEMP TABLE train_groups AS SELECT DISTINCT ${named} FROM ${files.train}`);
  await duck.run(`CREATE OR REPLACE TEMP TABLE reference_groups AS SELECT DISTINCT ${named} FROM ${files.reference}`);
  const groups: Files = { train: "train_groups", reference: "reference_groups" };
  const shared = await overlap(duck, { ...groups, by: input.group.map((_, index) => `g${index}`) });
  // A column of the key is excluded from the comparison of rows, where it distinguishes nothing.
  const rounded = comparedColumns(input).flatMap(({ name, type }) => {
    const index = input.group.indexOf(identifier(name));
    return index < 0 ? [] : [roundedSql({ name: `g${index}`, type })];
  });
  return {
    overlap: shared === 0 ? 0 : await overlap(duck, { ...files, by: input.group }),
    areUnlike: rounded.length > 0 && (await overlap(duck, { ...groups, by: rounded, areNullsEqual: true })) === 0,
  };
}

/** Rows of the reference that agree in `by` (SQL of key or group) with a row of the train set. */
async function overlap(
  duck: Duck,
  input: Files & { readonly by: readonly string[]; readonly areNullsEqual?: boolean },
): Promise<number> {
  const named = input.by.map((sql, index) => `${sql} AS k${index}`).join(", ");
  const equals = input.areNullsEqual === true ? "IS NOT DISTINCT FROM" : "=";
  const on = input.by.map((_, index) => `r.k${index} ${equals} t.k${index}`).join(" AND ");
  const row = await duck.row(
    `SELECT count(*) AS n FROM (SELECT ${named} FROM ${input.reference}) r SEMI JOIN (SELECT ${named} FROM ${input.train}) t ON (${on})`,
  );
  return count(row.n);
}

/**
 * Counts rows of the reference with an equal (`exact`) or a nearly equal, but no equal (`near`) row in the train set. Equal
 * rows are nearly equal, so one hash of the rounded values finds the candidates of both; only they are compared.
 */
async function countDuplicates(
  duck: Duck,
  input: Files & { readonly columns: readonly TableColumn[] },
): Promise<{ readonly exact: number; readonly near: number }> {
  const { train, reference, columns } = input;
  if (columns.length === 0) return { exact: 0, near: 0 };
  const rounded = columns.map(roundedSql);
  // Rounding numbers is expensive. In most tables, the other columns alone distinguish the rows.
  const plain = columns.filter(({ type }) => !isNumber(type)).map(roundedSql);
  if (plain.length > 0 && plain.length < rounded.length) {
    const shared = await sharedMarks(duck, { train, reference, mark: `hash(${plain.join(", ")})` });
    if (shared === 0) return { exact: 0, near: 0 };
  }
  const mark = `hash(${rounded.join(", ")})`;
  if ((await sharedMarks(duck, { train, reference, mark })) === 0) return { exact: 0, near: 0 };
  const values = [
    ...columns.map(({ name }, index) => `${identifier(name)} AS v${index}`),
    ...rounded.map((sql, index) => `${sql} AS w${index}`),
  ].join(", ");
  for (const [name, from] of [
    ["reference_candidates", reference],
    ["train_candidates", train],
  ]) {
    await duck.run(
      `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT ${values} FROM (SELECT *, ${mark} AS __mark FROM ${from}) SEMI JOIN shared_marks ON (__mark = shared_marks.mark)`,
    );
  }
  const equal = async (prefix: "v" | "w") => {
    const on = columns.map((_, index) => `r.${prefix}${index} IS NOT DISTINCT FROM t.${prefix}${index}`).join(" AND ");
    const row = await duck.row(
      `SELECT count(*) AS n FROM reference_candidates r SEMI JOIN train_candidates t ON (${on})`,
    );
    return count(row.n);
  };
  const exact = await equal("v");
  return { exact, near: (await equal("w")) - exact };
}

/** Fills `shared_marks` with the marks that rows of both files have; returns their number. */
async function sharedMarks(duck: Duck, input: Files & { readonly mark: string }): Promise<number> {
  const { train, reference, mark } = input;
  await duck.run(`CREATE OR REPLACE TEMP TABLE reference_marks AS SELECT ${mark} AS mark FROM ${reference}`);
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE shared_marks AS SELECT DISTINCT mark FROM (SELECT ${mark} AS mark FROM ${train}) SEMI JOIN reference_marks USING (mark)`,
  );
  return count((await duck.row("SELECT count(*) AS n FROM shared_marks")).n);
}

function isNumber(type: string): boolean {
  const family = typeFamily(type);
  return family === "int" || family === "decimal" || family === "float";
}

/** A value rounded to 3 significant digits, a string with case folded, anything else unchanged. */
function roundedSql({ name, type }: TableColumn): string {
  const column = identifier(name);
  const family = typeFamily(type);
  if (family === "text") return `lower(${column}::VARCHAR)`;
  if (isNumber(type)) {
    const x = `${column}::DOUBLE`;
    const isSmall = family === "int" ? `abs(${x}) < 1000` : `${x} = 0 OR NOT isfinite(${x})`;
    return `CASE WHEN ${isSmall} THEN ${x} ELSE round(${x}, 2 - floor(log10(abs(${x})))::INTEGER) END`;
  }
  return column;
}

/** Rows of both files in which a feature's time is after the decision's. */
export async function checkFeatureTimes(
  duck: Duck,
  input: {
    readonly files: readonly string[];
    readonly decisionTime: string;
    readonly features: readonly string[];
    readonly accept: readonly Leak[];
  },
): Promise<LeakFinding> {
  const isLate = input.features.map((sql) => `coalesce(${sql} > ${input.decisionTime}, false)`).join(" OR ");
  const found =
    isLate === ""
      ? { n: 0 }
      : await duck.row(`SELECT count(*) FILTER (WHERE ${isLate}) AS n FROM ${parquetSql(...input.files)}`);
  return judge("feature_time", { count: count(found.n) }, input.accept);
}
