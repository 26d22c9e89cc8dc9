import { statSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { loadProject, refuseEarlierProject } from "../areas/configs/project.ts";
import type { QuestionBoard } from "../areas/operations/question-board.ts";
import type { Task } from "../areas/operations/run-operation.ts";
import { AppError } from "../contract/errors.ts";
import { expectedWords } from "../contract/issue-words.ts";
import type { LockWish, Operation, OperationContext } from "../contract/operation.ts";
import { type Catalogue, openCatalogue } from "../foundation/catalogue/open.ts";
import { markIfDeleted, readMark } from "../foundation/catalogue/rebuild-mark.ts";
import type { Clock, Core, Environment, Tracking } from "../foundation/context.ts";
import { localPlace } from "../foundation/exec/local.ts";
import { dataHome, projectPaths } from "../foundation/files/paths.ts";
import { splitLogin } from "../foundation/mlflow/http/address.ts";
import type { CallContext } from "../rpc/call-context.ts";
import type { Answer } from "../rpc/wire.ts";
import { type Area, type AreaParts, areas } from "./areas.ts";
import { type WiredCore, withOffers } from "./offers.ts";

export interface AppOptions {
  /** Absolute. */
  readonly projectDir: string;
  readonly env: Environment;
  /** Absolute path of the Node that starts supervisor, runners and checkers: an entry file's own. */
  readonly node: string;
  /** A face hands long operations to the supervisor; the supervisor runs them itself. */
  readonly role: "face" | "supervisor";
  readonly trackingUri?: string;
  readonly clock?: Clock;
  /** The supervisor's: what its operations ask is answered through here. */
  readonly questions?: QuestionBoard;
}

/** What a call works under, as a face's connection gives it. */
export type CallParts = Pick<CallContext, "signal" | "hangUp" | "report" | "accept" | "ask">;

export interface App {
  readonly core: WiredCore;
  /** Executes a face's request: a short operation here, a long one in the supervisor, followed or only queued. */
  readonly call: (request: AppRequest, parts: CallParts) => Promise<Answer>;
  /** Follows a long operation by its id to its own answer. */
  readonly follow: (
    request: { readonly operation: string; readonly after: number },
    parts: CallParts,
  ) => Promise<Answer>;
  /** Runs an operation in this process, long or not. */
  readonly execute: (operation: string, input: unknown, context: OperationContext) => Promise<unknown>;
  /** The same as its caller, whose environment it gets instead of this process's. */
  readonly executeFor: (task: Task, context: OperationContext) => Promise<unknown>;
  /** What an operation keeps from others while it runs. */
  readonly locksOf: (operation: string, input: unknown) => Promise<readonly LockWish[]>;
  /** False once the catalogue that this app has open is no longer the project's: it was deleted or replaced. */
  readonly isCurrent: () => boolean;
  readonly close: () => Promise<void>;
}

export interface AppRequest {
  readonly operation: string;
  readonly input: unknown;
  readonly isDetached?: boolean | undefined;
}

/** The composition root: every area, the catalogue, the tracking server and the Python environment of one project. */
export function createApp(options: AppOptions): App {
  const { core, isCurrent, close } = createCore(options);
  const ledger = { isSettled: options.role !== "supervisor" };
  const { find, execute, ready } = operationsOn(core, ledger);

  /** A core of its own: what an area or a client of MLflow remembers is never another caller's. */
  const executeFor: App["executeFor"] = async ({ operation, input, caller, credentials }, context) => {
    const { environmentFor } = await import("../foundation/exec/caller/caller-environment.ts");
    const env = environmentFor(options.env, caller, credentials);
    const own = createCore({ ...options, env }, { catalogue: core.catalogue });
    return await operationsOn(own.core, ledger).execute(operation, input, context);
  };

  const answerOf = ({ exitCode }: Operation, output: unknown): Answer => ({
    output,
    exitCode: exitCode?.(output) ?? 0,
  });
  /** Over which this face's credentials reach the supervisor. */
  const lineToSupervisor = async () => (await import("./supervisor/credentials.ts")).lineTo(core);
  const followAs = async (
    operation: Operation,
    { id, after }: { readonly id: string; readonly after: number },
    { signal, hangUp, report, accept, ask }: CallParts,
  ): Promise<Answer> => {
    const { followOperation } = await import("../areas/operations/operations.ts");
    accept(id);
    const detach = await letAnswer(id, ask);
    try {
      const output = await followOperation(core, id, {
        ...{ signal, hangUp, after },
        cancelOnAbort: true,
        onProgress: report,
        openLine: await lineToSupervisor(),
      });
      return { ...answerOf(operation, output), operation: id };
    } finally {
      detach();
    }
  };
  /** The faces that follow an operation get its questions. */
  const letAnswer = async (id: string, ask: CallParts["ask"]): Promise<() => void> =>
    options.questions?.attach(id, ask) ?? (await import("./supervisor/questions.ts")).relayQuestions(core, id, ask);

  const call: App["call"] = async ({ operation: id, input, isDetached = false }, parts) => {
    const { operation } = await find(id);
    if (!operation.isLong || !operation.needsProject) {
      if (isDetached) throw nothingToDetach(id);
      return answerOf(operation, await execute(id, input, contextOf(operation, parts)));
    }
    await ready(operation, parts);
    parseInput(id, operation, input);
    const { requestOperation } = await import("../areas/operations/operations.ts");
    const queued = await requestOperation(core, {
      operation: id,
      input: withTracking(operation, input, core),
      openLine: await lineToSupervisor(),
    });
    if (isDetached) return { output: { operation: queued }, exitCode: 0, operation: queued };
    return await followAs(operation, { id: queued, after: 0 }, parts);
  };

  const follow: App["follow"] = async ({ operation: asked, after }, parts) => {
    const { getOperation } = await import("../areas/operations/operation-store.ts");
    const { id, operation: name } = getOperation(core.catalogue(), asked);
    return await followAs((await find(name)).operation, { id, after }, parts);
  };
  const locksOf: App["locksOf"] = async (id, input) => {
    const { operation } = await find(id);
    const parsed = operation.input.safeParse(input);
    // What can't be read is refused when it runs.
    return parsed.success ? (operation.locks?.(parsed.data) ?? []) : [];
  };
  return { core, call, follow, execute, executeFor, locksOf, isCurrent, close };
}

/**
 * The operations of all areas on one core. Of the areas only those are loaded whose operations are called. The first operation of a
 * supervisor settles the ledger's file.
 */
function operationsOn(core: WiredCore, ledger: { isSettled: boolean }) {
  const loaded = new Map<string, Promise<Area>>();

  /** The operation and how it is done. */
  const find = async (id: string): Promise<Found> => {
    const first = id.split(".")[0] ?? "";
    if (!Object.hasOwn(areas, first)) throw unknownOperation(id);
    // TypeScript can't follow which area a word of unknown value names; the table of areas is checked where it is declared.
    const load = areas[first as keyof typeof areas] as unknown as (parts: AreaParts) => Promise<Area>;
    const area = loaded.get(first) ?? load({ core, coreAt });
    loaded.set(first, area);
    const { operations, implementations } = await area;
    const [operation, implementation] = [operations[id], implementations[id]];
    if (operation === undefined || implementation === undefined || !Object.hasOwn(operations, id))
      throw unknownOperation(id);
    return { operation, implementation };
  };

  /**
   * Before an operation of the project: a catalogue that was deleted is rebuilt; a ledger that a crash left is settled, and so is one that got
   * another copy's entries meanwhile (`git pull`) before something is decided or shown from it.
   */
  const ready = async ({ provides = [], invalidates = [] }: Operation, context: OperationContext): Promise<void> => {
    const { paths } = core.project();
    core.catalogue();
    if (readMark(paths) !== null) await (await import("./rebuild/rebuild.ts")).rebuildCatalogue(core, context);
    const isOfDecisions = [...provides, ...invalidates].some((it) => it === "decisions" || it === "project");
    if (!ledger.isSettled || (isOfDecisions && (await hasOtherEntries())))
      await (await import("./rebuild/rebuild.ts")).settleLedgerFile(core);
    ledger.isSettled = true;
  };
  const hasOtherEntries = async (): Promise<boolean> =>
    (await import("../areas/ledger/read.ts")).hasOtherEntries(core.project().paths.ledgerFile, core.catalogue());

  const execute: App["execute"] = async (id, input, context) => {
    const { operation, implementation } = await find(id);
    const parsed = parseInput(id, operation, input);
    if (operation.needsProject) await ready(operation, context);
    return operation.output.parse(await implementation(parsed, context));
  };
  return { find, execute, ready };
}

/**
 * An operation that only reads ends when its face hangs up; one that changes something runs to its end, and its answer is dropped: a half
 * of it would be worse than all of it.
 */
function contextOf({ invalidates = [] }: Operation, { signal, hangUp, report, ask }: CallParts): OperationContext {
  return { signal: invalidates.length === 0 ? AbortSignal.any([signal, hangUp]) : signal, report, ask };
}

function nothingToDetach(id: string): AppError {
  return new AppError({
    code: "rpc/invalid-input",
    message: `'${id}' is short: there is nothing to detach from.`,
  });
}

interface Found {
  readonly operation: Operation;
  readonly implementation: (input: unknown, context: OperationContext) => Promise<unknown>;
}

function unknownOperation(id: string): AppError {
  return new AppError({
    code: "rpc/unknown-operation",
    message: `There is no operation '${id}'.`,
  });
}

/**
 * The face's choice of server travels with a long operation: the supervisor has no flags. An address that the caller put into the input
 * itself must be without a login, which would be stored.
 */
function withTracking(operation: Operation, input: unknown, { trackingFlag, env }: Pick<Core, "trackingFlag" | "env">) {
  const schema = operation.input;
  if (!(schema instanceof z.ZodObject && Object.hasOwn(schema.shape, "trackingUri"))) return input;
  const chosen = trackingFlag ?? env.MLFLOW_TRACKING_URI;
  const all: { trackingUri?: unknown } = { ...(chosen === undefined ? {} : { trackingUri: chosen }), ...Object(input) };
  if (typeof all.trackingUri === "string" && splitLogin(all.trackingUri).uri !== all.trackingUri)
    throw new AppError({
      code: "rpc/invalid-input",
      message: "The input's trackingUri has a login, which would be stored.",
      hint: "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead.",
      details: { input: ["trackingUri"] },
    });
  return all;
}

/** The environment and the flag with the login of the address that counts moved into MLflow's own variables: addresses are stored and shown. */
function withoutLogins({ env, trackingUri }: Pick<AppOptions, "env" | "trackingUri">) {
  const chosen = trackingUri ?? env.MLFLOW_TRACKING_URI;
  if (chosen === undefined) return { env, trackingUri };
  const { uri, login } = splitLogin(chosen);
  if (uri === chosen) return { env, trackingUri };
  // Also where the flag named it: the login must not reach the server of the variable.
  return {
    env: { ...env, ...login, MLFLOW_TRACKING_URI: uri },
    trackingUri: trackingUri === undefined ? undefined : uri,
  };
}

function parseInput(id: string, operation: Operation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AppError({
    code: "rpc/invalid-input",
    message: `The input of ${id} is not valid: ${parsed.error.issues.map((issue) => findingOf(issue, input)).join("; ")}.`,
    details: { operation: id, input: parsed.error.issues.map((issue) => issue.path.join(".")) },
  });
}

function findingOf(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")} isn't known`;
  const value = issue.path.reduce<unknown>((at, key) => Object(at)[key], input);
  return `${issue.path.join(".") || "it"} is ${shown(value)}; expected ${expectedWords(issue)}`;
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "missing";
  } catch {
    // Nested too deeply to be written.
    return Array.isArray(value) ? "a list" : "an object";
  }
}

