import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { groups, isGroup } from "../src-core/areas/environment/build/groups.ts";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { problemsOf, type RequirementList, requirementLists, requirementsOf, stampOf } from "./lock-inputs.ts";

// node scripts/lock-python.ts [--check] [--upgrade]
// Writes trainer/requirements*.lock from trainer/pyproject.toml with uv. --check needs neither uv nor a network: it
// compares the digest of the inputs in each lock's first line.

const trainer = path.join(appRoot, "trainer");
const lockFile = (name: string) => path.join(trainer, name === "" ? "requirements.lock" : `requirements-${name}.lock`);
const isStandalone = (name: string) => isGroup(name) && groups[name].isStandalone;
const isBoundByBase = (list: RequirementList) => list.name !== "" && !isStandalone(list.name);

function stampFor(list: RequirementList, base: RequirementList): string {
  return stampOf([list.section, list.text, ...(isBoundByBase(list) ? [base.text] : [])]);
}

function sourceFlags({ section, name }: RequirementList): readonly string[] {
  if (section === "project") return [];
  return section === "extra" ? ["--extra", name] : ["--group", name];
}

function make(list: RequirementList, stamp: string): void {
  // A stand-alone group is locked by itself, from standard input; the others together with the base.
  const isAlone = isStandalone(list.name);
  const what = isAlone ? ["-"] : ["pyproject.toml", ...sourceFlags(list)];
  const bound = isBoundByBase(list) ? ["--constraints", "requirements.lock"] : [];
  const form = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11"];
  const old = existsSync(lockFile(list.name)) && !process.argv.includes("--upgrade") ? lockFile(list.name) : undefined;
  const out = ["--output-file", lockFile(list.name), ...(old === undefined ? ["--upgrade"] : [])];
  const argv = ["pip", "compile", "--quiet", "--no-config", ...what, ...bound, ...form, ...out];
  const result = spawnSync("uv", argv, {
    cwd: trainer,
    input: isAlone ? requirementsOf(list).join("\n") : "",
    stdio: ["pipe", "ignore", "inherit"],
  });
  if (result.status !== 0) throw new Error(`uv ${argv.join(" ")} failed`);
  const pins = readFileSync(lockFile(list.name), "utf8").replace(/^#.*\n/gm, "");
  writeFileSync(lockFile(list.name), `${stamp}\n${pins}`);
}

function problemsIn(list: RequirementList, stamp: string): readonly string[] {
  if (!existsSync(lockFile(list.name))) return ["is missing"];
  const text = readFileSync(lockFile(list.name), "utf8");
  const stale = text.startsWith(`${stamp}\n`) ? [] : ["is older than pyproject.toml"];
  return [...stale, ...problemsOf(text)];
}

const lists = requirementLists(readFileSync(path.join(trainer, "pyproject.toml"), "utf8"));
const base = lists.find((list) => list.name === "");
if (base === undefined) throw new Error("trainer/pyproject.toml has no dependencies.");
let failures = 0;
for (const list of [base, ...lists.filter((it) => it !== base)]) {
  const stamp = stampFor(list, base);
  if (!process.argv.includes("--check")) make(list, stamp);
  for (const problem of problemsIn(list, stamp)) {
    failures += 1;
    process.stderr.write(
      `${path.relative(appRoot, lockFile(list.name))} ${problem}. Run: node scripts/lock-python.ts\n`,
    );
  }
}
const absent = Object.keys(groups).filter((name) => !lists.some((list) => list.name === name));
for (const name of absent) process.stderr.write(`trainer/pyproject.toml has no list '${name}'.\n`);
process.exitCode = failures + absent.length > 0 ? 1 : 0;
