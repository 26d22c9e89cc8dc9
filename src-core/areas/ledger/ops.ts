import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { LedgerEntry, ledgerOperations } from "../../contract/ledger.ts";
import type { Implementations } from "../../contract/operation.ts";
import { readText, writeFileDurable } from "../../foundation/files/durable.ts";
import { settleLedger } from "./append.ts";
import { checkReads } from "./check-reads.ts";
import { entryLine } from "./ledger-entry.ts";
import type { LedgerCore } from "./needs.ts";
import { readLedger } from "./read.ts";
import { readHead } from "./store.ts";
import { summariesAsCsv, summaryOf } from "./summary.ts";

export function ledgerOps(core: LedgerCore): Implementations<typeof ledgerOperations> {
  const settled = () => {
    const { paths } = core.project();
    return settleLedger({ paths, catalogue: core.catalogue(), clock: core.clock });
  };
  /** Reads with the head from the catalogue, so that missing entries aren't an empty ledger. */
  const read = () => {
    const file = core.project().paths.ledgerFile;
    return readLedger(file, readHead(core.catalogue()));
  };
  return {
    "ledger.list": async ({ limit, model }) => {
      const entries = read();
      const asked = entries.filter((entry) => model === undefined || entry.body.modelName === model).map(summaryOf);
      return { entries: asked.reverse().slice(0, limit), total: asked.length };
    },
    "ledger.show": async ({ index }) => {
      const entries = read();
      const entry = entries[index - 1];
      if (!entry) throw notFound(index, entries.length);
      return { entry };
    },
    "ledger.verify": async () => {
      const { ledger, notice } = settled();
      const file = core.project().paths.ledgerFile;
      const server = await (await import("./tracking-head.ts")).comparedServer(core);
      const { root, referenceReadsFile: reads } = core.project().paths;
      const log = { text: existsSync(reads) ? readText(reads) : "", file: reads, root };
      checkReads(log, ledger.entries, await core.configs.frozenReferences());
      const head = ledger.head.entries === 0 ? null : ledger.head.hash;
      const witnesses = ["the catalogue", ...(server === null ? [] : [`MLflow (${server})`])];
      return { entries: ledger.head.entries, head, file, notice, witnesses };
    },
    "ledger.restore": async () => {
      const { restoreLedger } = await import("./restore-file.ts");
      const { paths } = core.project();
      const restored = restoreLedger({ paths, catalogue: core.catalogue(), clock: core.clock });
      return { ...restored, file: paths.ledgerFile };
    },
    "ledger.export": async ({ output, format }) => {
      const file = path.resolve(core.projectDir, output);
      if (existsSync(file))
        throw new AppError({
          code: "cli/usage",
          message: `${file} already exists.`,
          hint: "Choose another file, or remove this one.",
          details: { file },
        });
      const { entries } = settled().ledger;
      writeFileDurable(file, exported(entries, format));
      return { file, entries: entries.length, format };
    },
  };
}

function exported(entries: readonly LedgerEntry[], format: "json" | "jsonl" | "csv"): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(entries, null, 2)}\n`;
    case "jsonl":
      return entries.map(entryLine).join("");
    case "csv":
      return summariesAsCsv(entries);
    default:
      return format satisfies never;
  }
}

function notFound(index: number, entries: number): AppError {
  return new AppError({
    code: "ledger/not-found",
    message: `The ledger has no entry ${index}; ${entries === 0 ? "it is empty" : `its last entry is ${entries}`}.`,
    next: [nextStep("ledger.list", {}, "lists the entries")],
    details: { index, entries },
  });
}
