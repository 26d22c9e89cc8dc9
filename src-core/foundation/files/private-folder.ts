import { lstatSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { sha256 } from "./digest.ts";
import { fileError } from "./durable.ts";

/** A folder that only its owner can enter: for sockets, which have no other guard on every system. */

/** A Unix socket's address holds at most 104 bytes on macOS and 108 on Linux, its end included. */
const mostAddressBytes = 103;

interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the person; undefined where the system has no such numbers. */
  readonly uid: number | undefined;
}

/** Path of the socket of a project's lock: its name is short, since a project's path may be longer than an address. */
export function socketPath(lock: string, { env, uid }: Place): string {
  const name = `${sha256(lock).slice(0, 20)}.sock`;
  const own = path.join(os.tmpdir(), `signalbox-${uid ?? os.userInfo().username}`);
  const folders = env.XDG_RUNTIME_DIR ? [path.join(env.XDG_RUNTIME_DIR, "signalbox"), own] : [own];
  const fitting = folders.map((folder) => path.join(folder, name)).find(isShortEnough);
  if (fitting !== undefined) return fitting;
  throw new AppError({
    code: "files/io",
    message: `${own} is too long a path for a socket.`,
    hint: "Set XDG_RUNTIME_DIR or TMPDIR to a folder with a shorter path.",
    details: { folder: own },
  });
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
