import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { quietly } from "./processes.mjs";
import { step } from "./report.mjs";

/** The sources of the bundle, without tests; bin/signalbox checks the same list. */
export const bundleSources = [
  "src-core",
  "src-view",
  "src-cli",
  "workers",
  "scripts/build.ts",
  "package.json",
  "package-lock.json",
];

/** @param {string} file @returns {number} the latest change of a file or of anything in a folder, in ms */
function latestChange(file) {
  const stat = statSync(file);
  if (!stat.isDirectory()) return file.endsWith(".test.ts") ? 0 : stat.mtimeMs;
  // A folder's own time changes when a file is removed from it.
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => latestChange(path.join(file, name))));
}

/** The set-up records the Node that bin/signalbox starts, so that no command has to search for one. @param {string} root */
const nodeRecord = (root) => path.join(root, "dist", ".node");

/** @param {string} root */
function isNodeRecorded(root) {
  try {
    accessSync(readFileSync(nodeRecord(root), "utf8").trim(), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} root */
function areSourcesOlder(root) {
  const stamp = path.join(root, "dist", ".stamp");
  if (!existsSync(stamp)) return false;
  const made = statSync(stamp).mtimeMs;
  return bundleSources.every((name) => latestChange(path.join(root, name)) <= made);
}

/** @param {string} root */
export function isBundleCurrent(root) {
  return isNodeRecorded(root) && areSourcesOlder(root);
}

/**
 * Bundles the command line if a source changed.
 * @param {string} root @param {string} node the Node to run the build, and later the commands, under
 */
export async function makeBundle(root, node) {
  if (!areSourcesOlder(root))
    await step("Bundling the command line", () =>
      quietly(node, [path.join(root, "scripts", "build.ts")], {
        cwd: root,
        doing: "Bundling",
        otherwise: "Fix the source named above, then run the command again.",
      }),
    );
  if (isNodeRecorded(root)) return;
  mkdirSync(path.dirname(nodeRecord(root)), { recursive: true });
  writeFileSync(`${nodeRecord(root)}.${process.pid}`, `${node}\n`);
  renameSync(`${nodeRecord(root)}.${process.pid}`, nodeRecord(root));
}
