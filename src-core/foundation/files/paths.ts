import os from "node:os";
import path from "node:path";

/** Absolute paths of a project's files. The guide's page on projects describes them. */
export interface ProjectPaths {
  readonly root: string;
  readonly configFile: string;
  readonly configs: string;
  readonly activeFile: string;
  readonly promotionFile: string;
  readonly frozenFile: string;
  readonly splits: string;
  readonly references: string;
  readonly ledgerFile: string;
  /** Append-only log of every read of a reference test; tracked. */
  readonly referenceReadsFile: string;
  readonly routingFile: string;
  /** Candidate table, its evidence, the routing plan; tracked. */
  readonly routing: string;
  /** The training plan and its derived views: a link into `.plans` beside it; tracked. */
  readonly trainingPlan: string;
  /** Everything below is an index, cache or log and isn't tracked. */
  readonly private: string;
  readonly catalogueFile: string;
  /** Held by the project's supervisor while it lives. */
  readonly supervisorLock: string;
  readonly runs: string;
  readonly operations: string;
  readonly cache: string;
  readonly mlflow: string;
  /** Measurements of the assessment's workers, by signature. */
  readonly evidence: string;
}

export function projectPaths(root: string): ProjectPaths {
  const inRoot = (...parts: string[]) => path.join(root, ...parts);
  return {
    root,
    configFile: inRoot("signalbox.yaml"),
    configs: inRoot("configs"),
    activeFile: inRoot("configs", "active.yaml"),
    promotionFile: inRoot("configs", "promotion.yaml"),
    frozenFile: inRoot("configs", "frozen.json"),
    splits: inRoot("data", "splits"),
    references: inRoot("data", "reference", "tests"),
    ledgerFile: inRoot("ledger", "decisions.jsonl"),
    referenceReadsFile: inRoot("ledger", "reference_reads.jsonl"),
    routingFile: inRoot("configs", "routing.yaml"),
    routing: inRoot("metrics", "routing"),
    trainingPlan: inRoot("globals", "training_plan"),
    private: inRoot(".signalbox"),
    catalogueFile: inRoot(".signalbox", "catalogue.sqlite"),
    supervisorLock: inRoot(".signalbox", "supervisor.lock"),
    runs: inRoot(".signalbox", "runs"),
    operations: inRoot(".signalbox", "operations"),
    cache: inRoot(".signalbox", "cache"),
    mlflow: inRoot(".signalbox", "mlflow"),
    evidence: inRoot(".signalbox", "evidence"),
  };
}

/** The user's data folder: private Node, Python environments. `SIGNALBOX_HOME` overrides it. */
export function dataHome(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.SIGNALBOX_HOME) return path.resolve(env.SIGNALBOX_HOME);
  const home = env.HOME ?? ownHome();
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "signalbox");
  return path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "signalbox");
}

/** A user without an entry in the system's list has no home: what is built is then kept in the temporary folder. */
function ownHome(): string {
  try {
    return os.homedir();
  } catch {
    return path.join(os.tmpdir(), `signalbox-home-${process.getuid?.() ?? 0}`);
  }
}
