import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { nextStep } from "../../contract/build-step.ts";
import { keyColumns } from "../../contract/configs/primary-key.ts";
import { AppError } from "../../contract/errors.ts";
import { segmentText } from "../../contract/routing/view-name.ts";
import { type SideFact, type SplitResult, sideFactSchema } from "../../contract/runs/stage-results.ts";
import { type Duck, duckVersion } from "../../foundation/duck/open.ts";
import { identifier, literal } from "../../foundation/duck/quote.ts";
import { parquetSql } from "../../foundation/duck/read-sql.ts";
import { describeTable } from "../../foundation/duck/table.ts";
import { fieldExpression } from "../../foundation/duck/table-columns.ts";
import { fileDigest, sha256 } from "../../foundation/files/digest.ts";
import { fileError, readText, removeLeftovers, temporaryPath } from "../../foundation/files/durable.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";
import { copySide, measureSide, parquetSettings } from "./make/parquet-side.ts";
import { writer } from "./manifest.ts";
import { publishFolder } from "./reference/publish.ts";
import { type SplitScope, withDuck } from "./split-context.ts";
import { checkSql } from "./sql/check-sql.ts";

/** A split's rows as one target sees them: those where it has a value, of all segments or of one. */
export interface ViewRequest {
  readonly target: {
    readonly name: string;
    readonly column: string;
    readonly sql: string | null;
    readonly task: "regression" | "binary";
  };
  readonly segment: { readonly column: string; readonly value: string } | null;
}

const viewFileSchema = z.object({
  schema: z.literal(1),
  train: sideFactSchema,
  reference: sideFactSchema,
  optional: z.array(sideFactSchema.extend({ name: z.string() })),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  rowCounts: z.record(z.string(), z.number()),
});
type ViewFile = z.output<typeof viewFileSchema>;

/**
 * The view of a split, as a split's result. Its files are in the cache under a digest of everything they are made from, so
 * that equal views are made once and a deleted one is rebuilt byte for byte. Rows keep the order of the primary key.
 * @throws splits/empty-side if train or reference has no row, splits/sql-refused
 */
export async function splitView(context: SplitScope, shared: SplitResult, request: ViewRequest): Promise<SplitResult> {
  const { paths } = context.project;
  const id = viewId(shared, request);
  const folder = path.join(paths.cache, "views", id);
  const known = readView(folder, paths.root);
  const view = known ?? (await makeView(context, shared, { request, folder }));
  for (const [side, fact] of [["train set", view.train] as const, ["reference test", view.reference] as const])
    if (fact.rows === 0) throw emptySide(side, request);
  return {
    ...shared,
    train: view.train,
    reference: view.reference,
    sharedReference: shared.reference,
    optional: view.optional,
    skipped: [...shared.skipped, ...view.skipped],
    rowCounts: view.rowCounts,
  };
}

function viewId(shared: SplitResult, request: ViewRequest): string {
  const sides = [shared.train, shared.reference, ...shared.optional].map((it) => it.sha256);
  const made = { view: 1, writer, duckVersion, parquetSettings, sides, names: shared.optional.map((it) => it.name) };
  return sha256(
    canonicalJson({
      ...made,
      target: { column: request.target.column, sql: request.target.sql, task: request.target.task },
      segment: request.segment,
    }),
  ).slice(0, 32);
}

function readView(folder: string, root: string): ViewFile | undefined {
  const file = path.join(folder, "view.json");
  if (!existsSync(file)) return undefined;
  try {
    const view = viewFileSchema.parse(JSON.parse(readText(file)));
    const isIntact = (side: SideFact) => {
      const at = path.join(root, side.path);
      return existsSync(at) && statSync(at).size === side.sizeBytes && fileDigest(at) === side.sha256;
    };
    return [view.train, view.reference, ...view.optional].every(isIntact) ? view : undefined;
  } catch {
    // Damaged or of an older form: rebuilt.
    return undefined;
  }
}

