import { accessSync, constants } from "node:fs";
import path from "node:path";
import { formatBytes } from "../../../../src-view/numbers.ts";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { freeBytes } from "../../../foundation/files/free-space.ts";
import { nearestExisting } from "../../../foundation/files/nearest-existing.ts";
import { findReadyEnvironment } from "../build/ensure.ts";
import { choosePython, findPythons } from "../build/pythons.ts";
import { runTool } from "../build/tool.ts";
import type { Examination, Finding } from "./examination.ts";

/** Free space below which a run is likely to fail, and below which no run can succeed. */
const scarceBytes = 5e9;
const tooLittleBytes = 5e8;

export function checkNode(): Finding {
  const identity: unknown = JSON.parse(readText(path.join(appRoot, "package.json")));
  const version = typeof identity === "object" && identity !== null && "version" in identity ? identity.version : "?";
  const found = `Signalbox ${version}, Node ${process.versions.node} (${process.platform}-${process.arch})`;
  return { name: "Node", state: "ok", found, fix: null };
}

export async function checkPython({ core, signal }: Examination): Promise<Finding> {
  const ready = findReadyEnvironment({ home: core.home, groups: [], env: core.env });
  if (ready !== undefined)
    return { name: "Python", state: "ok", found: `Python ${ready.pythonMinor}: ${ready.python}`, fix: null };
  const above = nearestExisting(core.home);
  if (!isWritable(above))
    return {
      name: "Python",
      state: "problem",
      found: `the packages are not installed yet, and ${above} can't be written to`,
      fix: "Let SIGNALBOX_HOME name a folder that you may write to: the first run installs them there.",
    };
  // If no Python is suitable, this throws an error that says what to install.
  const python = choosePython(await findPythons({ env: core.env, cwd: above, signal }));
  return {
    name: "Python",
    state: "warning",
    found: `Python ${python.version}; the packages are not installed yet`,
    fix: "Nothing to do: the first run installs them (about a minute, 1 GiB).",
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function checkDisk({ core }: Examination): Finding {
  const places = [...new Set([core.projectDir, nearestExisting(core.home)])].map((folder) => {
    return { folder, free: freeBytes(folder) };
  });
  const least = Math.min(...places.map((place) => place.free));
  const state = least < tooLittleBytes ? "problem" : least < scarceBytes ? "warning" : "ok";
  const found = places.map(({ folder, free }) => `${formatBytes(free)} free at ${folder}`).join("; ");
  const fix = state === "ok" ? null : "Free some space.";
  const actions = state === "ok" ? [] : [nextStep("environment.collect", {}, "shows what it can free")];
  return { name: "Disk", state, found, fix, actions };
}

export async function checkGit({ core, signal }: Examination): Promise<Finding> {
  const call = (argv: readonly [string, ...string[]]) => runTool({ argv, env: core.env, cwd: core.projectDir, signal });
  const version = await call(["git", "--version"]);
  if (version.code !== 0)
    return {
      name: "git",
      state: "problem",
      found: "git is not installed",
      fix: "Install git (Debian, Ubuntu: apt install git; macOS: xcode-select --install).",
    };
  const found = version.stdout.trim();
  const who = await call(["git", "config", "user.email"]);
  if (who.code === 0 && who.stdout.trim() !== "") return { name: "git", state: "ok", found, fix: null };
  return {
    name: "git",
    state: "warning",
    found: `${found}; your name isn't set, so Signalbox can't commit for you`,
    fix: core.env.HOME === undefined ? "Set HOME, then your name and address in git." : "Set your name and address.",
    actions:
      core.env.HOME === undefined
        ? []
        : [
            programStep(["git", "config", "--global", "user.name", "Your Name"], "sets your name"),
            programStep(["git", "config", "--global", "user.email", "you@example.org"], "sets your address"),
          ],
  };
}
