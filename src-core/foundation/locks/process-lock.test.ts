import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isLocked, tryLock } from "./process-lock.ts";

let folder: string;
const file = () => path.join(folder, "it.lock");
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "sb-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process that takes the lock and holds it. */
async function holder() {
  const source = `const { tryLock } = await import(${JSON.stringify(new URL("./process-lock.ts", import.meta.url).href)});
    console.log(tryLock(${JSON.stringify(file())}) === undefined ? "refused" : "held");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await new Promise<string>((resolve) =>
    child.stdout.once("data", (bytes) => resolve(String(bytes).trim())),
  );
  const kill = () =>
    new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  return { said, kill, pid: child.pid };
}

test("a lock is held by one process at a time, and seen by others", async () => {
  expect(isLocked(file())).toBe(false);
  const other = await holder();
  expect(other.said).toBe("held");
  expect(isLocked(file())).toBe(true);
  expect(tryLock(file())).toBeUndefined();
  const third = await holder();
  expect(third.said).toBe("refused");
  await Promise.all([other.kill(), third.kill()]);
});

test("a lock is free as soon as its holder is killed", async () => {
  const other = await holder();
  await other.kill();
  expect(isLocked(file())).toBe(false);
  const mine = tryLock(file());
  expect(mine).toBeDefined();
  expect(isLocked(file())).toBe(true);
  mine?.release();
  expect(isLocked(file())).toBe(false);
});

test("a lock that is let go of soon is waited for", async () => {
  const other = await holder();
  expect(tryLock(file())).toBeUndefined();
  // The wait blocks this process: a third one ends the holder.
  spawn("sh", ["-c", `sleep 0.3; kill -9 ${other.pid}`]);
  const mine = tryLock(file(), 3000);
  expect(mine).toBeDefined();
  mine?.release();
});
