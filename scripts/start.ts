import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnvironment } from "../src-core/areas/environment/build/ensure.ts";
import { AppError } from "../src-core/contract/errors.ts";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { dataHome } from "../src-core/foundation/files/paths.ts";

// npm start: runs the whole pipeline on the sample project.

const sample = path.join(appRoot, "flights");

function signalbox(...args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const command = path.join(appRoot, "bin", "signalbox");
    const child = spawn(command, args, { cwd: appRoot, stdio: "inherit" });
    child.on("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => child.kill(signal));
  });
}

// Ctrl-C reaches the command directly; this process waits for its exit code.
process.on("SIGINT", () => {});
try {
  await ensurePythonEnvironment({
    home: dataHome(process.env),
    groups: [],
    env: process.env,
    report: ({ message }) => process.stderr.write(`${message}\n`),
  });
  const unpacked = existsSync(path.join(sample, "signalbox.yaml"))
    ? 0
    : await signalbox("init", sample, "--sample", "flights");
  process.exitCode = unpacked === 0 ? await signalbox("run", "--project", sample) : unpacked;
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint === undefined ? "" : `What to do: ${error.hint}\n`}`);
  process.exitCode = 5;
}
