import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-help-"));
const trace = path.join(folder, "trace.mjs");
const bundle = path.join(appRoot, "dist", "cli.cjs");

beforeAll(() => {
  execFileSync(process.execPath, [path.join(appRoot, "scripts", "build.ts")]);
  writeFileSync(
    trace,
    `import { registerHooks, syncBuiltinESMExports } from "node:module";
import fs, { writeSync } from "node:fs";
const read = fs.readFileSync;
fs.readFileSync = (file, ...rest) => {
  if (String(file).endsWith("commands.cjs")) writeSync(2, String(file) + "\\n");
  return read(file, ...rest);
};
syncBuiltinESMExports();
registerHooks({ load(url, context, next) { writeSync(2, url + "\\n"); return next(url, context); } });
const open = process.dlopen;
process.dlopen = (...args) => { writeSync(2, "native " + args[1] + "\\n"); return open.apply(process, args); };
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function traced(...args: string[]) {
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", trace, bundle, ...args], {
    encoding: "utf8",
    cwd: folder,
  });
  return {
    stdout,
    loaded: stderr
      .trim()
      .split("\n")
      .filter((it) => !it.startsWith("node:")),
  };
}

describe("the bundle", () => {
  it.each([[["--help"]], [["run", "--help"]], [["help", "runs"]], [["--version"]]])(
    "answers %j from its first file alone, without loading zod or native code",
    (args) => {
      const { stdout, loaded } = traced(...args);
      expect(stdout).not.toBe("");
      expect(loaded.map((it) => path.basename(it)).filter((it) => it !== "trace.mjs")).toEqual(["cli.cjs"]);
    },
  );

  it("has no zod in its first file, which would be read and run before every answer", () => {
    expect(readFileSync(bundle, "utf8")).not.toContain("ZodType");
    expect(readFileSync(path.join(appRoot, "dist", "commands.cjs"), "utf8")).toContain("ZodType");
  });

  it("measures text with packages that are only in its second file", () => {
    expect(readFileSync(bundle, "utf8")).not.toContain("Intl.Segmenter");
    expect(readFileSync(path.join(appRoot, "dist", "commands.cjs"), "utf8")).toContain("Intl.Segmenter");
  });

  it.each(["cli.cjs", "commands.cjs"])("has only ASCII in %s, which is read in half the time of other text", (file) => {
    const bytes = readFileSync(path.join(appRoot, "dist", file));
    expect(bytes.findIndex((byte) => byte > 127)).toBe(-1);
  });

  it("loads the rest for a real command, so that the trace above can fail", () => {
    const { loaded } = traced("configs", "list", "--project", path.join(appRoot, "fixtures", "nowhere"));
    expect(loaded.some((it) => it.endsWith("commands.cjs"))).toBe(true);
  });

  it("prints the same help as the source", () => {
    const source = execFileSync(process.execPath, [path.join(appRoot, "src-cli", "main.ts"), "run", "--help"], {
      encoding: "utf8",
    });
    expect(traced("run", "--help").stdout).toBe(source);
  });
});
