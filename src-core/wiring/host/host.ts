import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import type { Subject } from "../../contract/operation.ts";
import type { Served } from "../../rpc/server.ts";
import type { Answer } from "../../rpc/wire.ts";
import type { App } from "../app.ts";
import type { Channel } from "./channel.ts";
import { followFeed } from "./feed.ts";

export interface HostOptions {
  readonly build: string;
  /** Opens the app of a project's folder (absolute). */
  readonly openApp: (projectDir: string) => App;
  /** How long a project without calls stays open, in milliseconds. */
  readonly idleMs?: number;
  readonly channels?: Readonly<Record<string, Channel>>;
}

export interface Host extends Served {
  /** Closes every project; calls that run are not waited for. */
  close(): Promise<void>;
}

interface OpenProject {
  readonly app: App;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

const defaultIdleMs = 60_000;

/** Several projects in one process, each opened at its first call and closed when none has come for a while. */
export function createHost({ build, openApp, idleMs = defaultIdleMs, channels = {} }: HostOptions): Host {
  const projects = new Map<string, OpenProject>();

  /** The project's app; one whose catalogue is no longer the project's is left to those who use it. */
  const open = (folder: string): OpenProject => {
    const known = projects.get(folder);
    if (known?.app.isCurrent()) return known;
    if (known?.users === 0) void closeProject(folder, known);
    const opened: OpenProject = { app: openApp(folder), users: 0, idle: undefined };
    projects.set(folder, opened);
    return opened;
  };
  const closeProject = async (folder: string, project: OpenProject) => {
    clearTimeout(project.idle);
    if (projects.get(folder) === project) projects.delete(folder);
    await project.app.close();
  };
  const leave = (folder: string, project: OpenProject) => {
    project.users -= 1;
    if (project.users > 0) return;
    if (projects.get(folder) !== project) return void closeProject(folder, project);
    project.idle = setTimeout(() => void closeProject(folder, project), idleMs).unref();
  };
  const use = (asked: string) => {
    const folder = folderOf(asked);
    const project = open(folder);
    clearTimeout(project.idle);
    project.users += 1;
    return { app: project.app, leave: () => leave(folder, project) };
  };
  const within = async <T>(folder: string, work: (app: App) => Promise<T>): Promise<T> => {
    const used = use(folder);
    try {
      return await work(used.app);
    } finally {
      used.leave();
    }
  };

  return {
    build,
    call: (request, context) =>
      within(request.project, async (app): Promise<Answer> => {
        const channel = Object.hasOwn(channels, request.operation) ? channels[request.operation] : undefined;
        if (channel === undefined) return await app.call(request, context);
        return { output: (await channel(request.input, context)) ?? null, exitCode: 0 };
      }),
    follow: (request, context) => within(request.project, (app) => app.follow(request, context)),
    subscribe: (request, tell) => {
      const folder = folderOf(request.project);
      let used = use(folder);
      const end = followFeed(
        {
          projectDir: folder,
          catalogue: () => {
            if (!used.app.isCurrent()) {
              used.leave();
              used = use(folder);
            }
            return used.app.core.catalogue();
          },
          answers,
        },
        request,
        tell,
      );
      return () => {
        end();
        used.leave();
      };
    },
    close: async () => {
      await Promise.all([...projects].map(([folder, project]) => closeProject(folder, project)));
    },
  };
}

let answersOnce: Promise<ReadonlyMap<Subject, readonly string[]>> | undefined;

/** Loaded by the first who subscribes: it takes the declarations of every area. */
function answers(): Promise<ReadonlyMap<Subject, readonly string[]>> {
  answersOnce ??= Promise.all([import("../../contract/index.ts"), import("../../contract/subjects.ts")]).then(
    ([{ operations }, { answersBySubject }]) => answersBySubject(operations),
  );
  return answersOnce;
}

function folderOf(project: string): string {
  if (path.isAbsolute(project)) return path.normalize(project);
  throw new AppError({
    code: "rpc/invalid-input",
    message: `A call names its project by an absolute path, not by '${project}'.`,
    details: { input: ["project"] },
  });
}
