import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { dataHome as coreDataHome } from "../src-core/foundation/files/paths.ts";
import { bundleSources, isBundleCurrent } from "./launch/bundle.mjs";
import { dataHome } from "./launch/home.mjs";
import { alone } from "./launch/lock.mjs";
import { arePackagesCurrent, installPackages } from "./launch/packages.mjs";
import { isNewEnough } from "./launch/private-node.mjs";
import { hintFor } from "./launch/report.mjs";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "launch-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, content: string, mode = 0o644): string {
  const whole = path.join(root, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, content, { mode });
  return whole;
}

/** A checkout with a fresh bundle that prints its arguments. */
function putCheckout(): string {
  for (const folder of ["src-core/foundation/files", "src-view", "src-cli", "workers", "node_modules"])
    mkdirSync(path.join(root, folder), { recursive: true });
  put("src-core/foundation/files/paths.ts", "");
  put("scripts/build.ts", "");
  put("package.json", "{}");
  put("package-lock.json", "{}");
  put("dist/cli.cjs", "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 6;");
  put("dist/.node", `${process.execPath}\n`);
  const stamp = put("dist/.stamp", "");
  const soon = new Date(Date.now() + 60_000);
  utimesSync(stamp, soon, soon);
  // Takes the place of the set-up and prints that it was called.
  put("scripts/launch.mjs", 'console.error("set-up", process.argv.slice(2).join(" "));');
  mkdirSync(path.join(root, "bin"));
  copyFileSync(path.join(appRoot, "bin", "signalbox"), path.join(root, "bin", "signalbox"));
  chmodSync(path.join(root, "bin", "signalbox"), 0o755);
  return path.join(root, "bin", "signalbox");
}

describe("bin/signalbox", () => {
  const call = (command: string, cwd = "/") => spawnSync(command, ["a b", "--x", "*"], { cwd, encoding: "utf8" });

  it("passes on arguments and exit code, without a set-up when nothing changed", () => {
    const { stdout, stderr, status } = call(putCheckout());
    expect({ stdout, stderr, status }).toEqual({ stdout: '["a b","--x","*"]\n', stderr: "", status: 6 });
  });

  it("finds its checkout through links, absolute and relative, from any folder", () => {
    const command = putCheckout();
    mkdirSync(path.join(root, "elsewhere"));
    symlinkSync(command, path.join(root, "elsewhere", "one"));
    symlinkSync("one", path.join(root, "elsewhere", "two"));
    expect(call(path.join(root, "elsewhere", "two")).stdout).toBe('["a b","--x","*"]\n');
    expect(call("./two", path.join(root, "elsewhere")).status).toBe(6);
    symlinkSync(path.join(root, "bin"), path.join(root, "linked-bin"));
    expect(call(path.join(root, "linked-bin", "signalbox")).status).toBe(6);
  });

  it("sets up when a source is newer than the bundle, but not for a test", () => {
    const command = putCheckout();
    const later = new Date(Date.now() + 120_000);
    utimesSync(put("src-core/foundation/files/paths.test.ts", ""), later, later);
    expect(call(command).stderr).toBe("");
    utimesSync(put("src-core/foundation/files/paths.ts", ""), later, later);
    expect(call(command).stderr).toBe("set-up --setup-only\n");
  });

  it("sets up when there is no bundle, or its Node no longer exists", () => {
    const command = putCheckout();
    put("dist/.node", "/nowhere/node\n");
    expect(call(command).stderr).toContain("set-up --setup-only");
    rmSync(path.join(root, "dist"), { recursive: true });
    expect(call(command)).toMatchObject({ status: 5, stderr: expect.stringContaining("set-up --setup-only") });
  });

  it("checks the same sources as the set-up", () => {
    putCheckout();
    expect(isBundleCurrent(root)).toBe(true);
    const later = new Date(Date.now() + 120_000);
    for (const source of bundleSources) {
      utimesSync(path.join(root, source), later, later);
      expect([source, isBundleCurrent(root), call(path.join(root, "bin", "signalbox")).stderr]).toEqual([
        source,
        false,
        "set-up --setup-only\n",
      ]);
      const past = new Date(0);
      utimesSync(path.join(root, source), past, past);
    }
  });
});

