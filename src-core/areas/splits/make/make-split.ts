import { mkdirSync } from "node:fs";
import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { keyColumns } from "../../../contract/configs/primary-key.ts";
import type { ResolvedFile } from "../../../contract/configs/resolved.ts";
import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { groupOf } from "../../../contract/configs/split-schema.ts";
import { AppError } from "../../../contract/errors.ts";
import { type Duck, duckVersion } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { requireColumn } from "../contract/contract-columns.ts";
import { keyForPeople } from "../contract/contract-rules.ts";
import { checkLeaks, type LeakInput, leakExamples } from "../leaks/leak-checks.ts";
import { type LeakFinding, refuseLeaks, warningsOf } from "../leaks/leak-verdict.ts";
import { type Manifest, type ManifestFile, writer } from "../manifest.ts";
import { type Master, openMaster } from "../master/master.ts";
import type { SplitRequest } from "../split-request.ts";
import { checkSql, type NamedSql } from "../sql/check-sql.ts";
import { heldRowWarnings, refuseOtherTypes } from "./held-rows.ts";
import { type Measuring, startMeasuring } from "./measuring.ts";
import { copySide, parquetSettings } from "./parquet-side.ts";
import { countRows, refuseEmptyStrata, timeSql } from "./row-counts.ts";
import { type Part, partSql, type Sides, sidesOf, timeColumnOf } from "./sides.ts";
import { assignTestUnits, type TestUnits } from "./test-units.ts";
import { type WrittenTests, writeOptionalTests } from "./write-optional-tests.ts";

/** The SQL that people wrote in contract and split. */
function personSql(request: Pick<SplitRequest, "contract" | "split">): readonly NamedSql[] {
  const { contract, split } = request;
  return [
    ...contract.value.exclude.map(({ name, sql }) => ({
      place: `the exclude rule ${name} in ${contract.path}`,
      file: contract.path,
      sql,
    })),
    ...split.value.optional_tests.flatMap((test) =>
      "filter" in test
        ? [{ place: `the optional test ${test.name} in ${split.path}`, file: split.path, sql: test.filter.sql }]
        : [],
    ),
  ];
}

/**
 * Contract, sides, files, checks: everything but moving the files to their final names.
 * @throws splits/*, files/*, configs/inconsistent
 */
export async function makeSplit(duck: Duck, request: SplitRequest): Promise<Manifest> {
  const { split, contract, reference } = request;
  const say = (message: string, done: number) =>
    request.report({ stage: "split", message, done, total: 4, unit: "steps" });
  say("reading the master table and checking the data contract", 0);
  const opened = await openMaster(duck, {
    root: request.root,
    files: request.master.files,
    master: request.masterPath,
    contract: contract.value,
    // A digest is of the typed values, so that two spellings of one value are one.
    codes: [
      ...(Array.isArray(contract.value.primary_key) ? contract.value.primary_key : []),
      ...groupOf(split.value),
      ...request.codes,
    ],
    contractFile: contract.path,
  });
  await checkSql({ expressions: personSql(request), columns: opened.tableColumns }, request);
  if (reference.kind === "frozen") {
    const { tableColumns } = opened;
    await refuseOtherTypes(duck, { tableColumns, reference: reference.file, contract, splitVersion: split.version });
  }
  const master = await opened.admit();

  say(`assigning ${counted(master.admitted, "row")} to their sides`, 1);
  const units = await assignTestUnits(duck, { split: split.value, contract: contract.value, master });
  const time = await timeSql(duck, split.value, master);
  const sides = sidesOf(split.value, time);
  const keys = keyColumns(contract.value).map((name) => requireColumn(master.columns, name, "The primary key").sql);
  const select = (part: Part) => partSql(master.relation, part, units);
  const measuring = await startMeasuring(duck);
  try {
    const { train, trainRows, optional } = await writeSides(duck, { request, master, sides, keys, select, measuring });

    say("checking for leaks between train set and reference test, computing digests", 3);
    const compared = leakInput({ request, master, train, time });
    const checks = await checkLeaks(duck, compared);
    await refuseLeaks(checks, split.path, (check) => leakExamples(duck, compared, check));
    await refuseEmptyStrata(duck, { split: split.value, master, files: [train, reference.file] });
    const rowCounts = await countRows(duck, { master, sides, select, trainRows, reference, keys });
    const held =
      reference.kind === "new"
        ? []
        : await heldRowWarnings(duck, {
            master,
            reference: reference.file,
            keys,
            counters: countersOf(contract.value),
            shownKey: keyForPeople(
              contract.value,
              new Map(Object.keys(contract.value.columns).map((name) => [name, { sql: identifier(name) }])),
            ),
          });
    const measured = await measuring.ended();
    const masterSha256 = await request.master.sha256;
    const named = (name: string, file: string): ManifestFile => {
      const facts = measured.get(file);
      if (facts === undefined) throw new Error(`Not measured: ${file}`);
      const { rows, sizeBytes: size_bytes, sha256, rowDigest: row_digest } = facts;
      return { path: name, rows, size_bytes, sha256, row_digest };
    };
    return manifestOf(request, {
      master,
      masterSha256,
      units,
      rowCounts,
      train: named(`${request.names.folder}/train.parquet`, train),
      reference: named(request.names.reference, reference.file),
      tests: optional.files.map(({ name, file }) => ({
        name,
        ...named(`${request.names.folder}/optional_tests/${path.basename(file)}`, file),
      })),
      skipped: optional.skipped,
      checks,
      held,
    });
  } finally {
    await measuring.close();
  }
}

