import type { ResolvedConfigs } from "../../contract/configs/resolved.ts";
import { AppError, type ErrorCode } from "../../contract/errors.ts";

const aboutModelFile: readonly ErrorCode[] = ["training/invalid-params", "training/unknown-model"];

/** What only the estimator itself can refuse in a model schema, said of that file; any other error as it is. */
export function ofModelFile(error: unknown, { path, version }: ResolvedConfigs["model"]): unknown {
  if (!(error instanceof AppError) || !aboutModelFile.includes(error.code)) return error;
  const advice = `This run has used ${path}: write the correction as the next version, and run with --set model_version=N.`;
  return new AppError({
    code: error.code,
    message: `${path}, model.params: ${error.message}`,
    hint: error.hint === undefined ? advice : `${error.hint} ${advice}`,
    next: error.next,
    details: { ...error.details, file: path, version },
    cause: error,
  });
}
