import { describe, expect, it } from "vitest";
import { completed, platformOf } from "./lock-completion.ts";
import { problemsOf, requirementLists, requirementsOf, stampOf } from "./lock-inputs.ts";

describe("the inputs of a Python lock", () => {
  const pyproject = `
[project]
name = "x"
dependencies = [
  "numpy>=2", # why
  "pandas",
]

[project.optional-dependencies]
dev = ["ruff", "mypy"]

[tool.ruff]
select = ["A"]

[dependency-groups]
dvc = ['dvc>=3']
`;

  it("are the lists of the project, its extras and its groups, and no other list", () => {
    const lists = requirementLists(pyproject);
    expect(lists.map((list) => [list.section, list.name, requirementsOf(list)])).toEqual([
      ["project", "", ["numpy>=2", "pandas"]],
      ["extra", "dev", ["ruff", "mypy"]],
      ["group", "dvc", ["dvc>=3"]],
    ]);
  });

  it("change the stamp with a requirement, but not with a comment", () => {
    const stamp = (text: string) => stampOf(requirementLists(text).map((list) => list.text));
    expect(stamp(pyproject.replace("# why", "# because"))).toBe(stamp(pyproject));
    expect(stamp(pyproject.replace("numpy>=2", "numpy>=2.1"))).not.toBe(stamp(pyproject));
  });

  it("must be valid on every machine", () => {
    const good = "numpy==2.4.6 \\\n    --hash=sha256:00\n";
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf(`--index-url https://example.org/simple\n${good}`)[0]).toContain("address");
    expect(problemsOf("torch==2.13.0+cpu \\\n    --hash=sha256:00\n")[0]).toContain("one machine's own index");
    expect(problemsOf("numpy==2.4.6\npandas==2.3.0 \\\n    --hash=sha256:00\n")).toEqual([
      "has no hash for numpy==2.4.6",
    ]);
    expect(problemsOf("")).toEqual(["pins nothing"]);
  });
});

describe("the lock of the Node packages", () => {
  it("gets the platform packages that the registry didn't have", () => {
    const lock = {
      packages: {
        "node_modules/tool": {
          version: "1.0.0",
          dev: true,
          optionalDependencies: {
            "@tool/linux-x64": "1.0.0",
            "@tool/darwin-arm64": "1.0.0",
            "plain-optional": "^1.0.0",
          },
        },
        "node_modules/@tool/linux-x64": { version: "1.0.0" },
      },
    };
    const { lock: whole, added } = completed(lock);
    expect(added).toEqual(["node_modules/@tool/darwin-arm64"]);
    expect(whole.packages["node_modules/@tool/darwin-arm64"]).toEqual({
      version: "1.0.0",
      cpu: ["arm64"],
      os: ["darwin"],
      dev: true,
      optional: true,
    });
    expect(completed(whole).added).toEqual([]);
  });

  it("puts a second version of a platform package below its parent", () => {
    const of = (version: string) => ({ version, optionalDependencies: { "@p/linux-arm64-musl": version } });
    const { added } = completed({
      packages: { "node_modules/k/node_modules/p": of("1.0.0"), "node_modules/p": of("2.0.0") },
    });
    expect(added).toEqual(["node_modules/k/node_modules/@p/linux-arm64-musl", "node_modules/@p/linux-arm64-musl"]);
  });

  it("reads the system, processor and C library from a name", () => {
    expect(platformOf("@a/binding-linux-arm-musleabihf")).toEqual({ os: ["linux"], cpu: ["arm"], libc: ["musl"] });
    expect(platformOf("@a/win32-x64-msvc")).toEqual({ os: ["win32"], cpu: ["x64"] });
  });
});
