import { expect, it } from "vitest";
import { parseAddress, splitLogin } from "./address.ts";

it.each([
  ["http://host:5000", "http://host:5000", {}],
  [
    "http://ada:p%40ss@host:5000/ml",
    "http://host:5000/ml",
    { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "p@ss" },
  ],
  ["https://ada@host/", "https://host/", { MLFLOW_TRACKING_USERNAME: "ada" }],
  [
    "postgresql://ada:s3cret@host/mlflow",
    "postgresql://host/mlflow",
    { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "s3cret" },
  ],
  ["http://ada:s3#cret@host", "http://host", {}],
  ["./mlruns", "./mlruns", {}],
])("the login of %s is taken out of it", (text, uri, login) => {
  expect(splitLogin(text)).toEqual({ uri, login });
});

it("an address and its login apart mean what they meant together", () => {
  const { uri, login } = splitLogin("https://me:s%40crt@host/ml/");
  expect(parseAddress(uri, login)).toEqual(parseAddress("https://me:s%40crt@host/ml/"));
});

it("an address that can't be used is named without its login", () => {
  for (const text of ["postgresql://ada:s3cret@host/mlflow", "http://ada:s3#cret@host"])
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining("cret"),
        details: { uri: expect.not.stringContaining("cret") },
      }),
    );
});
