import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, cliJson } from "../support/cli.ts";
import { smallProject } from "../support/small-project.ts";

/** Names beyond ASCII, in a locale that has them in one byte (or not at all): of the folder, the experiment and the model. */

const names = { folder: "Läden für Œuvres", experiment: "Größe_ä", model: "Modell_ß" } as const;

let locales: string;
let isMade: boolean;
beforeAll(() => {
  locales = mkdtempSync(path.join(os.tmpdir(), "sb-locales-"));
  const made = path.join(locales, "de_DE.ISO-8859-1");
  // Its exit code counts warnings, too.
  spawnSync("localedef", ["-i", "de_DE", "-f", "ISO-8859-1", made]);
  isMade = readdirSync(locales).length > 0;
});
afterAll(() => rmSync(locales, { recursive: true, force: true }));

describe("names beyond ASCII are kept", () => {
  it.each([
    ["in a Latin-1 locale, where the machine can make one", () => (isMade ? "de_DE.ISO-8859-1" : "C")],
    ["in the C locale", () => "C"],
  ])(
    "%s",
    async (_, locale) => {
      const env = { LANG: undefined, LC_CTYPE: undefined, LC_ALL: locale(), LOCPATH: locales };
      const made = await smallProject();
      const project = path.join(path.dirname(made), names.folder);
      renameSync(made, project);
      const config = path.join(project, "signalbox.yaml");
      const text = readFileSync(config, "utf8").replace(/^tracking:\n( .*\n)*/m, "");
      writeFileSync(config, `${text}tracking: { experiment: ${names.experiment}, registered_model: ${names.model} }\n`);
      mkdirSync(path.join(project, "notes"));
      writeFileSync(path.join(project, "notes", "é.txt"), "e");
      const there = { cwd: project, env };
      try {
        const { code, stderr } = await cli(["run"], there);
        expect(code, stderr).toBe(0);
        expect((await cli(["data", "add", "notes"], there)).code).toBe(0);
        // A name in other bytes would be a second folder, which no UTF-8 string names.
        const found = spawnSync("find", [path.dirname(project), "-print0"]).stdout;
        expect(found.length).toBeGreaterThan(1_000);
        expect(Buffer.from(found.toString("utf8")).equals(found)).toBe(true);
        expect(readdirSync(path.dirname(project)).toSorted()).toEqual([names.folder, "orders.csv"]);
        const status = await cliJson<{ folder: string; production: { model: string } | null; problems: unknown[] }>(
          ["status"],
          there,
        );
        expect(status).toMatchObject({ folder: project, production: { model: names.model }, problems: [] });
        expect((await cli(["status"], there)).stdout).toContain(project);
        const { runs } = await cliJson<{ runs: readonly { runId: string }[] }>(["runs", "list"], there);
        const report = await cliJson<{ experiment: string }>(["runs", "show", runs[0]?.runId ?? ""], there);
        expect(report.experiment).toBe(names.experiment);
        expect((await cli(["models", "verify", names.model], there)).code).toBe(0);
        expect((await cli(["data", "status"], there)).stdout).toContain("Everything is unchanged.");
      } finally {
        await cli(["mlflow", "stop"], there);
        rmSync(path.dirname(project), { recursive: true, force: true });
      }
    },
    240_000,
  );
});
