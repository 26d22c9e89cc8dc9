import { spawn } from "node:child_process";
import { supervisorLease } from "../../src-core/areas/operations/start-supervisor.ts";
import type { Core } from "../../src-core/foundation/context.ts";

/** Holds a project's lock as a supervisor of another container does: its lease names a process that isn't here. Returns what ends it. */
export async function holdLock(core: Pick<Core, "catalogue">, lock: string): Promise<() => void> {
  const module = JSON.stringify(new URL("../../src-core/foundation/locks/process-lock.ts", import.meta.url).href);
  const source = `const { tryLock } = await import(${module});
    if (tryLock(${JSON.stringify(lock)}) === undefined) process.exit(3);
    console.log("held"); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  core
    .catalogue()
    .write((writer) =>
      writer.run(
        "INSERT OR REPLACE INTO leases VALUES (?, 4194300, '1', 'elsewhere', 0, 'pid:[1]', 'elsewhere')",
        supervisorLease,
      ),
    );
  return () => void child.kill("SIGKILL");
}