async function makeView(
  context: SplitScope,
  shared: SplitResult,
  it: { readonly request: ViewRequest; readonly folder: string },
): Promise<ViewFile> {
  const { paths } = context.project;
  const { request, folder } = it;
  mkdirSync(path.dirname(folder), { recursive: true });
  removeLeftovers(path.dirname(folder));
  const temporary = temporaryPath(folder);
  try {
    mkdirSync(temporary, { recursive: true });
    const view = await withDuck(context, [path.join(paths.root, shared.train.path)], async (duck) => {
      await checkTargetSql(duck, context, { shared, request });
      const side = (from: SideFact, name: string) =>
        writeSide(duck, context, { from, request, file: path.join(temporary, name), as: path.join(folder, name) });
      const train = await side(shared.train, "train.parquet");
      const reference = await side(shared.reference, "reference.parquet");
      const optional: ViewFile["optional"] = [];
      const skipped: ViewFile["skipped"] = [];
      for (const [index, test] of shared.optional.entries()) {
        const fact = await side(test, `test_${index}.parquet`);
        if (fact.rows > 0) optional.push({ name: test.name, ...fact });
        else {
          skipped.push({ name: test.name, reason: "no row of this target and segment" });
          rmSync(path.join(temporary, `test_${index}.parquet`));
        }
      }
      const rowCounts = {
        train: train.rows,
        reference: reference.rows,
        other_segments_or_no_target: shared.train.rows + shared.reference.rows - train.rows - reference.rows,
      };
      return { schema: 1 as const, train, reference, optional, skipped, rowCounts };
    });
    writeFileSync(path.join(temporary, "view.json"), `${JSON.stringify(view, null, 2)}\n`);
    publishFolder(temporary, folder);
    return view;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw fileError(error, "write", folder);
  }
}

async function checkTargetSql(
  duck: Duck,
  context: SplitScope,
  { shared, request }: { readonly shared: SplitResult; readonly request: ViewRequest },
): Promise<void> {
  const { target } = request;
  if (target.sql === null) return;
  const { columns } = await describeTable(duck, [path.join(context.project.paths.root, shared.train.path)]);
  const place = `the target ${target.name} in signalbox.yaml`;
  const value = target.task === "binary" ? "boolean" : "number";
  await checkSql({ expressions: [{ place, file: "signalbox.yaml", sql: target.sql, value }], columns }, context);
}

async function writeSide(
  duck: Duck,
  context: SplitScope,
  it: { readonly from: SideFact; readonly request: ViewRequest; readonly file: string; readonly as: string },
): Promise<SideFact> {
  const { root } = context.project.paths;
  const { column, sql, task } = it.request.target;
  const from = parquetSql(path.join(root, it.from.path));
  const names = new Set((await duck.rows(`DESCRIBE SELECT * FROM ${from}`)).map((row) => String(row.column_name)));
  const sqlOf = (name: string) => fieldExpression(names.has(name) ? [name] : name.split("."));
  const typed = task === "regression" ? `CAST((${sql}\n) AS DOUBLE)` : `(${sql}\n)`;
  const computed = sql === null ? "" : `, ${typed} AS ${identifier(column)}`;
  const target = sql === null ? sqlOf(column) : identifier(column);
  const { segment } = it.request;
  const needed = [target, ...(segment === null ? [] : [sqlOf(segment.column)])].join(", ");
  try {
    await duck.rows(`DESCRIBE SELECT ${needed} FROM (SELECT *${computed} FROM ${from})`);
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw lacksColumns(it.from, it.request, error);
  }
  const conditions = [
    `${target} IS NOT NULL`,
    ...(task === "regression" ? [`NOT isnan(CAST(${target} AS DOUBLE))`] : []),
    ...(segment === null ? [] : [`CAST(${sqlOf(segment.column)} AS VARCHAR) = ${literal(segment.value)}`]),
  ];
  const select = `SELECT * FROM (SELECT *${computed} FROM ${from}) WHERE ${conditions.join(" AND ")}`;
  const orderBy = keyColumns(context.configs.dataContract.value).map(sqlOf);
  await copySide(duck, { select, orderBy, file: it.file });
  const { rows, sha256: digest, sizeBytes, rowDigest } = await measureSide(duck, it.file);
  return { path: path.relative(root, it.as).split(path.sep).join("/"), sha256: digest, sizeBytes, rows, rowDigest };
}

/** A side on the disk was made from the table of its time: it doesn't have a column that was added later. */
function lacksColumns(side: SideFact, { target, segment }: ViewRequest, cause: unknown): AppError {
  const what = [target.sql ?? target.column, ...(segment === null ? [] : [segment.column])].join(" and ");
  return new AppError({
    code: "configs/inconsistent",
    message: `${side.path} doesn't have the source of the target ${target.name} (${what}): it was made from a table without it.`,
    hint: "An existing reference test is never rebuilt. Copy the split's file to the next number and make that the active one (configs/active.yaml, split_version).",
    details: { file: side.path, target: target.name },
    cause,
  });
}

function emptySide(side: string, { target, segment }: ViewRequest): AppError {
  const where = segment === null ? "" : ` in ${segment.column} = ${segmentText(segment.value)}`;
  return new AppError({
    code: "splits/empty-side",
    message: `The ${side} has no row with a value of ${target.name}${where}.`,
    next: [nextStep("routing.planBuild", {}, "skips what can't be trained and shows why")],
    details: { side, target: target.name, segment: segment?.value ?? null },
  });
}
