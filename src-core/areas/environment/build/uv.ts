import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import type { Interpreter } from "./pythons.ts";
import { runTool, toolFailure } from "./tool.ts";

/** The version that is installed privately if the machine has no uv. */
const privateVersion = "0.13.8";

interface Need {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly python: Interpreter;
  readonly report: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Finds uv: that of the machine if it works, else a private one, which is installed from PyPI. @throws environment/no-uv */
export async function findUv(need: Need): Promise<string> {
  const { env, home, signal } = need;
  const own = await runTool({ argv: ["uv", "--version"], env, cwd: home, signal });
  if (own.code === 0) return "uv";
  const folder = path.join(home, "uv", privateVersion);
  const uv = path.join(folder, "bin", "uv");
  if (!existsSync(uv)) await installUv(folder, need);
  return uv;
}

/** The scripts of a virtual environment contain its path, but uv is a plain binary that also works after the rename. */
async function installUv(folder: string, { home, env, python, report, signal }: Need): Promise<void> {
  report(`installing uv ${privateVersion} from PyPI`);
  const scratch = `${folder}.new-${process.pid}`;
  mkdirSync(path.dirname(folder), { recursive: true });
  try {
    const venv = await runTool({ argv: [python.python, "-m", "venv", scratch], env, cwd: home, signal });
    if (venv.code !== 0)
      throw new AppError({
        code: "environment/no-uv",
        message: `uv is not installed, and ${python.python} can't create a virtual environment for it: ${venv.output.trim().split("\n").at(-1) ?? ""}`,
        hint: `Install Python's venv module (Debian, Ubuntu: apt install python${python.minor}-venv), or uv itself: https://docs.astral.sh/uv`,
      });
    const pip = [path.join(scratch, "bin", "python"), "-m", "pip", "install", "--quiet"] as const;
    const flags = ["--disable-pip-version-check", "--no-input", `uv==${privateVersion}`];
    const installed = await runTool({ argv: [...pip, ...flags], env, cwd: home, signal });
    if (installed.code !== 0) throw toolFailure("Installing uv", installed);
    try {
      renameSync(scratch, folder);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(path.join(folder, "bin", "uv"))) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