describe("the right Node", () => {
  it("is 22.18 or newer, because older ones crash in the database or don't strip types", () => {
    const versions = ["18.20.0", "20.20.2", "22.17.1", "22.18.0", "24.0.0", "26.1.0"];
    expect(versions.filter(isNewEnough)).toEqual(["22.18.0", "24.0.0", "26.1.0"]);
  });

  it("is in the same data folder as everything else", () => {
    const environments = [{}, { HOME: "/h" }, { HOME: "/h", XDG_DATA_HOME: "/x" }, { SIGNALBOX_HOME: "s", HOME: "/h" }];
    for (const env of environments)
      for (const platform of ["linux", "darwin"] as const)
        expect(dataHome(env, platform)).toBe(coreDataHome(env, platform));
  });
});

describe("packages", () => {
  const lock = (integrity: string) =>
    JSON.stringify({
      packages: {
        "": {},
        "node_modules/a": { version: "1", integrity },
        "node_modules/o": { version: "1", optional: true },
      },
    });

  it("aren't installed again after an installation by hand", async () => {
    put("package-lock.json", lock("x"));
    put(
      "node_modules/.package-lock.json",
      JSON.stringify({ packages: { "node_modules/a": { version: "1", integrity: "x" } } }),
    );
    expect(arePackagesCurrent(root)).toBe(false);
    await installPackages(root);
    expect(arePackagesCurrent(root)).toBe(true);
  });

  it("are out of date when the lock changed", async () => {
    put("package-lock.json", lock("x"));
    put(
      "node_modules/.package-lock.json",
      JSON.stringify({ packages: { "node_modules/a": { version: "1", integrity: "x" } } }),
    );
    await installPackages(root);
    put("package-lock.json", lock("y"));
    expect(arePackagesCurrent(root)).toBe(false);
  });
});

describe("a failed step", () => {
  it("has a hint that fits the tool's output", () => {
    expect(hintFor("npm error code ENOTFOUND", "")).toContain("network");
    expect(hintFor("npm error ENOSPC: no space left on device", "")).toContain("disk is full");
    expect(hintFor("npm error code EACCES", "")).toContain("permission");
    expect(hintFor("something else", "Read it.")).toBe("Read it.");
  });
});

describe("one set-up at a time", () => {
  it("makes the second wait for the first", async () => {
    const file = path.join(root, "locks", "setup");
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push(`${name} ends`);
    };
    await Promise.all([alone(file, work("a")), alone(file, work("b"))]);
    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends"]);
    expect(existsSync(file)).toBe(false);
  });

  it("takes over the lock of a dead process", async () => {
    const file = put("locks/setup", "1 0\n");
    expect(await alone(file, async () => "done")).toBe("done");
  });
});

describe("handing over", () => {
  const run = (program: string) => {
    const target = put("target.mjs", program);
    const module = path.join(appRoot, "scripts", "launch", "processes.mjs");
    const caller = put(
      "caller.mjs",
      `import { handOver } from ${JSON.stringify(module)}; handOver(process.execPath, [${JSON.stringify(target)}]);`,
    );
    return spawn(process.execPath, [caller], { stdio: ["ignore", "pipe", "inherit"] });
  };
  const ended = (child: ReturnType<typeof run>) =>
    new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));

  it("keeps the exit code", async () => {
    expect(await ended(run("process.exit(6);"))).toBe(6);
  });

  it("ends with the signal that ended the command", async () => {
    expect(await ended(run('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);'))).toBe("SIGKILL");
  });

  it("passes signals on", async () => {
    const child = run(
      'process.on("SIGTERM", () => process.exit(42)); console.log("ready"); setInterval(() => {}, 1000);',
    );
    child.stdout.once("data", () => child.kill("SIGTERM"));
    expect(await ended(child)).toBe(42);
  });
});
