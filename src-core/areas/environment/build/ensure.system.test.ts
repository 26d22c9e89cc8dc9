import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TinyTrainer, tinyTrainer } from "../../../../test/support/tiny-wheel.ts";
import type { Progress } from "../../../contract/operation.ts";
import { ensurePythonEnvironment, environmentsFolder, findReadyEnvironment, recordName } from "./ensure.ts";

let root: string;
let home: string;
let tiny: TinyTrainer;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "environment-"));
  home = path.join(root, "home");
  tiny = tinyTrainer(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const need = (groups: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => ({
  home,
  groups,
  trainer: tiny.trainer,
  env: { ...tiny.env, ...env },
});

const answerOf = (python: string, name: string) =>
  spawnSync(python, ["-c", `import ${name}; print(${name}.ANSWER)`], { encoding: "utf8" }).stdout.trim();

describe("building an environment", () => {
  it("installs and compiles what the lock pins, whatever the user's settings are", async () => {
    const own = path.join(root, "own-venv");
    mkdirSync(own);
    const said: Progress[] = [];
    const made = await ensurePythonEnvironment({
      ...need([], { VIRTUAL_ENV: own, PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: own }),
      report: (progress) => said.push(progress),
    });
    expect(answerOf(made.python, "tiny_base")).toBe("42");
    const lib = path.join(home, "python", made.digest, "lib", `python${made.pythonMinor}`, "site-packages");
    expect(readdirSync(path.join(lib, "__pycache__")).some((name) => name.startsWith("tiny_base."))).toBe(true);
    expect(readdirSync(own)).toEqual([]);
    expect(said.at(-1)?.message).toMatch(/^Python environment \(Python 3\.1\d\.\d+\): \d+\.\d s$/);
  });

  it("finds an existing environment without starting a process or reporting progress", async () => {
    const made = await ensurePythonEnvironment(need());
    const said: Progress[] = [];
    const again = await ensurePythonEnvironment({ ...need([], { PATH: "" }), report: (it) => said.push(it) });
    expect(again).toEqual(made);
    expect(said).toEqual([]);
  });

  it("builds another environment for another lock and doesn't change the first", async () => {
    const first = await ensurePythonEnvironment(need());
    const lock = path.join(tiny.trainer, "requirements.lock");
    writeFileSync(lock, `# changed\n${readFileSync(lock, "utf8")}`);
    const second = await ensurePythonEnvironment(need());
    expect(second.digest).not.toBe(first.digest);
    expect(answerOf(first.python, "tiny_base")).toBe("42");
  });

  it("asks before it installs a group next to the base", async () => {
    await expect(ensurePythonEnvironment(need(["lightgbm"]))).rejects.toMatchObject({
      code: "environment/group-missing",
      next: [{ operation: "environment.add", input: { group: "lightgbm" }, why: expect.any(String), answers: "first" }],
    });
    const made = await ensurePythonEnvironment({ ...need(["lightgbm"]), mayAddGroups: true });
    expect(answerOf(made.python, "tiny_base")).toBe("42");
    expect(answerOf(made.python, "tiny_group")).toBe("42");
    expect((await ensurePythonEnvironment(need(["lightgbm"]))).digest).toBe(made.digest);
  });

  it("builds only once for two processes that start together", async () => {
    const program = path.join(root, "ensure.mjs");
    const module = path.join(import.meta.dirname, "ensure.ts");
    writeFileSync(
      program,
      `import { ensurePythonEnvironment } from ${JSON.stringify(module)};
       const need = { ...${JSON.stringify({ home, groups: [], trainer: tiny.trainer })}, env: process.env };
       const { digest } = await ensurePythonEnvironment({ ...need, report: ({ state }) => state && console.log(state) });
       console.log(digest);`,
    );
    const run = () =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, ["--no-warnings", program], {
          env: tiny.env,
          stdio: ["ignore", "pipe", "inherit"],
        });
        let out = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          out += text;
        });
        child.on("close", () => resolve(out));
      });
    const outputs = await Promise.all([run(), run()]);
    expect(outputs.join("").match(/started/g)).toHaveLength(1);
    expect(new Set(outputs.map((out) => out.trim().split("\n").at(-1))).size).toBe(1);
  });

  it("removes the remains of a killed build", async () => {
    const { digest } = await ensurePythonEnvironment(need());
    const folder = path.join(environmentsFolder(home), digest);
    rmSync(path.join(folder, recordName));
    writeFileSync(path.join(folder, "half"), "");
    expect(findReadyEnvironment(need())).toBeUndefined();
    expect((await ensurePythonEnvironment(need())).digest).toBe(digest);
    expect(existsSync(path.join(folder, "half"))).toBe(false);
  });
});

