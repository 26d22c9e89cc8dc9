import os from "node:os";
import { expect, it } from "vitest";
import {
  callerOf,
  credentialsOf,
  environmentFor,
  isRootBeside,
  sharedEnvironment,
  type Variables,
} from "./caller-environment.ts";

const here = callerOf({}).space;

it("what counts and isn't secret is stored; what is secret or chooses an identity is a credential", () => {
  const env = {
    ...{ PATH: "/bin", HOME: "/home/ada", LANG: "C.UTF-8", TERM: "xterm" },
    ...{ MLFLOW_TRACKING_URI: "http://host:5000", MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "s" },
    ...{ AWS_PROFILE: "shop", AWS_REGION: "eu-central-1", AWS_SESSION_TOKEN: "s", AWS_UNHEARD_OF: "s" },
    ...{ GOOGLE_APPLICATION_CREDENTIALS: "/home/ada/key.json", AZURE_STORAGE_CONNECTION_STRING: "s" },
    ...{
      UV_INDEX_URL: "https://pypi.example",
      UV_INDEX_OWN_PASSWORD: "s",
      GITHUB_TOKEN: "s",
      MLFLOW_FLASK_SERVER_SECRET_KEY: "s",
    },
  };
  expect(callerOf({ ...env, SIGNALBOX_ACTOR: "nightly-job" })).toEqual({
    actor: "nightly-job",
    space: here,
    settings: {
      ...{ AWS_PROFILE: "shop", AWS_REGION: "eu-central-1", HOME: "/home/ada", PATH: "/bin" },
      ...{
        MLFLOW_TRACKING_URI: "http://host:5000",
        SIGNALBOX_ACTOR: "nightly-job",
        UV_INDEX_URL: "https://pypi.example",
      },
    },
  });
  expect(Object.keys(credentialsOf(env))).toEqual([
    ...["AWS_SESSION_TOKEN", "AWS_UNHEARD_OF", "AZURE_STORAGE_CONNECTION_STRING", "GOOGLE_APPLICATION_CREDENTIALS"],
    ...["MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_USERNAME", "UV_INDEX_OWN_PASSWORD"],
  ]);
  expect(callerOf(env).actor).toBe(`${os.userInfo().username}@${os.hostname()}`);
});

it.each<[string, Variables, readonly string[]]>([
  ["a proxy without a login", { https_proxy: "http://proxy:3128", NO_PROXY: "localhost" }, []],
  ["a proxy with one", { HTTPS_PROXY: "http://ada:s@proxy:3128" }, ["HTTPS_PROXY"]],
  ["one without its scheme", { http_proxy: "ada:s@proxy:3128" }, ["http_proxy"]],
  ["a password with a slash in it", { HTTP_PROXY: "http://ada:s/s@proxy" }, ["HTTP_PROXY"]],
  ["an index with a login", { PIP_INDEX_URL: "https://ada:s@pypi.example/simple" }, ["PIP_INDEX_URL"]],
  ["git's identity", { GIT_AUTHOR_EMAIL: "ada@example.org", GIT_CONFIG_GLOBAL: "/etc/gitconfig" }, []],
  [
    "a folder that git trusts",
    { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" },
    [],
  ],
  [
    "a header of git's",
    { GIT_CONFIG_KEY_0: "http.extraHeader", GIT_CONFIG_VALUE_0: "Authorization: s" },
    ["GIT_CONFIG_VALUE_0"],
  ],
  ["an empty one", { MLFLOW_TRACKING_TOKEN: "" }, []],
])("%s", (_, env, names) => {
  expect(Object.keys(credentialsOf(env))).toEqual(names);
  expect(Object.keys(callerOf(env).settings).filter((name) => names.includes(name))).toEqual([]);
});

it("a shared process keeps its folders, and neither settings nor secrets of whoever started it", () => {
  const env = {
    PATH: "/bin",
    HOME: "/home/ada",
    LANG: "C",
    SIGNALBOX_ACTOR: "ada",
    AWS_REGION: "r",
    AWS_SECRET_ACCESS_KEY: "s",
    GITHUB_TOKEN: "s",
  };
  expect(sharedEnvironment(env)).toEqual({ PATH: "/bin", HOME: "/home/ada", LANG: "C" });
});

it("an operation gets its caller's variables, and none of another's", () => {
  const shared = {
    PATH: "/bin",
    HOME: "/home/eve",
    XDG_CONFIG_HOME: "/home/eve/c",
    LANG: "C",
    AWS_SECRET_ACCESS_KEY: "of eve",
  };
  const caller = callerOf({ PATH: "/opt/bin", HOME: "/home/ada", AWS_REGION: "r" });
  const own = { ...caller, actor: "ada@laptop" };
  expect(environmentFor(shared, own, { MLFLOW_TRACKING_TOKEN: "of ada" })).toEqual({
    ...{ PATH: "/opt/bin", HOME: "/home/ada", LANG: "C", AWS_REGION: "r" },
    ...{ MLFLOW_TRACKING_TOKEN: "of ada", SIGNALBOX_ACTOR: "ada@laptop" },
  });
});

it.each([
  ["host pid-1 1000", "host pid-1 0", true],
  ["host pid-1 0", "host pid-1 0", false],
  ["host pid-1 1000", "host pid-1 1000", false],
  // Numbers of another container's users mean others.
  ["host pid-2 1000", "host pid-1 0", false],
])("root beside a person: a caller of %s in a process of %s", (space, own, expected) => {
  expect(isRootBeside({ space }, own)).toBe(expected);
});

it("folders of another user or container aren't used: the process's own are", () => {
  const caller = { actor: "ada", space: "elsewhere", settings: { HOME: "/home/ada", AWS_REGION: "r" } };
  expect(environmentFor({ HOME: "/home/eve", PATH: "/bin" }, caller, {})).toEqual({
    ...{ HOME: "/home/eve", PATH: "/bin", AWS_REGION: "r", SIGNALBOX_ACTOR: "ada" },
  });
});