/** Train set, reference test unless it is frozen, optional tests; each is hashed as soon as it is complete. */
async function writeSides(
  duck: Duck,
  input: {
    readonly request: SplitRequest;
    readonly master: Master;
    readonly sides: Sides;
    readonly keys: readonly string[];
    readonly select: (part: Part) => string;
    readonly measuring: Measuring;
  },
): Promise<{ readonly train: string; readonly trainRows: number; readonly optional: WrittenTests }> {
  const { request, master, sides, keys, select, measuring } = input;
  const { split, reference } = request;
  const say = (message: string) => request.report({ stage: "split", message, done: 2, total: 4, unit: "steps" });
  say("writing the train set");
  mkdirSync(request.folder, { recursive: true });
  const train = path.join(request.folder, "train.parquet");
  const trainRows = await copySide(duck, { select: select(sides.train), orderBy: keys, file: train });
  refuseEmpty(trainRows, "train set", split);
  measuring.add(train);
  if (reference.kind === "new") {
    say("writing the reference test");
    mkdirSync(path.dirname(reference.file), { recursive: true });
    const rows = await copySide(duck, { select: select(sides.reference), orderBy: keys, file: reference.file });
    refuseEmpty(rows, "reference test", split);
  }
  measuring.add(reference.file);
  const isReference = reference.kind === "new" && sides.testSide === sides.reference;
  const side = { select: select(sides.testSide), file: isReference ? reference.file : null };
  const optional = await writeOptionalTests(duck, { request, master, keys, side });
  for (const { file } of optional.files) measuring.add(file);
  return { train, trainRows, optional };
}

function refuseEmpty(rows: number, side: string, split: ResolvedFile<SplitSchema>): void {
  if (rows > 0) return;
  throw new AppError({
    code: "splits/empty-side",
    message: `The ${side} of ${split.path} would be empty.`,
    hint: "Check test groups, cut-off, period and basis points against the table, in a new split version if this one was used.",
    details: { file: split.path, side },
  });
}

/** What is compared of the two sides. */
function leakInput(input: {
  readonly request: SplitRequest;
  readonly master: Master;
  readonly train: string;
  readonly time: string;
}): LeakInput {
  const { request, master } = input;
  const split = request.split.value;
  const sqlOf = (name: string) => requireColumn(master.columns, name, "The split").sql;
  const keyNames = keyColumns(request.contract.value);
  const isOrdered = split.strategy === "temporal" || split.strategy === "group_temporal";
  return {
    train: input.train,
    reference: request.reference.file,
    isReferenceNew: request.reference.kind === "new",
    key: keyNames.map(sqlOf),
    keyNames,
    group: groupOf(split).map(sqlOf),
    orderedBy: isOrdered && timeColumnOf(split) !== null ? input.time : null,
    columns: master.tableColumns,
    counters: countersOf(request.contract.value),
    first: request.reference.kind === "new" ? null : request.reference.first,
    maxDuplicateBasisPoints: split.max_duplicate_basis_points,
    accept: split.accept,
  };
}

function countersOf(contract: DataContract): readonly string[] {
  return Object.entries(contract.columns).flatMap(([name, it]) => (it.row_counter ? [name] : []));
}

function manifestOf(
  request: SplitRequest,
  made: {
    readonly master: Master;
    readonly masterSha256: string;
    readonly units: TestUnits | null;
    readonly rowCounts: Readonly<Record<string, number>>;
    readonly train: ManifestFile;
    readonly reference: ManifestFile;
    readonly tests: Manifest["optional_tests"];
    readonly skipped: Manifest["skipped_tests"];
    readonly checks: readonly LeakFinding[];
    /** How the table differs from a frozen reference. */
    readonly held: readonly string[];
  },
): Manifest {
  const { split, contract } = request;
  return {
    manifest_version: 1,
    writer,
    duckdb: duckVersion,
    parquet: parquetSettings,
    split_version: split.version,
    split_digest: split.digest,
    data_contract_version: contract.version,
    data_contract_digest: contract.digest,
    rules: contract.value.rules,
    strategy: split.value.strategy,
    salt: split.value.salt,
    decided_by: [...(made.units?.columns ?? [])],
    group: [...groupOf(split.value)],
    master: { path: request.masterPath, sha256: made.masterSha256, rows: made.master.rows },
    row_counts: made.rowCounts,
    excluded: [...made.master.excluded],
    train: made.train,
    reference: made.reference,
    optional_tests: made.tests,
    skipped_tests: made.skipped,
    checks: [...made.checks],
    accepted_leaks: [...split.value.accept],
    warnings: [...made.master.warnings, ...(made.units?.warnings ?? []), ...warningsOf(made.checks), ...made.held],
  };
}
