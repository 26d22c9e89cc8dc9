import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { actorOf } from "./actor.ts";

it("who decides is named by the variable, else by user and machine", () => {
  expect(actorOf({ env: { SIGNALBOX_ACTOR: "release-manager" } })).toBe("release-manager");
  expect(actorOf({ env: {} })).toBe(`${os.userInfo().username}@${os.hostname()}`);
});

it.runIf(process.getuid?.() === 0)("under a number that no user has, by that number", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-actor-"));
  try {
    // Read by another user: the checkout may be closed to it.
    copyFileSync(path.join(import.meta.dirname, "actor.ts"), path.join(folder, "actor.ts"));
    const script = `process.setgid(54321); process.setuid(54321); console.log(actorOf({ env: {} }));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { actorOf } = await import(${JSON.stringify(path.join(folder, "actor.ts"))}); ${script}`,
      ],
      { encoding: "utf8" },
    );
    expect(stdout.trim(), stderr).toBe(`uid-54321@${os.hostname()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