describe("an index behind a proxy that intercepts connections", () => {
  /** A uv whose sync fails on the certificate unless `condition` holds in the shell. */
  function strictUv(
    condition: string,
    words = "invalid peer certificate: UnknownIssuer (client error: Connect)",
  ): string {
    const bin = path.join(root, "bin");
    mkdirSync(bin);
    const certificate = `echo "${words}" >&2; exit 2`;
    const script = [
      "#!/bin/sh",
      'case "$1" in --version) echo uv 0.9.0; exit 0;; esac',
      'for last; do :; done; case "$1" in venv) exec python3 -m venv "$last";; esac',
      `${condition} || { ${certificate}; }`,
    ].join("\n");
    writeFileSync(path.join(bin, "uv"), `${script}\n`, { mode: 0o755 });
    return `${bin}:${tiny.env.PATH ?? process.env.PATH}`;
  }

  it("is tried again with the certificates of the system", async () => {
    const PATH = strictUv('[ "$UV_SYSTEM_CERTS" = true ]');
    const made = await ensurePythonEnvironment(need([], { PATH }));
    expect(findReadyEnvironment(need([], { PATH }))?.digest).toBe(made.digest);
  });

  it("and a person's setting that hides newer packages are passed over", async () => {
    const words =
      "hint: \\`tiny\\` was filtered by \\`exclude-newer\\` to only include packages uploaded before 2001-01-01";
    const PATH = strictUv('[ "$UV_NO_CONFIG" = 1 ] && [ -z "$UV_EXCLUDE_NEWER" ]', words);
    const asked = need([], { PATH, UV_EXCLUDE_NEWER: "2001-01-01" });
    expect((await ensurePythonEnvironment(asked)).digest).toBe(findReadyEnvironment(asked)?.digest);
  });

  it("is reported if those don't help either", async () => {
    const PATH = strictUv("false");
    await expect(ensurePythonEnvironment(need([], { PATH }))).rejects.toMatchObject({
      code: "environment/install-failed",
      hint: expect.stringMatching(/certificate .* isn't trusted.*SSL_CERT_FILE/),
    });
  });
});

describe("a failure", () => {
  it("leaves nothing behind if a package isn't the one in the lock", async () => {
    const lock = path.join(tiny.trainer, "requirements.lock");
    writeFileSync(lock, readFileSync(lock, "utf8").replace(/sha256:.*/, `sha256:${"0".repeat(64)}`));
    await expect(ensurePythonEnvironment(need())).rejects.toMatchObject({ code: "environment/install-failed" });
    expect(readdirSync(environmentsFolder(home))).toEqual([]);
  });

  it("names the Pythons it found if none is suitable", async () => {
    const bin = path.join(root, "bin");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "python3"), "#!/bin/sh\necho /usr/bin/python3\necho 3.9.2\n", { mode: 0o755 });
    await expect(ensurePythonEnvironment(need([], { PATH: `${bin}:/nowhere` }))).rejects.toMatchObject({
      code: "environment/no-python",
      message: "Training needs Python 3.11, 3.12 or 3.13; found 3.9.2 (/usr/bin/python3).",
    });
  });

  it("says how to install uv if there is no Python that could do it", async () => {
    const bin = path.join(root, "bin");
    mkdirSync(bin);
    const python = `#!/bin/sh\ncase "$*" in *venv*) echo "No module named venv" >&2; exit 1;; esac\necho ${bin}/python3\necho 3.12.1\n`;
    writeFileSync(path.join(bin, "python3"), python, { mode: 0o755 });
    await expect(ensurePythonEnvironment(need([], { PATH: bin }))).rejects.toMatchObject({
      code: "environment/no-uv",
      hint: expect.stringContaining("apt install python3.12-venv"),
    });
  });

  it("refuses a group that has no lock", async () => {
    await expect(ensurePythonEnvironment(need(["torch"]))).rejects.toMatchObject({
      code: "environment/unknown-group",
      hint: "Use one of lightgbm, xgboost, dev, dvc.",
    });
  });

  it("doesn't use an environment whose Python was removed", async () => {
    const { python } = await ensurePythonEnvironment(need());
    rmSync(python);
    symlinkSync("/nowhere/python3", python);
    expect(findReadyEnvironment(need())).toBeUndefined();
  });

  if (process.getuid?.() !== 0)
    console.warn("NOT TESTED: an environment on a full disk, for only root may mount a small one.");
  it.runIf(process.getuid?.() === 0)("stops before it fills the disk", async () => {
    mkdirSync(home);
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", home]);
    try {
      await expect(ensurePythonEnvironment(need())).rejects.toMatchObject({ code: "files/disk-full" });
    } finally {
      spawnSync("umount", [home]);
    }
  });
});
