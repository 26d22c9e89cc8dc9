import { count, type Duck } from "./open.ts";
import { finerThanMicroseconds, type ZonedTimes } from "./parquet-nanoseconds.ts";
import { identifier } from "./quote.ts";
import { parquetSql } from "./read-sql.ts";
import { finerTimes, type TableColumn, type TableRemark, type UnfitValues } from "./table-columns.ts";

/** A node of a Parquet file's schema. */
export interface ParquetNode {
  readonly name: string;
  /** Parquet's own type, what it means (DECIMAL), and the type that DuckDB reads it as. */
  readonly type: string;
  readonly meaning: string;
  readonly duckType: string;
  readonly children: readonly ParquetNode[];
}

interface ParquetLimits {
  readonly columns: readonly TableColumn[];
  /** Columns with times that may be cut off. */
  readonly cut: readonly TableRemark[];
}

interface Input {
  readonly files: readonly string[];
  readonly columns: readonly TableColumn[];
  /** The columns' nodes, in the same order. */
  readonly nodes: readonly ParquetNode[];
}

/** Marks what DuckDB reads as other values than the files have, without an error. */
export async function parquetLimits(duck: Duck, input: Input): Promise<ParquetLimits> {
  const times = input.columns.flatMap(({ name }, index) => zonedTimes(input.nodes[index], name));
  const finer = await finerThanMicroseconds(duck, input.files, times);
  const columns: TableColumn[] = [];
  const cut: TableRemark[] = [];
  for (const [index, column] of input.columns.entries()) {
    const node = input.nodes[index];
    const found = finer.filter((_, at) => times[at]?.path[0] === column.name);
    const rows = found.reduce<number>((sum, rows) => sum + (rows ?? 0), 0);
    if (isAnywhere(node, isCut) || found.includes(null)) cut.push(cutRemark(column));
    if (rows > 0) columns.push({ ...column, unfit: { rows, problem: finerTimes } });
    else if (isAnywhere(node, isWideDecimal))
      columns.push({ ...column, unfit: await wideDecimals(duck, input, column) });
    else columns.push(column);
  }
  return { columns, cut };
}

async function wideDecimals(duck: Duck, { files }: Input, { name }: TableColumn): Promise<UnfitValues> {
  const filled = await duck.row(`SELECT count(${identifier(name)}) AS n FROM ${parquetSql(...files)}`);
  const problem = "of a decimal type with more than 38 digits; write them with 38 at most, or as text";
  return { rows: count(filled.n), problem };
}

/** DuckDB has no such decimals and reads other numbers in their place. */
function isWideDecimal({ meaning, duckType }: ParquetNode): boolean {
  return /^DECIMAL/i.test(meaning) && duckType === "DOUBLE";
}

/** DuckDB has nanoseconds only without a time zone. */
function isZonedNanoseconds({ meaning }: ParquetNode): boolean {
  return /^TimestampType\(isAdjustedToUTC=1.*NANOS=NanoSeconds/.test(meaning);
}

/** Older writers use INT96 for times, in nanoseconds; whether they have any can't be seen. Nor in a list. */
function isCut(node: ParquetNode): boolean {
  return node.type === "INT96" || (isList(node) && isAnywhere(node, isZonedNanoseconds));
}

function cutRemark({ name }: TableColumn): TableRemark {
  return {
    what: `${name} is read to the microsecond`,
    why: "its times are stored in nanoseconds, and whether any needs them can't be found out",
  };
}

function isList({ meaning }: ParquetNode): boolean {
  return /^(LIST|MAP)/i.test(meaning);
}

/** Such times outside lists, in the column that DuckDB names so. */
function zonedTimes(node: ParquetNode | undefined, name: string): readonly ZonedTimes[] {
  if (node === undefined || isList(node)) return [];
  if (isZonedNanoseconds(node)) return [{ path: [name], written: [node.name] }];
  return node.children.flatMap((child) =>
    zonedTimes(child, child.name).map(({ path, written }) => ({
      path: [name, ...path],
      written: [node.name, ...written],
    })),
  );
}

function isAnywhere(node: ParquetNode | undefined, test: (node: ParquetNode) => boolean): boolean {
  return node !== undefined && (test(node) || node.children.some((child) => isAnywhere(child, test)));
}
