import { createApp } from "../src-core/app.ts";

/** `routing.assess` of a project in one process, everything measured anew: `PROJECT`. Its output is the last line. */
const [projectDir = ""] = process.argv.slice(2);
const app = createApp({ projectDir, env: process.env, role: "supervisor" });
try {
  const context = { signal: new AbortController().signal, report: () => undefined };
  console.log(JSON.stringify(await app.execute("routing.assess", { fresh: true }, context)));
} finally {
  await app.close();
}
