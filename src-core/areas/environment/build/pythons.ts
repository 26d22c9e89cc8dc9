import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { trainerFolder } from "./locks.ts";
import { runTool } from "./tool.ts";

/** The minor versions that the locks support, the preferred one first. */
export const supportedMinors = ["3.13", "3.12", "3.11"] as const;

export interface Interpreter {
  /** Absolute path, with links resolved. */
  readonly python: string;
  /** "3.12" */
  readonly minor: string;
  readonly version: string;
}

interface Search {
  /** `SIGNALBOX_PYTHON` is the interpreter to use; without it, those on the PATH are tried. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

const question = path.join(trainerFolder, "programs", "describe_python.py");

async function ask(command: string, { env, cwd, signal }: Search): Promise<Interpreter | undefined> {
  const answer = await runTool({ argv: [command, "-I", question], env, cwd, signal });
  const [python, version] = answer.stdout.trim().split("\n");
  if (answer.code !== 0 || python === undefined || version === undefined) return undefined;
  return { python, version, minor: version.split(".").slice(0, 2).join(".") };
}

/** Finds all Pythons, usable or not, in order of preference. */
export async function findPythons(search: Search): Promise<readonly Interpreter[]> {
  const named = search.env.SIGNALBOX_PYTHON;
  const commands = named ? [named] : [...supportedMinors.map((minor) => `python${minor}`), "python3", "python"];
  const answers = await Promise.all(commands.map((command) => ask(command, search)));
  const found = answers.filter((answer) => answer !== undefined);
  return found.filter((one, index) => found.findIndex((other) => other.version === one.version) === index);
}

/** @throws environment/no-python with the versions that were found */
export function choosePython(found: readonly Interpreter[]): Interpreter {
  const usable = found.find(({ minor }) => supportedMinors.some((supported) => supported === minor));
  if (usable !== undefined) return usable;
  const seen = found.map(({ version, python }) => `${version} (${python})`).join(", ");
  throw new AppError({
    code: "environment/no-python",
    message: `Training needs Python 3.11, 3.12 or 3.13; found ${seen || "none"}.`,
    hint: "Install one (Debian, Ubuntu: apt install python3.12 python3.12-venv; macOS: brew install python@3.12), or set SIGNALBOX_PYTHON=/path/to/python.",
    details: { found },
  });
}
