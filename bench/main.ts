import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Bench, BenchLine, BenchResult, Contestant } from "./bench.ts";
import { benchPython } from "./python.ts";

/** `node bench/main.ts NAME… [--json] [--repeats N] [--rows N]`: every file of this folder that exports `run` is a benchmark. */
const folder = import.meta.dirname;

const benches = readdirSync(folder)
  .filter(
    (file) =>
      file.endsWith(".ts") && /^export async function run\(/m.test(readFileSync(path.join(folder, file), "utf8")),
  )
  .map((file) => path.basename(file, ".ts"));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    repeats: { type: "string", default: "5" },
    rows: { type: "string" },
  },
});

const machine = {
  cpus: os.availableParallelism(),
  model: os.cpus()[0]?.model ?? "unknown",
  memoryBytes: os.totalmem(),
  node: process.version,
};

process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !benches.includes(name));
  if (positionals.length === 0 || unknown.length > 0) {
    const why = unknown.length > 0 ? `There is no benchmark ${unknown.join(", ")}. ` : "";
    process.stderr.write(
      `${why}Usage: npm run bench -- NAME… [--json] [--repeats N] [--rows N]\nBenchmarks: ${benches.join(", ")}\n`,
    );
    return 2;
  }
  const documents: unknown[] = [];
  let isShort = false;
  for (const name of positionals) {
    const { run } = (await import(`./${name}.ts`)) as { readonly run: Bench };
    const log = (line: string) => process.stderr.write(`${name}: ${line}\n`);
    const result = await run({
      repeats: Math.max(5, Number(values.repeats)),
      python: () => benchPython(process.env),
      log,
      trial: values.rows === undefined ? undefined : { rows: Number(values.rows), repeats: Number(values.repeats) },
    });
    documents.push({ name, machine, ...result });
    isShort ||= result.lines.some((line) => line.verdict === "falls short");
    if (!values.json) process.stdout.write(asText(name, result));
  }
  if (values.json)
    process.stdout.write(`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2)}\n`);
  return isShort ? 6 : 0;
}

function asText(name: string, result: BenchResult): string {
  const lines = result.lines.map(lineText);
  const head = `${name} (${machine.cpus} × ${machine.model}, Node ${machine.node})`;
  return [head, ...lines, ...result.notes.map((note) => `  note: ${note}`), ""].join("\n");
}

function lineText({ what, own, peer, ratio, bar, stretch, verdict }: BenchLine): string {
  const against = peer === null ? "" : ` against ${sideText(peer)}`;
  const share = ratio === null ? "" : ` = ${ratio.toFixed(3)}`;
  return `  ${what}: ${sideText(own)}${against}${share} (bar ${bar}${stretch === null ? "" : `, stretch ${stretch}`}): ${verdict}`;
}

function sideText({ name, bestSeconds, peakBytes }: Contestant): string {
  const memory = peakBytes === null ? "" : `, ${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
  const time = bestSeconds < 1 ? `${(bestSeconds * 1000).toFixed(1)} ms` : `${bestSeconds.toFixed(2)} s`;
  return `${name} ${time}${memory}`;
}
