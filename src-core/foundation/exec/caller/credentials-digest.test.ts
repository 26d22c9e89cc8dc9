import { expect, it } from "vitest";
import { areCredentialsOf, digestCredentials } from "./credentials-digest.ts";

const credentials = { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "correct horse" };

it("credentials are recognised by their digest, in whatever order; others aren't", async () => {
  const known = await digestCredentials(credentials);
  const { MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD } = credentials;
  expect(await areCredentialsOf(known, { MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_USERNAME })).toBe(true);
  for (const other of [
    {},
    { ...credentials, MLFLOW_TRACKING_PASSWORD: "s" },
    { ...credentials, AWS_SESSION_TOKEN: "s" },
  ])
    expect(await areCredentialsOf(known, other)).toBe(false);
});

it("equal credentials have another digest each time, so that two operations can't be compared", async () => {
  const [one, two] = await Promise.all([digestCredentials(credentials), digestCredentials(credentials)]);
  expect(one.digest).not.toBe(two.digest);
});