/** A core for another folder, on tracking of its own: what a repetition works with. */
function coreAt(
  { env, clock, node }: Pick<Core, "env" | "clock" | "node">,
  projectDir: string,
  tracking: Tracking,
): { readonly core: WiredCore; readonly close: () => Promise<void> } {
  return createCore({ projectDir, env, clock, node, role: "supervisor" }, { tracking: async () => tracking });
}

interface OwnedCore {
  readonly core: WiredCore;
  readonly isCurrent: () => boolean;
  readonly close: () => Promise<void>;
}

/** `given` are members that it shares with another core, or that are made otherwise. */
function createCore(options: AppOptions, given: Partial<Pick<Core, "catalogue" | "tracking">> = {}): OwnedCore {
  const projectDir = path.resolve(options.projectDir);
  const paths = projectPaths(projectDir);
  const { node } = options;
  const { env, trackingUri } = withoutLogins(options);
  const home = dataHome(env);
  let catalogue: Catalogue | undefined;
  let opened: number | undefined;
  const inode = () => statSync(paths.catalogueFile, { throwIfNoEntry: false })?.ino;
  const python: Core["python"] = async (groups = [], report = () => {}) => {
    const { ensurePythonEnvironment } = await import("../areas/environment/build/ensure.ts");
    return await ensurePythonEnvironment({ home, env, groups, report });
  };
  const core: Core = {
    projectDir,
    project: () => loadProject(projectDir),
    catalogue:
      given.catalogue ??
      (() => {
        if (catalogue === undefined) {
          refuseEarlierProject(projectDir);
          markIfDeleted(paths);
          catalogue = openCatalogue(paths.catalogueFile);
          opened = inode();
        }
        return catalogue;
      }),
    clock: options.clock ?? { now: () => new Date() },
    env,
    home,
    trackingFlag: trackingUri,
    tracking:
      given.tracking ??
      (async (request = {}) => {
        const { openTracking } = await import("../areas/tracking/open.ts");
        return await openTracking(core, { ...request, flag: request.flag ?? trackingUri });
      }),
    python,
    place: localPlace({ env, node, python }),
    node,
  };
  return {
    core: withOffers(core),
    isCurrent: () => catalogue === undefined || inode() === opened,
    close: async () => catalogue?.close(),
  };
}
