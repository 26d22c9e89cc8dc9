import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import { cli } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { smallTable } from "../support/small-table.ts";

let folder: string;
let server: TestServer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-readme-"));
  server = await startTestServer();
  writeFileSync(path.join(folder, "orders.csv"), smallTable(2_000));
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The commands in the README's console blocks, without their prompts. */
function commands(): readonly string[] {
  const text = readFileSync(path.join(appRoot, "README.md"), "utf8");
  return [...text.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : [])),
  );
}

describe("the README", () => {
  it("shows commands that work as written", async () => {
    const lines = commands();
    expect(lines.length).toBeGreaterThanOrEqual(5);
    let cwd = folder;
    for (const line of lines) {
      const [program, ...args] = line.split(" ");
      if (program === "cd") {
        cwd = path.join(cwd, args[0] ?? "");
        continue;
      }
      expect(program).toBe("signalbox");
      const env = { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "1000" };
      const result = await cli(args, { cwd, env });
      expect(result.code, `${line}\n${result.stderr}`).toBe(0);
    }
  });

  it("links to pages that exist", () => {
    const text = readFileSync(path.join(appRoot, "README.md"), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(() => readFileSync(path.join(appRoot, target)), target).not.toThrow();
    }
  });
});
