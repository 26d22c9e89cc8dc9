import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { cliEntry } from "../support/cli.ts";
import { smallProject } from "../support/small-project.ts";

/** Runs the command line in a shell, whose redirections close or fill its output. */
function inShell(command: string, cwd = process.cwd()) {
  const signalbox = `'${process.execPath}' '${cliEntry}'`;
  const child = spawn("/bin/sh", ["-c", command.replaceAll("signalbox", signalbox)], {
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes) => {
    stdout += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    stderr += String(bytes);
  });
  return new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stdout, stderr })),
  );
}

it("a reader that stops early ends a command without a word", async () => {
  for (const command of [
    "signalbox --help",
    "signalbox doctor --json",
    "signalbox completion bash",
    "signalbox nonsense --help",
  ]) {
    // The reader is gone before the command writes.
    const { stderr } = await inShell(`{ ${command}; echo "code $?" >&2; } | true`);
    expect(stderr.replace("There is no command 'nonsense'. signalbox --help lists the commands.\n", "")).toMatch(
      /^code [02]\n$/,
    );
  }
});

it.runIf(existsSync("/dev/full"))("a full disk is said, with its exit code", async () => {
  for (const command of ["signalbox --help", "signalbox doctor --json", "signalbox --version"]) {
    const { code, stderr } = await inShell(`${command} > /dev/full`);
    expect([code, stderr]).toEqual([5, expect.stringContaining("Can't write the output: ENOSPC")]);
  }
});

it("without standard error, the report is written all the same", async () => {
  const project = await smallProject();
  for (const closing of ["2>&-", "2>/dev/full"]) {
    const { code, stdout } = await inShell(`signalbox splits check ${closing}`, project);
    expect([code, stdout]).toEqual([0, expect.stringContaining("reference")]);
  }
  const piped = await inShell(`{ signalbox splits check 3>&1 1>&4 2>&3 | true; } 4>&1`, project);
  expect(piped.stdout).toContain("reference");
}, 60_000);
