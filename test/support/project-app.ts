import { hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import {
  type OperationId,
  type OperationInput,
  type OperationOutput,
  operations,
} from "../../src-core/contract/index.ts";
import type { Operation, OperationContext } from "../../src-core/contract/operation.ts";
import type { Clock } from "../../src-core/foundation/context.ts";
import { createApp } from "../../src-core/wiring/app.ts";
import type { WiredCore } from "../../src-core/wiring/offers.ts";

/** A project's operations with their real parts, run in this process; one place knows how an app is made. */
export interface ProjectApp {
  readonly core: WiredCore;
  readonly call: <Id extends OperationId>(
    id: Id,
    input: OperationInput<Id>,
    context?: Partial<OperationContext>,
  ) => Promise<OperationOutput<Id>>;
  /** Hands a long operation to the project's supervisor and returns its id at once. */
  readonly request: <Id extends OperationId>(id: Id, input: OperationInput<Id>) => Promise<string>;
  readonly exitCode: <Id extends OperationId>(id: Id, output: OperationOutput<Id>) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface ProjectAppOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

/** Opens the project's catalogue too, so that what a test records next doesn't count as the history of a deleted one. */
export function projectApp(projectDir: string, { env, clock }: ProjectAppOptions = {}): ProjectApp {
  const app = createApp({
    projectDir,
    env: { ...process.env, MLFLOW_TRACKING_URI: undefined, ...env },
    node: process.execPath,
    role: "face",
    ...(clock === undefined ? {} : { clock }),
  });
  app.core.catalogue();
  return {
    core: app.core,
    call: async <Id extends OperationId>(
      id: Id,
      input: OperationInput<Id>,
      context: Partial<OperationContext> = {},
    ): Promise<OperationOutput<Id>> => {
      const asked = { signal: new AbortController().signal, report: () => undefined, ...context };
      // The app has parsed it with the schema of this very operation.
      return (await app.execute(id, input, asked)) as OperationOutput<Id>;
    },
    request: async (id, input) => {
      const never = new AbortController().signal;
      const { operation } = await app.call(
        { operation: id, input, isDetached: true },
        { signal: never, hangUp: never, report: () => undefined, accept: () => undefined, ask: async () => null },
      );
      if (operation === undefined) throw new Error(`${id} wasn't queued.`);
      return operation;
    },
    exitCode: async (id, output) => {
      const operation: Operation = operations[id];
      return operation.exitCode?.(output) ?? 0;
    },
    close: app.close,
  };
}

/** Everything that an operation which only looks must leave as it is: the project's files and the rows of its catalogue. */
export function contentsOf({ core }: Pick<ProjectApp, "core">): Readonly<Record<string, unknown>> {
  const { projectDir } = core;
  const contents: Record<string, unknown> = {};
  for (const name of readdirSync(projectDir, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (/^\.signalbox\/catalogue\.sqlite/.test(name)) continue;
    const file = path.join(projectDir, name);
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) contents[name] = `link to ${readlinkSync(file)}`;
    else if (stats.isFile()) contents[name] = hash("sha256", readFileSync(file));
  }
  const catalogue = core.catalogue();
  for (const { name } of catalogue.all("SELECT name FROM sqlite_master WHERE type = 'table'"))
    contents[`table ${name}`] = catalogue.all(`SELECT * FROM ${name}`);
  return contents;
}
