import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sha256 } from "../../src-core/foundation/files/digest.ts";

/** A trainer folder whose locks pin one tiny package, and the settings with which uv finds it offline. */
export interface TinyTrainer {
  readonly trainer: string;
  readonly env: NodeJS.ProcessEnv;
}

const program = `
import sys, zipfile
name, target = sys.argv[1:]
with zipfile.ZipFile(target, "w") as wheel:
    def put(path, text): wheel.writestr(zipfile.ZipInfo(path), text)
    put(f"{name}.py", "ANSWER = 42\\n")
    put(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
    put(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    put(f"{name}-1.0.dist-info/RECORD", f"{name}.py,,\\n{name}-1.0.dist-info/METADATA,,\\n{name}-1.0.dist-info/WHEEL,,\\n{name}-1.0.dist-info/RECORD,,\\n")
`;

/** Builds the wheels `tiny_base` and `tiny_group`, and the locks of the base and of lightgbm that pin them. */
export function tinyTrainer(folder: string): TinyTrainer {
  const wheels = path.join(folder, "wheels");
  const trainer = path.join(folder, "trainer");
  mkdirSync(wheels, { recursive: true });
  mkdirSync(trainer, { recursive: true });
  const lock = (name: string, file: string) => {
    const wheel = path.join(wheels, `${name}-1.0-py3-none-any.whl`);
    const made = spawnSync("python3", ["-c", program, name, wheel], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(made.stderr);
    writeFileSync(path.join(trainer, file), `${name}==1.0 \\\n    --hash=sha256:${sha256(readFileSync(wheel))}\n`);
  };
  lock("tiny_base", "requirements.lock");
  lock("tiny_group", "requirements-lightgbm.lock");
  return { trainer, env: { ...process.env, UV_OFFLINE: "1", UV_FIND_LINKS: wheels, UV_NO_INDEX: "1" } };
}
