import type { Environment } from "../../../foundation/context.ts";
import type { Output } from "../dvc/output.ts";
import { cacheOf, type Repository } from "../repository.ts";
import { callDvc, refuseSsh, remoteKind, remoteOf, type Transferred, transfer } from "./remote.ts";

export interface SyncRequest {
  readonly outputs: readonly Output[];
  /** The requested remote; otherwise each output's own, or the default one. */
  readonly remote?: string | undefined;
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

export interface Synced {
  readonly remote: string;
  /** Null if the `dvc` program did the work, which doesn't report it. */
  readonly objects: number | null;
  readonly bytes: number | null;
}

/** Sends what the remote doesn't have. Outputs marked `push: false` stay here. */
export async function pushOutputs(repository: Repository, request: SyncRequest): Promise<Synced> {
  const outputs = request.outputs.filter((output) => output.canPush);
  return await sync(repository, { ...request, outputs }, "push");
}

/** Fetches what the cache doesn't have; the work folder is unchanged. */
export async function fetchOutputs(repository: Repository, request: SyncRequest): Promise<Synced> {
  return await sync(repository, request, "fetch");
}

async function sync(repository: Repository, request: SyncRequest, direction: "push" | "fetch"): Promise<Synced> {
  const done: Synced[] = [];
  for (const [name, outputs] of byRemote(request)) {
    const remote = remoteOf(repository, name);
    const kind = remoteKind(remote);
    if (kind === "ssh") throw refuseSsh(remote);
    if (kind === "cloud") {
      const targets = [...new Set(outputs.map((output) => output.dvcFile))].filter((file) => file.endsWith(".dvc"));
      callDvc(repository, [direction, "--quiet", "--remote", remote.name, ...targets], request.env);
      done.push({ remote: remote.name, objects: null, bytes: null });
      continue;
    }
    const [cache, store] = [cacheOf(repository), { folder: remote.url, isShared: false }];
    const ends = direction === "push" ? { from: cache, to: store } : { from: store, to: cache };
    const moved: Transferred = await transfer({ ...ends, outputs, signal: request.signal, onBytes: request.onBytes });
    done.push({ remote: remote.name, ...moved });
  }
  const sum = (values: readonly (number | null)[]) =>
    values.includes(null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return {
    remote: done.map((one) => one.remote).join(", "),
    objects: sum(done.map((one) => one.objects)),
    bytes: sum(done.map((one) => one.bytes)),
  };
}

function byRemote({ outputs, remote }: SyncRequest): ReadonlyMap<string | undefined, readonly Output[]> {
  const groups = new Map<string | undefined, Output[]>();
  if (outputs.length === 0) groups.set(remote, []);
  for (const output of outputs) {
    const name = remote ?? output.remote ?? undefined;
    groups.set(name, [...(groups.get(name) ?? []), output]);
  }
  return groups;
}
