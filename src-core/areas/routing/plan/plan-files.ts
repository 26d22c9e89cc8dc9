import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { RoutingPlan } from "../../../contract/routing/routing-plans.ts";
import {
  fileError,
  fsyncFolder,
  readText,
  removeLeftovers,
  temporaryPath,
  writeFileDurable,
} from "../../../foundation/files/durable.ts";
import { hashTexts } from "../../../foundation/files/hash-texts.ts";
import { routingPlanText } from "../decide/routing-plan.ts";
import { routingPlanMarkdown } from "./text/plan-markdown.ts";
import type { PlanFile } from "./text/plan-views.ts";
import { routingPlanYaml } from "./text/plan-yaml.ts";
import { writeNewFiles } from "./write-new-files.ts";

/** Beside the link: the newest two folders that it has pointed to. */
const plansFolder = ".plans";

export interface Published {
  /** False: the same files were there already. */
  readonly isNew: boolean;
  /** The folder that the link points to. */
  readonly folder: string;
}

/** Called before each step that changes the disk; a test stops there. */
export type AtStep = (step: "write" | "link" | "settle" | "swap" | "prune") => void;

/**
 * Replaces a plan's folder as a whole: the files go to `.plans/<digest>/`, and the symbolic link `folder` is renamed over
 * the previous one, which is one step. A kill at any point leaves the old plan or the new one. What others wrote
 * is never removed: a real folder or file in the link's place is refused, unless it is an empty folder.
 * @throws routing/plan-corrupt, files/*
 */
export function publishPlan(folder: string, files: readonly PlanFile[], atStep: AtStep = () => undefined): Published {
  const parent = path.dirname(folder);
  const plans = path.join(parent, plansFolder);
  try {
    mkdirSync(plans, { recursive: true });
    removeLeftovers(plans);
    removeLeftovers(parent);
    const before = linkTarget(folder);
    if (before !== null && holds(path.join(parent, before), files)) {
      return { isNew: false, folder: path.join(parent, before) };
    }
    const target = swapIn(folder, files, atStep);
    atStep("prune");
    prune(plans, folder, [target, ...(before === null ? [] : [before])]);
    return { isNew: true, folder: path.join(parent, target) };
  } catch (error) {
    throw fileError(error, "write", folder);
  }
}

/** Writes the files to a private folder and swaps the link; returns the new target, relative to the link's folder. */
function swapIn(folder: string, files: readonly PlanFile[], atStep: AtStep): string {
  const parent = path.dirname(folder);
  const plans = path.join(parent, plansFolder);
  const temporary = temporaryPath(path.join(plans, "plan"));
  const link = temporaryPath(folder);
  try {
    atStep("write");
    writeNewFiles(temporary, files);
    const target = settle({ temporary, plans, link, digest: digestOf(files) }, atStep);
    atStep("swap");
    renameSync(link, folder);
    fsyncFolder(parent);
    return target;
  } catch (error) {
    // The next publication removes what a killed writer left; this process may run for a long time.
    rmSync(temporary, { recursive: true, force: true });
    rmSync(link, { force: true });
    throw error;
  }
}

function digestOf(files: readonly PlanFile[]): string {
  return hashTexts(files.flatMap(({ path, text }) => [JSON.stringify([path, text.length]), text])).slice(0, 32);
}

/** What the link points to, relative to its folder; null if there is none. */
function linkTarget(folder: string): string | null {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (found.isSymbolicLink()) return readlinkSync(folder);
  if (found.isDirectory() && readdirSync(folder).length === 0) {
    rmdirSync(folder);
    return null;
  }
  throw new AppError({
    code: "routing/plan-corrupt",
    message: `${folder} is ${found.isDirectory() ? "a folder" : "a file"}, but a published plan is a symbolic link into ${plansFolder}.`,
    hint: "Move it away, then run the command again.",
    next: [programStep(["mv", folder, `${folder}.before`], "moves it away")],
    details: { file: folder },
  });
}

function holds(folder: string, files: readonly PlanFile[]): boolean {
  if (!existsSync(folder)) return false;
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  if (found.length !== files.length) return false;
  return files.every(({ path: name, text }) => {
    const file = path.join(folder, name);
    return existsSync(file) && readText(file) === text;
  });
}

interface Settling {
  readonly temporary: string;
  readonly plans: string;
  readonly link: string;
  readonly digest: string;
}

/**
 * Gives the finished folder a unique name and makes the link to it, still under a private name. The link comes first:
 * another writer that prunes keeps what the link of a running writer points to.
 */
function settle({ temporary, plans, link, digest }: Settling, atStep: AtStep): string {
  for (let attempt = 1; ; attempt += 1) {
    const target = path.posix.join(plansFolder, attempt === 1 ? digest : `${digest}-${attempt}`);
    const final = path.join(path.dirname(plans), target);
    if (existsSync(final)) continue;
    atStep("link");
    rmSync(link, { force: true });
    symlinkSync(target, link);
    atStep("settle");
    try {
      renameSync(temporary, final);
    } catch (error) {
      // Another writer used the name in between.
      if (existsSync(final)) continue;
      throw error;
    }
    fsyncFolder(plans);
    return target;
  }
}

/** Removes the folders that no link, no running writer's link and not `kept` points to; safe because of the order of its checks. */
function prune(plans: string, folder: string, kept: readonly string[]): void {
  const parent = path.dirname(folder);
  const found = readdirSync(plans).filter((name) => !name.startsWith("."));
  const spared = new Set(kept);
  for (const name of readdirSync(parent)) {
    const target = name.startsWith(`.${path.basename(folder)}`) ? readLink(path.join(parent, name)) : null;
    if (target !== null) spared.add(target);
  }
  const current = readLink(folder);
  if (current !== null) spared.add(current);
  for (const name of found) {
    if (!spared.has(path.posix.join(plansFolder, name)))
      rmSync(path.join(plans, name), { recursive: true, force: true });
  }
}

/** Null if there is no link (any more). */
function readLink(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

/** Writes the routing plan's three forms; the JSON, which is the one that is read, last. */
export function publishRoutingPlan(folder: string, plan: RoutingPlan): void {
  removeLeftovers(folder);
  writeFileDurable(path.join(folder, "routing_plan.md"), routingPlanMarkdown(plan));
  writeFileDurable(path.join(folder, "routing_plan.yaml"), routingPlanYaml(plan));
  writeFileDurable(path.join(folder, "routing_plan.json"), routingPlanText(plan));
}
