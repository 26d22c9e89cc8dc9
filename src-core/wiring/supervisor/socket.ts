import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { isSupervised, supervisorLock } from "../../areas/operations/start-supervisor.ts";
import { AppError, toAppError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { writeJsonDurable } from "../../foundation/files/durable.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { checkPrivateFolder, placeSocket } from "../../foundation/files/private-folder.ts";
import { lockId } from "../../foundation/locks/process-lock.ts";
import { type Served, serve } from "../../rpc/server.ts";
import type { Transport } from "../../rpc/transport.ts";
import { type StreamLike, streamTransport } from "../../rpc/transports/stream.ts";

/**
 * The supervisor's socket: for what is never stored (answers to questions, credentials among them; streams of a terminal). Who may enter its
 * folder is who may use it. What is stored needs no socket: an operation is a row, its progress a file.
 */

const uid = process.getuid?.();

/**
 * Says where the socket is, and of which lock: a face in another session may have another runtime folder, and a copied project has the file of
 * another one's supervisor. No secret: the folder guards it.
 */
const addressFile = (projectDir: string): string => path.join(projectPaths(projectDir).private, "supervisor.json");

type SupervisedCore = Pick<Core, "projectDir" | "env" | "catalogue">;

/** Listens, as the holder of the project's lock: an existing socket is that of a dead supervisor. Returns what closes it. */
export async function listenForFaces(
  { projectDir, env }: Pick<Core, "projectDir" | "env">,
  served: Served,
): Promise<() => Promise<void>> {
  const lock = lockId(supervisorLock(projectDir));
  const file = placeSocket(lock, { env, uid });
  rmSync(file, { force: true });
  const open = new Set<Transport>();
  const server = createServer((socket) => {
    const transport = streamTransport(socket as StreamLike);
    open.add(transport);
    transport.onClose(() => open.delete(transport));
    serve(transport, served);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(file, resolve);
  });
  chmodSync(file, 0o600);
  writeJsonDurable(addressFile(projectDir), { socket: file, lock });
  return async () => {
    for (const transport of open) transport.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(addressFile(projectDir), { force: true });
  };
}

/** A connection to the project's supervisor. @throws operations/supervisor-unreachable with the reason */
export async function connectToSupervisor(core: SupervisedCore): Promise<Transport> {
  const file = readAddress(core.projectDir);
  if (file === undefined) throw unreachable(core, "it says nowhere where it listens");
  try {
    checkPrivateFolder(path.dirname(file), uid);
  } catch (error) {
    throw unreachable(core, toAppError(error).message.replace(/\.$/, ""), error);
  }
  const socket = connect(file);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => reject(unreachable(core, connectionReason(error), error)));
  });
  return streamTransport(socket as StreamLike);
}

function connectionReason(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "its socket was deleted";
  return code === "ECONNREFUSED" ? "nothing listens at its socket" : error.message;
}

function readAddress(projectDir: string): string | undefined {
  const file = addressFile(projectDir);
  if (!existsSync(file)) return undefined;
  try {
    const it: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof it !== "object" || it === null || !("socket" in it) || !("lock" in it)) return undefined;
    const isOurs = it.lock === lockId(supervisorLock(projectDir));
    return isOurs && typeof it.socket === "string" && path.isAbsolute(it.socket) ? it.socket : undefined;
  } catch {
    return undefined;
  }
}

function unreachable(core: SupervisedCore, reason: string, cause?: unknown): AppError {
  const isAlive = isSupervised(core);
  return new AppError({
    code: "operations/supervisor-unreachable",
    message: isAlive
      ? `The supervisor of ${core.projectDir} is running, but can't be reached: ${reason}.`
      : `No supervisor works on ${core.projectDir}: ${reason}.`,
    hint: isAlive
      ? "It may be of another user or container: its questions are answered there. Operations that need no credentials can still be queued, followed and cancelled."
      : "A long operation starts one.",
    details: { projectDir: core.projectDir },
    cause,
  });
}
