import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { plainProject } from "../../../test/support/plain-project.ts";
import { projectApp } from "../../../test/support/project-app.ts";

it("a server that is named and doesn't respond isn't started here, and no step says that it could be", async () => {
  const app = projectApp(plainProject(), { env: { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" } });
  try {
    const refused = await app.call("mlflow.start", {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "tracking/unreachable",
      message: expect.stringContaining("http://127.0.0.1:9 doesn't respond"),
      hint: expect.stringMatching(/leave its address out/),
    });
    expect(refused).not.toHaveProperty("next", expect.anything());
  } finally {
    await app.close();
    rmSync(app.core.projectDir, { recursive: true, force: true });
  }
}, 60_000);
