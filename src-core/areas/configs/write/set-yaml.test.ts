import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { setYaml } from "./set-yaml.ts";

const file = `# the project
version: 2
name: shops        # of the north
target: "sales" # per day

tracking:
  # the team's
  experiment: team
families: { ridge: {} }
`;

describe("setting values in a YAML file", () => {
  it("replaces the value and leaves comments, order and spaces as they are", () => {
    const edited = setYaml(file, [
      { path: ["name"], value: "harbours" },
      { path: ["target"], value: "on" },
      { path: ["tracking", "experiment"], value: "harbours_training" },
    ]);
    expect(edited).toBe(
      file
        .replace("name: shops ", "name: harbours ")
        .replace('"sales"', '"on"')
        .replace("experiment: team", "experiment: harbours_training"),
    );
  });

  it("adds a missing key after the named one, else first in its mapping", () => {
    const id = "0123456789abcdef0123456789abcdef";
    expect(setYaml(file, [{ path: ["id"], value: id, after: "name" }])).toBe(
      file.replace("# of the north\n", `# of the north\nid: "${id}"\n`),
    );
    expect(setYaml(file, [{ path: ["tracking", "uri"], value: "http://mlflow:5000" }])).toBe(
      file.replace("  experiment: team", '  uri: "http://mlflow:5000"\n  experiment: team'),
    );
    expect(setYaml("name: shops", [{ path: ["id"], value: "a", after: "name" }])).toBe("name: shops\nid: a");
  });

  it.each([
    ["{ version: 2, name: shops }", { version: 2, name: "harbours", id: "abc" }],
    ['{"version": 2, "name": "shops", "id": "x"}', { version: 2, name: "harbours", id: "abc" }],
    ["name:\nversion: 2\n", { version: 2, name: "harbours", id: "abc" }],
    ["version: 2\r\nname: shops\r\n", { version: 2, name: "harbours", id: "abc" }],
  ])("writes to %j", (text, expected) => {
    const changes = [
      { path: ["id"] as const, value: "abc", after: "name" },
      { path: ["name"] as const, value: "harbours" },
    ];
    expect(parse(setYaml(text, changes))).toEqual(expected);
  });

  it("refuses a mapping that isn't there", () => {
    expect(() => setYaml("name: shops\n", [{ path: ["tracking", "experiment"], value: "x" }])).toThrow(/tracking/);
  });
});
