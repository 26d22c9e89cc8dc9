import { spawn } from "node:child_process";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError, cancelled, type ErrorCode } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Returns the user's environment variables without those that would lead Python tools into another environment. The sources of packages
 * (index addresses, proxies, certificates) stay as the user has set them.
 */
const misleading = new Set([
  "VIRTUAL_ENV",
  "CONDA_PREFIX",
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONSTARTUP",
  // It would leave the packages uncompiled, and every import would take seconds.
  "PYTHONDONTWRITEBYTECODE",
  "PYTHONPYCACHEPREFIX",
  "PIP_TARGET",
  "PIP_PREFIX",
  "PIP_USER",
  "PIP_REQUIRE_VIRTUALENV",
  "PIP_NO_COMPILE",
  "UV_PYTHON",
  "UV_SYSTEM_PYTHON",
  "UV_TARGET",
  "UV_PREFIX",
  "UV_NO_BINARY",
  "UV_COMPILE_BYTECODE",
  // The lock says which files; when they were uploaded doesn't matter.
  "UV_EXCLUDE_NEWER",
]);

function toolEnvironment(env: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !misleading.has(name)) kept[name] = value;
  return kept;
}

interface ToolCall {
  readonly argv: readonly [command: string, ...args: string[]];
  readonly env: Variables;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  /** Both streams, interleaved. */
  readonly output: string;
}

/** Runs a tool to its end. A command that can't be started has the exit code 127. @throws internal/cancelled */
export function runTool({ argv, env, cwd, signal }: ToolCall): Promise<ToolResult> {
  const [command, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: toolEnvironment(env), stdio: ["ignore", "pipe", "pipe"], signal });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", (error) => {
      if (signal?.aborted) reject(cancelled());
      else resolve({ code: 127, stdout, output: error.message });
    });
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, output }));
  });
}

export const untrustedCertificate = /invalid peer certificate|UnknownIssuer|certificate verify failed/i;

const signs: readonly {
  readonly sign: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
  readonly next?: readonly NextStep[];
}[] = [
  {
    sign: /no space left|ENOSPC|disk quota/i,
    code: "files/disk-full",
    hint: "Free about 2 GiB, then run the command again.",
    next: [nextStep("environment.collect", {}, "shows what it can free")],
  },
  {
    sign: /permission denied|EACCES/i,
    code: "files/no-permission",
    hint: "Get write permission for that folder, or set SIGNALBOX_HOME to another one.",
  },
  {
    sign: untrustedCertificate,
    code: "environment/install-failed",
    hint: "The certificate of the package index isn't trusted. If a proxy intercepts connections, install its certificate on the system, or set SSL_CERT_FILE=FILE",
  },
  {
    sign: /dns error|failed to lookup|connect|timed out|network|unreachable|name resolution|getaddrinfo/i,
    code: "environment/install-failed",
    hint: "The package index can't be reached. Check the network (and the proxy, if you need one), then run the command again. Finished downloads are kept.",
  },
];

/** Builds the error for a tool's failure, based on its output. */
export function toolFailure(doing: string, result: ToolResult): AppError {
  const found = signs.find(({ sign }) => sign.test(result.output));
  const tail = result.output.trim().split("\n").slice(-8).join("\n");
  return new AppError({
    code: found?.code ?? "environment/install-failed",
    message: `${doing} failed (exit ${result.code}): ${tail}`,
    hint: found?.hint ?? "Read the output of the tool above.",
    next: found === undefined ? [nextStep("environment.check", {}, "checks the machine")] : found.next,
    details: { exitCode: result.code },
  });
}
