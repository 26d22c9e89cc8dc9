// This import must be first, or earlier schemas would be compiled.
import "./schemas-uncompiled.ts";
import path from "node:path";
import type { FindForm } from "../src-core/contract/command-text.ts";
import { AppError, exitCodeOf, isCancelled, toAppError } from "../src-core/contract/errors.ts";
import type { OperationId } from "../src-core/contract/index.ts";
import { findProjectDir } from "../src-core/foundation/files/find-project.ts";
import { type Client, createClient } from "../src-core/rpc/client.ts";
import { serve } from "../src-core/rpc/server.ts";
import { inProcessTransports } from "../src-core/rpc/transport.ts";
import { createApp } from "../src-core/wiring/app.ts";
import { createHost } from "../src-core/wiring/host/host.ts";
import { type Invocation, parseArguments } from "./arguments.ts";
import { answerTo, isAgreed } from "./ask.ts";
import { formsOf } from "./command-of.ts";
import { completionScript } from "./completion.ts";
import { errorDocument, renderCancelled, renderError } from "./error-view.ts";
import { globalWords, insertGlobals, withGlobals } from "./global-words.ts";
import type { Manifest } from "./manifest.ts";
import { placeInput } from "./place-input.ts";
import { humanProgress, jsonLines, type ProgressView, silent } from "./progress.ts";
import { type GlobalOptions, type ScannedArguments, scanArguments } from "./scan-globals.ts";
import { type Screen, screenOf } from "./screen.ts";
import { renderOutput } from "./views.ts";

/** What the entry file knows: the commands, and the Node that it runs under. */
export interface Program {
  readonly manifest: Manifest;
  readonly node: string;
}

/** Runs a command line and returns its exit code. Never throws: every failure is printed as text or JSON and has an exit code. */
export async function runCommand(scanned: ScannedArguments, program: Program): Promise<number> {
  const { manifest } = program;
  const { globals } = scanned;
  const isJson = globals.json || globals.jsonl;
  const given = globalWords(globals);
  const errorScreen = screenOf(process.stderr, { noColor: globals.noColor, env: process.env });
  try {
    const invocation = parseArguments(scanned, manifest);
    if (invocation.kind === "completion") {
      process.stdout.write(completionScript(invocation.shell, manifest));
      return 0;
    }
    return await call(invocation, { globals, build: manifest.version, node: program.node }, errorScreen);
  } catch (error) {
    const question = toAppError(error);
    const find = withGlobals(formsOf(manifest), given);
    const answer = isJson || !isAsking() ? undefined : answerTo(question, find);
    if (answer === undefined || !(await isAgreed(question, errorScreen, find)))
      return fail(question, { isJson, screen: errorScreen, find });
    for (const command of answer.runsAgain ? [...answer.commands, scanned.argv] : answer.commands) {
      const code = await runCommand(scanArguments(command), program);
      if (code !== 0) return code;
    }
    return 0;
  }
}

/** A question needs a terminal for both input and output. */
function isAsking(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function call(
  { command, input }: Extract<Invocation, { kind: "call" }>,
  { globals, build, node }: { readonly globals: GlobalOptions; readonly build: string; readonly node: string },
  errorScreen: Screen,
): Promise<number> {
  const operationId = command.operation as OperationId;
  // It was typed by a person: the operation's own schema judges it in the core.
  const placed = placeInput(command, input, process.cwd()) as never;
  if (globals.detach && !command.isLong) {
    throw new AppError({
      code: "cli/usage",
      message: `'${command.words.join(" ")}' is a short operation: there is nothing to detach from.`,
    });
  }
  const projectDir = projectFolder(globals.project, command.needsProject);
  const host = createHost({
    build,
    openApp: (folder) =>
      createApp({
        projectDir: folder,
        env: process.env,
        node,
        role: "face",
        ...(globals.trackingUri === undefined ? {} : { trackingUri: globals.trackingUri }),
      }),
  });
  const [face, core] = inProcessTransports();
  serve(core, host);
  const client = createClient(face, { build, project: projectDir });
  const progress = progressView(globals, errorScreen);
  const interrupt = new AbortController();
  const removeSignals = onSignals(interrupt, client);
  try {
    if (globals.detach) {
      const id = await client.start(operationId, placed);
      print(
        globals.json || globals.jsonl
          ? JSON.stringify({ operation: id })
          : `Started ${id}. Follow it:\n${insertGlobals(`signalbox operations follow ${id}`, globalWords(globals))}`,
      );
      return 0;
    }
    const { output, exitCode } = await client.request(operationId, placed, {
      signal: interrupt.signal,
      onProgress: progress.show,
      onQuestion: async (question) => {
        progress.end();
        return isAsking() && !globals.json && !globals.jsonl
          ? await (await import("./answer-question.ts")).answerQuestion(question)
          : null;
      },
    });
    progress.end();
    if (globals.jsonl) print(JSON.stringify({ type: "result", result: output }));
    else if (globals.json) print(JSON.stringify(output, null, 2));
    else {
      const screen = {
        ...screenOf(process.stdout, { noColor: globals.noColor, env: process.env }),
        globals: globalWords(globals),
      };
      const text = await renderOutput(operationId, output, screen);
      if (text !== "") print(text);
    }
    return exitCode;
  } finally {
    progress.end();
    removeSignals();
    await host.close();
  }
}

function projectFolder(asked: string | undefined, isNeeded: boolean): string {
  if (asked !== undefined) return path.resolve(asked);
  const found = findProjectDir(process.cwd());
  if (found !== undefined) return found;
  if (!isNeeded) return process.cwd();
  throw new AppError({
    code: "projects/not-found",
    message: `There is no signalbox.yaml in ${process.cwd()} or in a folder above it.`,
    hint: "Change to the folder of a project, use --project DIR, or create a project: signalbox init DIR --sample flights",
  });
}

function progressView(
  globals: { readonly quiet: boolean; readonly json: boolean; readonly jsonl: boolean },
  screen: Screen,
): ProgressView {
  if (globals.jsonl) return jsonLines((text) => process.stdout.write(text));
  if (globals.quiet || (globals.json && process.stderr.isTTY !== true)) return silent;
  return humanProgress(process.stderr, screen);
}

/** Ctrl-C and TERM cancel the call; the second one exits at once. A hang-up only ends this face, and a long operation continues. */
function onSignals(controller: AbortController, client: Pick<Client, "close">): () => void {
  const cancel = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  const detach = () => {
    client.close();
    process.exit(129);
  };
  process.on("SIGINT", cancel).on("SIGTERM", cancel).on("SIGHUP", detach);
  return () => process.off("SIGINT", cancel).off("SIGTERM", cancel).off("SIGHUP", detach);
}

function fail(
  error: AppError,
  { isJson, screen, find }: { readonly isJson: boolean; readonly screen: Screen; readonly find: FindForm },
): number {
  if (isJson) process.stderr.write(`${JSON.stringify(errorDocument(error, find))}\n`);
  else if (isCancelled(error)) process.stderr.write(`${renderCancelled(error, find)}\n`);
  else process.stderr.write(`${renderError(error, screen, find)}\n`);
  return exitCodeOf(error);
}

function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}
