import { AppError } from "../../contract/errors.ts";
import { distinctNames, renamed } from "./column-names.ts";
import type { Duck, DuckRow } from "./open.ts";
import { type ParquetNode, parquetLimits } from "./parquet-limits.ts";
import { parquetSchemaSql, parquetSql } from "./read-sql.ts";
import { columnsOf, sameNames, type TableColumn, type TableRemark } from "./table-columns.ts";

/** Parquet files with equal schemas, at least one. */
export interface AlikeFiles {
  readonly first: string;
  readonly files: readonly string[];
  readonly columns: readonly TableColumn[];
  /** The columns whose names the file repeats. */
  readonly renamed: readonly TableRemark[];
  /** The columns with times that it may cut off. */
  readonly cut: readonly TableRemark[];
}

/**
 * Groups the files by their schema, in the order of each one's first file.
 * @throws splits/master-unreadable for a struct with fields that differ only in case, files/*
 */
export async function alikeFiles(duck: Duck, files: readonly string[]): Promise<readonly AlikeFiles[]> {
  const rows = await duck.rows(
    `SELECT file_name, name, type, num_children, duckdb_type, coalesce(logical_type, converted_type) AS meaning, to_json(struct_pack(name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type, duckdb_type))::VARCHAR AS node
     FROM ${parquetSchemaSql(files)} ORDER BY file_name, column_id`,
  );
  const byFile = Map.groupBy(rows, (row) => String(row.file_name));
  const schemaOf = (file: string) => (byFile.get(file) ?? []).map((row) => String(row.node)).join("\n");
  const alike: AlikeFiles[] = [];
  for (const [, members] of Map.groupBy(files, schemaOf)) {
    const [first] = members;
    if (first === undefined) continue;
    const columns = await columnsOf(duck, parquetSql(first));
    const nodes = columnNodes(byFile.get(first) ?? []);
    refuseSameFields(nodes, first);
    const written = nodes.map(({ name }) => name);
    const { columns: limited, cut } = await parquetLimits(duck, { files: members, columns, nodes });
    const names = distinctNames(written);
    const named = limited.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
    alike.push({ first, files: members, columns: named, cut, renamed: renamed(written, names) });
  }
  return alike;
}

/** The columns as a tree; the rows are its nodes in depth-first order, the first one the root. */
function columnNodes(rows: readonly DuckRow[]): readonly ParquetNode[] {
  let next = 0;
  const take = (): ParquetNode => {
    const row = rows[next++];
    const children = Array.from({ length: Number(row?.num_children ?? 0) }, take);
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    return {
      name: text(row?.name),
      type: text(row?.type),
      meaning: text(row?.meaning),
      duckType: text(row?.duckdb_type),
      children,
    };
  };
  return take().children;
}

function refuseSameFields(nodes: readonly ParquetNode[], file: string): void {
  const [same] = nodes.flatMap((node) => sameFields(node, []));
  if (same === undefined) return;
  const [one, other] = same;
  throw new AppError({
    code: "splits/master-unreadable",
    message: `${file} has the fields ${one} and ${other}, which differ only in case; names of fields ignore it.`,
    hint: "Rename one of them.",
    details: { file, keys: [one, other] },
  });
}

function sameFields({ name, children }: ParquetNode, above: readonly string[]): readonly (readonly [string, string])[] {
  const inside = [...above, name];
  const path = (field: string) => [...inside, field].join(".");
  return [
    ...sameNames(children.map((child) => child.name)).map(([one, other]) => [path(one), path(other)] as const),
    ...children.flatMap((child) => sameFields(child, inside)),
  ];
}
