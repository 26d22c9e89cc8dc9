import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { npmCommand, quietly } from "./processes.mjs";
import { step } from "./report.mjs";

/** @param {string} root */
const stampFile = (root) => path.join(root, "node_modules", ".signalbox-lock");

/** @param {string} root */
function wantedStamp(root) {
  const lock = readFileSync(path.join(root, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}\n`;
}

/** @param {string} file */
function readOrEmpty(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** @typedef {{ os?: string[], cpu?: string[], libc?: string[] }} Locked */

/** Whether a package of the lock is for platforms like this one; without a platform, it belongs to one that isn't. @param {Locked} wanted */
function isForHere({ os, cpu, libc }) {
  if (os === undefined && cpu === undefined) return false;
  const libcHere = process.platform === "linux" && libc !== undefined ? libcName() : undefined;
  const fits = (/** @type {string[] | undefined} */ names, /** @type {string | undefined} */ here) =>
    names === undefined || here === undefined || names.includes(here);
  return fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, libcHere);
}

function libcName() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/**
 * Whether npm's own record of node_modules matches the lock: packages installed by hand don't have to be installed again.
 * Optional packages of other platforms may be absent.
 * @param {string} root
 */
function isInstalledByHand(root) {
  const record = readOrEmpty(path.join(root, "node_modules", ".package-lock.json"));
  if (record === "") return false;
  /** @type {Record<string, Locked & { version?: string, integrity?: string, optional?: boolean }>} */
  const installed = JSON.parse(record).packages;
  /** @type {typeof installed} */
  const locked = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(locked).every(([place, wanted]) => {
    const there = installed[place];
    if (place === "" || (there === undefined && wanted.optional === true && !isForHere(wanted))) return true;
    return there?.version === wanted.version && there?.integrity === wanted.integrity;
  });
}

/** @param {string} root */
export function arePackagesCurrent(root) {
  return readOrEmpty(stampFile(root)) === wantedStamp(root);
}

/**
 * Installs exactly what package-lock.json lists, unless it is installed already. No package of the lock needs an install
 * script (native ones ship their binaries, as optional packages), so none is run; a person's `omit` setting doesn't reach it.
 * @param {string} root
 */
export async function installPackages(root) {
  if (arePackagesCurrent(root)) return;
  if (!isInstalledByHand(root)) {
    const isFirst = !existsSync(path.join(root, "node_modules"));
    const title = isFirst
      ? "Installing Node packages"
      : "Node packages differ from package-lock.json: reinstalling them";
    const npm = npmCommand();
    await step(title, () =>
      quietly(
        npm.command,
        [...npm.args, "ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit", "--no-fund"],
        {
          cwd: root,
          doing: "npm ci",
          otherwise: "Run npm ci by hand to see more.",
        },
      ),
    );
  }
  writeFileSync(stampFile(root), wantedStamp(root));
}
