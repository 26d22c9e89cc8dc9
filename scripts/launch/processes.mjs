import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { hintFor, SetupError } from "./report.mjs";

/** The part of a tool's output that explains its failure: npm's error lines (its last lines are help), else the end. @param {string} output */
function tellingLines(output) {
  const lines = output.trim().split("\n");
  const errors = lines.filter((line) => /^npm (error|ERR!) ./.test(line) && !line.includes("complete log"));
  return errors.length > 0 ? errors.slice(0, 12) : lines.slice(-12);
}

/**
 * Runs a tool without showing its output; resolves with its standard output.
 * @param {string} command @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, doing: string, otherwise: string }} options
 * @returns {Promise<string>}
 */
export function quietly(command, args, { cwd, env, doing, otherwise }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let all = "";
    child.stdout.on("data", (piece) => {
      out += piece;
      all += piece;
    });
    child.stderr.on("data", (piece) => {
      all += piece;
    });
    child.on("error", (error) =>
      reject(new SetupError(`${doing} failed: ${error.message}`, hintFor(String(error), otherwise))),
    );
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(out);
      const tail = tellingLines(all).join("\n");
      reject(new SetupError(`${doing} failed (${signal ?? `exit ${code}`}):\n${tail}`, hintFor(all, otherwise)));
    });
  });
}

/** npm as a command: the one that started us, else the one on the PATH. @returns {{ command: string, args: string[] }} */
export function npmCommand() {
  const started = process.env.npm_execpath;
  if (started !== undefined && path.basename(started) === "npm-cli.js" && existsSync(started))
    return { command: process.execPath, args: [started] };
  const beside = path.join(path.dirname(process.execPath), "npm");
  if (existsSync(beside)) return { command: beside, args: [] };
  const found = (process.env.PATH ?? "").split(path.delimiter).some((folder) => existsSync(path.join(folder, "npm")));
  if (!found)
    throw new SetupError(
      "npm isn't installed.",
      "Install Node.js 22.18 or newer together with npm, then run the command again.",
    );
  return { command: "npm", args: [] };
}

/**
 * Runs the real command under another Node and exits in the same way.
 * @param {string} node @param {readonly string[]} args
 */
export function handOver(node, args) {
  // Packages' own commands start with `#!/usr/bin/env node`: they must find this Node too.
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ""}` };
  const child = spawn(node, args, { stdio: "inherit", env });
  // A terminal sends Ctrl-C to the whole foreground group: passing it on would deliver it twice.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => {
      if (signal !== "SIGINT" || !isTerminal) child.kill(signal);
    });
  child.on("error", (error) => {
    process.stderr.write(`${node} can't be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
