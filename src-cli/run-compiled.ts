import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/**
 * Runs a bundle with the code that V8 compiled for earlier commands. Node's own compile cache keeps only what is compiled when a file is
 * loaded, and a bundle's functions are compiled when they are called: a fifth of a short command's time.
 *
 * What is kept holds for one build of the bundle and one Node. V8 itself compares no more than the source's length, so the name of the kept
 * file has the digest that the build wrote at the bundle's end.
 */
export function runCompiled(file: string, folder: string, words: readonly string[]): void {
  const require = createRequire(file);
  const { constants, Script } = require("node:vm") as typeof import("node:vm");
  const source = readFileSync(file, "latin1");
  const kept = keptFile(file, folder, source);
  const before = kept === undefined ? undefined : readKept(kept);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    ...(before === undefined ? {} : { cachedData: before.code }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const known = before === undefined || script.cachedDataRejected === true ? [] : before.commands;
  const [command = ""] = words;
  if (kept !== undefined && isNew(command, known))
    process.on("exit", () => keep(kept, { commands: [...known, command], code: script.createCachedData() }));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, path.dirname(file));
}

interface Kept {
  /** First words of the commands whose code is in it. */
  readonly commands: readonly string[];
  readonly code: Buffer;
}

/** More than there are: words that are no commands must not add to it for ever. */
const mostCommands = 40;
const suffix = ".code";
/** The code begins here; what is before it are the commands. V8 copies code that isn't aligned. */
const codeAt = 1024;

function isNew(command: string, known: readonly string[]): boolean {
  return /^[a-z]{2,20}$/.test(command) && known.length < mostCommands && !known.includes(command);
}

/** Undefined for a bundle without its digest, which nothing is kept of. */
function keptFile(file: string, folder: string, source: string): string | undefined {
  const digest = /\/\/# build=([0-9a-f]{64})\n$/.exec(source.slice(-80))?.[1];
  if (digest === undefined) return undefined;
  // A bundle that somebody edited has another time.
  const stamp = Math.round(statSync(file).mtimeMs).toString(36);
  return path.join(folder, `${digest.slice(0, 16)}-${stamp}-${process.version}-${process.arch}${suffix}`);
}

function readKept(file: string): Kept | undefined {
  try {
    const bytes = readFileSync(file);
    const commands = bytes.toString("latin1", 0, codeAt).trim().split(" ");
    return { commands, code: bytes.subarray(codeAt) };
  } catch {
    return undefined;
  }
}

/** Best effort: where the folder can't be written to, the next command compiles again. Removes what is kept of other builds. */
function keep(file: string, { commands, code }: Kept): void {
  try {
    const folder = path.dirname(file);
    mkdirSync(folder, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    const header = Buffer.from(commands.join(" ").padEnd(codeAt), "latin1");
    // V8 checks little of what it is given: after a power failure there must be the whole file or none.
    writeFileSync(temporary, Buffer.concat([header, code]), { flush: true });
    renameSync(temporary, file);
    for (const name of readdirSync(folder))
      if (name.endsWith(suffix) && name !== path.basename(file)) rmSync(path.join(folder, name), { force: true });
  } catch {
    // The command has done its work.
  }
}
