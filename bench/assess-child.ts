import { createApp } from "../src-core/wiring/app.ts";

/** `routing.assess PROJECT` in one process, as the supervisor runs it, without reused evidence. */
const [projectDir = ""] = process.argv.slice(2);
const app = createApp({ projectDir, env: process.env, node: process.execPath, role: "supervisor" });
try {
  const context = { signal: new AbortController().signal, report: () => undefined };
  await app.execute("routing.assess", { fresh: true }, context);
} finally {
  await app.close();
}
