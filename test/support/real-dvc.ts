import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensurePythonEnvironment } from "../../src-core/areas/environment/build/ensure.ts";
import { dataHome } from "../../src-core/foundation/files/paths.ts";

/**
 * Path of the real `dvc` program for tests of interoperability: SIGNALBOX_TEST_DVC, else the one of the locked
 * `dvc` group in the managed environments.
 */
export async function realDvc(): Promise<string> {
  const named = process.env.SIGNALBOX_TEST_DVC;
  if (named) {
    if (!existsSync(named)) throw new Error(`SIGNALBOX_TEST_DVC names ${named}, which doesn't exist.`);
    return named;
  }
  return await managedDvc();
}

async function managedDvc(): Promise<string> {
  const { python } = await ensurePythonEnvironment({
    home: dataHome(process.env),
    groups: ["dvc"],
    mayAddGroups: true,
    env: process.env,
  });
  return path.join(path.dirname(python), "dvc");
}

export interface RealDvc {
  /** Runs `dvc …` in a folder and returns its standard output. Throws with its whole output if it fails. */
  readonly run: (cwd: string, ...args: string[]) => string;
}

/** The real dvc with a separate home, so that no test uses the user's settings or site cache. */
export async function openRealDvc(): Promise<RealDvc> {
  const program = await realDvc();
  const home = mkdtempSync(path.join(os.tmpdir(), "dvc-home-"));
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    DVC_NO_ANALYTICS: "1",
    DVC_SITE_CACHE_DIR: path.join(home, "site"),
    PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH ?? ""}`,
  };
  return {
    run: (cwd, ...args) => {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
      if (status !== 0) throw new Error(`dvc ${args.join(" ")} in ${cwd} ended with ${status}:\n${stdout}${stderr}`);
      return stdout;
    },
  };
}

/** A new folder that is a git repository. */
export function gitFolder(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  execFileSync("git", ["init", "--quiet", folder]);
  return folder;
}
