import { sha256 } from "../files/digest.ts";
import type { ArtifactCalls } from "./artifacts/artifacts.ts";
import type { BatchContent } from "./batch.ts";
import { lengthOf, limits } from "./http/names.ts";
import type { RunLogCalls } from "./run-log.ts";
import type { RunCalls } from "./runs.ts";

/** A value that MLflow can't store, as the text of an artifact. */
interface LongValue {
  readonly artifactPath: string;
  readonly text: string;
}

type Values = Readonly<Record<string, string>>;

/** The calls that log parameters and tags of a run, for values of any length. */
export type ValueCalls = Pick<RunLogCalls, "logBatch" | "setTags"> & Pick<RunCalls, "createRun">;

/**
 * Lets parameters and tags have any length: what is longer than MLflow stores becomes an artifact below `long_values/`, and the parameter or
 * tag has its digest and the artifact's path. Equal values give equal artifacts, so that each call can be repeated.
 */
export function withLongValues(calls: ValueCalls, { uploadText }: Pick<ArtifactCalls, "uploadText">): ValueCalls {
  const upload = async (runId: string, long: readonly LongValue[]) => {
    for (const { artifactPath, text } of long) await uploadText({ runId, artifactPath, text });
  };
  const logBatch: RunLogCalls["logBatch"] = async ({ runId, ...content }) => {
    const { short, long } = shortened(content);
    await upload(runId, long);
    await calls.logBatch({ runId, ...short });
  };
  return {
    logBatch,
    setTags: (runId, tags) => logBatch({ runId, tags }),
    createRun: async (wanted) => {
      const { short, long } = shortened({ tags: wanted.tags ?? {} });
      const made = await calls.createRun({ ...wanted, tags: short.tags ?? {} });
      await upload(made.runId, long);
      return made;
    },
  };
}

/** The content with each long value replaced, and what replaces them. Pure. */
export function shortened(content: BatchContent): {
  readonly short: BatchContent;
  readonly long: readonly LongValue[];
} {
  const long: LongValue[] = [];
  const shorten = (kind: "params" | "tags", values: Values | undefined, most: number): Values | undefined => {
    if (values === undefined) return undefined;
    const entries = Object.entries(values).map(([key, value]) => {
      const length = lengthOf(value);
      if (length <= most) return [key, value] as const;
      const digest = sha256(value);
      const artifactPath = `long_values/${kind}/${fileName(key)}-${digest.slice(0, 12)}.txt`;
      long.push({ artifactPath, text: value });
      return [key, `sha256:${digest} (${length} characters, in the artifact ${artifactPath})`] as const;
    });
    return Object.fromEntries(entries);
  };
  const params = shorten("params", content.params, limits.paramValue);
  const tags = shorten("tags", content.tags, limits.tagValue);
  const short = { ...content, ...(params === undefined ? {} : { params }), ...(tags === undefined ? {} : { tags }) };
  return { short, long };
}

/** The digest of the value, which follows it, keeps keys apart that become one name. */
function fileName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(0, 100);
}
