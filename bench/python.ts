import { dataHome } from "../src-core/foundation/files/paths.ts";

/**
 * The interpreter for peers written in Python: SIGNALBOX_BENCH_PYTHON, else that of the managed environment, built if missing.
 */
export async function benchPython(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (env.SIGNALBOX_BENCH_PYTHON) return env.SIGNALBOX_BENCH_PYTHON;
  const { ensurePythonEnvironment } = await import("../src-core/areas/environment/build/ensure.ts");
  return (await ensurePythonEnvironment({ home: dataHome(env), groups: [], env })).python;
}
