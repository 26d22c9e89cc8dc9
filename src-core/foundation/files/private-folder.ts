import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "./digest.ts";
import { fileError } from "./durable.ts";
import { temporaryFolder } from "./scratch.ts";

/** A folder that only its owner can enter: for sockets, which have no other guard on every system. */

/** A Unix socket's address holds at most 104 bytes on macOS and 108 on Linux, its end included. */
const mostAddressBytes = 103;

interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the person; undefined where the system has no such numbers. */
  readonly uid: number | undefined;
}

/**
 * Makes the folder of a project's socket and returns the socket's path: below the runtime folder, else below the temporary one, where the
 * runtime folder doesn't exist, can't be written or isn't the person's alone. The socket is named after the project's lock, since a project's
 * path may be longer than an address.
 * @throws files/* if neither is usable
 */
export function placeSocket(lock: string, place: Place): string {
  const file = runtimeSocket(lock, place);
  if (file !== undefined && isUsable(path.dirname(file), place.uid)) return file;
  const own = path.join(temporaryFolder(), `signalbox-${place.uid ?? os.userInfo().username}`);
  const fallback = path.join(own, socketName(lock));
  if (!isShortEnough(fallback))
    throw new AppError({
      code: "files/io",
      message: `${own} is too long a path for a socket.`,
      hint: "Set XDG_RUNTIME_DIR or TMPDIR to a folder with a shorter path.",
      details: { folder: own },
    });
  makePrivateFolder(own, place.uid);
  return fallback;
}

const socketName = (lock: string): string => `${sha256(lock).slice(0, 20)}.sock`;

/** The socket's path below the runtime folder; undefined where none is set or it is too long. */
function runtimeSocket(lock: string, { env }: Place): string | undefined {
  if (!env.XDG_RUNTIME_DIR || !path.isAbsolute(env.XDG_RUNTIME_DIR)) return undefined;
  const file = path.join(env.XDG_RUNTIME_DIR, "signalbox", socketName(lock));
  return isShortEnough(file) ? file : undefined;
}

function isUsable(folder: string, uid: number | undefined): boolean {
  try {
    makePrivateFolder(folder, uid);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const isShortEnough = (file: string): boolean => Buffer.byteLength(file) <= mostAddressBytes;

/** Makes the folder where it is missing, and checks it. @throws files/no-permission where it isn't the person's alone */
export function makePrivateFolder(folder: string, uid: number | undefined): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw fileError(error, "make", folder);
  }
  checkPrivateFolder(folder, uid);
}

/** @throws files/* where the folder isn't there, is a link, belongs to another user, or is open to others */
export function checkPrivateFolder(folder: string, uid: number | undefined): void {
  let found: ReturnType<typeof lstatSync>;
  try {
    found = lstatSync(folder);
  } catch (error) {
    throw fileError(error, "look at", folder);
  }
  const reason = !found.isDirectory()
    ? "is no folder"
    : uid !== undefined && found.uid !== uid
      ? "belongs to another user"
      : (found.mode & 0o077) !== 0
        ? `lets others in (mode ${(found.mode & 0o777).toString(8)})`
        : undefined;
  if (reason === undefined) return;
  throw new AppError({
    code: "files/no-permission",
    message: `${folder} ${reason}.`,
    hint: "It must be a folder of your own with mode 0700: remove it, or set XDG_RUNTIME_DIR to another place.",
    details: { folder },
  });
}
