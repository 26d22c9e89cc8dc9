import { expect, test } from "vitest";
import { browserCommand } from "./browser.ts";
import { chooseServer } from "./choose-server.ts";

test("the flag goes before the variable, the variable before signalbox.yaml, and nothing means the managed server", () => {
  const all = { flag: "http://flag", variable: "http://variable", configured: "http://file" };
  expect(chooseServer(all)).toEqual({ source: "flag", uri: "http://flag" });
  expect(chooseServer({ ...all, flag: undefined })).toEqual({ source: "MLFLOW_TRACKING_URI", uri: "http://variable" });
  expect(chooseServer({ ...all, flag: " ", variable: "" })).toEqual({ source: "signalbox.yaml", uri: "http://file" });
  expect(chooseServer({ flag: undefined, variable: undefined, configured: undefined })).toEqual({
    source: "managed",
    uri: null,
  });
});

test("a browser is started only if there is a display", () => {
  expect(browserCommand({}, "linux")).toBeUndefined();
  expect(browserCommand({ WAYLAND_DISPLAY: "wayland-0" }, "linux")).toBe("xdg-open");
  expect(browserCommand({}, "darwin")).toBe("open");
});
