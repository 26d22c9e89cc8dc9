import path from "node:path";
import { z } from "zod";
import { loadProject } from "../areas/configs/project.ts";
import { AppError } from "../contract/errors.ts";
import { expectedWords } from "../contract/issue-words.ts";
import type { Operation, OperationContext } from "../contract/operation.ts";
import { type Catalogue, openCatalogue } from "../foundation/catalogue/open.ts";
import { markIfDeleted, readMark } from "../foundation/catalogue/rebuild-mark.ts";
import type { Clock, Core, Environment, Tracking } from "../foundation/context.ts";
import { localPlace } from "../foundation/exec/local.ts";
import { dataHome, projectPaths } from "../foundation/files/paths.ts";
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
}

export interface App {
  readonly core: WiredCore;
  /** Calls an operation by id with unparsed input; a long one is run by the supervisor and followed here. */
  readonly dispatch: (operation: string, input: unknown, context: OperationContext) => Promise<unknown>;
  /** Runs an operation in this process, long or not. */
  readonly execute: (operation: string, input: unknown, context: OperationContext) => Promise<unknown>;
  /** Hands a long operation to the supervisor and returns its id at once. */
  readonly request: (operation: string, input: unknown) => Promise<string>;
  /** The exit code that a result stands for: 0, or what its operation declares (6 where the gate said no). */
  readonly exitCode: (operation: string, output: unknown) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The composition root: every area, the catalogue, the tracking server and the Python environment of one project. */
export function createApp(options: AppOptions): App {
  const { core, close } = createCore(options);
  const loaded = new Map<string, Promise<Area>>();

  /** The operation and how it is done; of all areas only its own is loaded. */
  const find = async (id: string): Promise<Found> => {
    const first = id.split(".")[0] ?? "";
    if (!Object.hasOwn(areas, first)) throw unknownOperation(id);
    // TypeScript can't follow which area a word of unknown value names; the table of areas is checked where it stands.
    const load = areas[first as keyof typeof areas] as unknown as (parts: AreaParts) => Promise<Area>;
    const area = loaded.get(first) ?? load({ core, coreAt });
    loaded.set(first, area);
    const { operations, implementations } = await area;
    const [operation, implementation] = [operations[id], implementations[id]];
    if (operation === undefined || implementation === undefined || !Object.hasOwn(operations, id))
      throw unknownOperation(id);
    return { operation, implementation };
  };

  let isReady = false;
  /** Before an operation of the project: a catalogue that was deleted is rebuilt, a ledger that a crash left is settled. */
  const ready = async (context: OperationContext): Promise<void> => {
    const { paths } = core.project();
    core.catalogue();
    if (readMark(paths) !== null) await (await import("./rebuild/rebuild.ts")).rebuildCatalogue(core, context);
    if (!isReady && options.role === "supervisor") await (await import("./rebuild/rebuild.ts")).settleLedgerFile(core);
    isReady = true;
  };

  const execute: App["execute"] = async (id, input, context) => {
    const { operation, implementation } = await find(id);
    const parsed = parseInput(id, operation, input);
    if (operation.needsProject) await ready(context);
    return operation.output.parse(await implementation(parsed, context));
  };
  const request: App["request"] = async (id, input) => {
    const { operation } = await find(id);
    parseInput(id, operation, input);
    const { requestOperation } = await import("../areas/operations/operations.ts");
    return await requestOperation(core, { operation: id, input: withTracking(operation, input, options) });
  };
  const dispatch: App["dispatch"] = async (id, input, context) => {
    const { operation } = await find(id);
    if (operation.needsProject) await ready(context);
    if (options.role === "supervisor" || !operation.isLong || !operation.needsProject)
      return await execute(id, input, context);
    const { followOperation } = await import("../areas/operations/operations.ts");
    const requested = await request(id, input);
    return await followOperation(core, requested, {
      signal: context.signal,
      onProgress: context.report,
      cancelOnAbort: true,
    });
  };
  const exitCode: App["exitCode"] = async (id, output) => (await find(id)).operation.exitCode?.(output) ?? 0;
  return { core, dispatch, execute, request, exitCode, close };
}

interface Found {
  readonly operation: Operation;
  readonly implementation: (input: unknown, context: OperationContext) => Promise<unknown>;
}

function unknownOperation(id: string): AppError {
  return new AppError({
    code: "rpc/unknown-operation",
    message: `There is no operation '${id}'.`,
    hint: "signalbox --help lists the commands.",
  });
}

/** The face's choice of server travels with a long operation: the supervisor has flags and an environment of its own. */
function withTracking(operation: Operation, input: unknown, { trackingUri, env }: AppOptions): unknown {
  const chosen = trackingUri ?? env.MLFLOW_TRACKING_URI;
  const schema = operation.input;
  const isAsked = schema instanceof z.ZodObject && Object.hasOwn(schema.shape, "trackingUri");
  return chosen === undefined || !isAsked ? input : { trackingUri: chosen, ...(input as object) };
}

function parseInput(id: string, operation: Operation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AppError({
    code: "rpc/invalid-input",
    message: `The input of ${id} is not valid: ${parsed.error.issues.map((issue) => findingOf(issue, input)).join("; ")}.`,
    hint: `signalbox ${operation.cli.path} --help shows what it takes.`,
    details: { input: parsed.error.issues.map((issue) => issue.path.join(".")) },
  });
}

function findingOf(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")} isn't known`;
  const value = issue.path.reduce<unknown>((at, key) => Object(at)[key], input);
  return `${issue.path.join(".") || "it"} is ${JSON.stringify(value) ?? "missing"}; expected ${expectedWords(issue)}`;
}

/** A core for another folder, on tracking of its own: what a repetition works with. */
function coreAt(
  { env, clock, node }: Pick<Core, "env" | "clock" | "node">,
  projectDir: string,
  tracking: Tracking,
): { readonly core: WiredCore; readonly close: () => Promise<void> } {
  return createCore({ projectDir, env, clock, node, role: "supervisor" }, async () => tracking);
}

function createCore(
  options: AppOptions,
  tracking?: Core["tracking"],
): { readonly core: WiredCore; readonly close: () => Promise<void> } {
  const projectDir = path.resolve(options.projectDir);
  const paths = projectPaths(projectDir);
  const { env, node } = options;
  const home = dataHome(env);
  let catalogue: Catalogue | undefined;
  const python: Core["python"] = async (groups = [], report = () => {}) => {
    const { ensurePythonEnvironment } = await import("../areas/environment/build/ensure.ts");
    return await ensurePythonEnvironment({ home, env, groups, report });
  };
  const core: Core = {
    projectDir,
    project: () => loadProject(projectDir),
    catalogue: () => {
      if (catalogue === undefined) markIfDeleted(paths);
      catalogue ??= openCatalogue(paths.catalogueFile);
      return catalogue;
    },
    clock: options.clock ?? { now: () => new Date() },
    env,
    home,
    trackingFlag: options.trackingUri,
    tracking:
      tracking ??
      (async (request = {}) => {
        const { openTracking } = await import("../areas/tracking/open.ts");
        return await openTracking(core, { ...request, flag: request.flag ?? options.trackingUri });
      }),
    python,
    place: localPlace({ env, node, python }),
    node,
  };
  return {
    core: withOffers(core),
    close: async () => catalogue?.close(),
  };
}
