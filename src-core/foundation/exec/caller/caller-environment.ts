import { ownIdentity } from "../../files/process-identity.ts";
import { actorOf, actorVariable } from "./actor.ts";

/**
 * What of an environment is its caller's. A long operation runs in a process that another caller may have started: it gets that process's
 * environment without the variables of this list, and with those of its own caller.
 */

export type Variables = Readonly<Record<string, string | undefined>>;
type Values = Readonly<Record<string, string>>;

/** What is stored of an operation's caller. */
export interface Caller {
  /** As the ledger names them. */
  readonly actor: string;
  /** Host, PID namespace and user: elsewhere the caller's folders aren't the same, or not readable. */
  readonly space: string;
  /** Variables that count and hold no secret. */
  readonly settings: Values;
}

type Kind =
  /** Counts, and may be stored. */
  | "setting"
  /** The same, but names folders and sockets: it holds only for the user, and where the caller is. */
  | "folder"
  /** Is secret, or chooses an identity: never stored. */
  | "credential"
  /** Nothing that we call needs it, and it may be secret: no operation gets it. */
  | "withheld";

const secretName = /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY/i;

/** The first that matches decides. A variable that none matches belongs to the process, not to the caller. */
const rules: readonly (readonly [RegExp, Kind])[] = [
  [/^SIGNALBOX_(ACTOR|PYTHON)$/, "setting"],
  [/^(PATH|HOME|SIGNALBOX_HOME|XDG_(CONFIG|DATA|CACHE)_HOME)$/, "folder"],

  // Our client of MLflow. Its Python library only runs in jobs and in the managed server, which get none of these.
  [/^MLFLOW_TRACKING_URI$/, "setting"],
  [/^MLFLOW_TRACKING_(USERNAME|PASSWORD|TOKEN)$/, "credential"],
  [/^MLFLOW_/, "withheld"],

  // git: configuration and identity. No call of ours reaches another machine.
  [/^(GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|EMAIL)$/, "setting"],
  [/^GIT_CONFIG_(COUNT|KEY_\d+|VALUE_\d+|NOSYSTEM)$/, "setting"],
  [/^GIT_CONFIG_(GLOBAL|SYSTEM)$/, "folder"],
  [/^GIT_CONFIG_PARAMETERS$/, "credential"],
  [/^GIT_(EXEC_PATH|TEMPLATE_DIR|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/, "folder"],
  [/^GIT_/, "withheld"],

  // DVC and the libraries of its remotes.
  [/^DVC_(GLOBAL_CONFIG_DIR|SYSTEM_CONFIG_DIR|SITE_CACHE_DIR)$/, "folder"],
  [/^AWS_(CONFIG_FILE|CA_BUNDLE)$|^(AZURE_CONFIG_DIR|CLOUDSDK_CONFIG|SSH_AUTH_SOCK|KRB5CCNAME)$/, "folder"],
  [
    /^AWS_(DEFAULT_)?(PROFILE|REGION|OUTPUT)$|^AWS_(ENDPOINT_URL|S3_|USE_|EC2_METADATA_|METADATA_SERVICE_)\w*$/,
    "setting",
  ],
  [/^AWS_(SDK_LOAD_CONFIG|STS_REGIONAL_ENDPOINTS|MAX_ATTEMPTS|RETRY_MODE|PAGER|EXECUTION_ENV)$/, "setting"],
  [/^(GOOGLE_CLOUD_PROJECT|GCLOUD_PROJECT|GCE_METADATA_\w+|OSS_ENDPOINT)$/, "setting"],
  [/^(AWS|AZURE|GOOGLE|GDRIVE|OSS)_/, "credential"],

  // The network, for all of them.
  [/^(HTTP|HTTPS|FTP|ALL|NO)_PROXY$/i, "setting"],
  [/^(SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/, "folder"],
  // Node applies these two to its whole process, so the supervisor doesn't get them: our client of MLflow reads them itself.
  [/^NODE_(EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED)$/, "setting"],

  // Where a Python environment comes from.
  [/^(DVC|UV|PIP)_\w*(USERNAME|TOKEN|SECRET|PASSWORD|CREDENTIAL)/, "credential"],
  [/^(DVC|UV|PIP)_/, "setting"],

  [secretName, "withheld"],
];

function kindOf(name: string, env: Variables): Kind | undefined {
  const kind = rules.find(([pattern]) => pattern.test(name))?.[1];
  const isStored = kind === "setting" || kind === "folder";
  return isStored && holdsSecret(name, env) ? "credential" : kind;
}

/** git's configuration by variables: sections whose values are never a login. */
const openSections = /^(safe|core|user|author|committer|init|commit)\./i;

function holdsSecret(name: string, env: Variables): boolean {
  const value = env[name] ?? "";
  const configured = /^GIT_CONFIG_VALUE_(\d+)$/.exec(name)?.[1];
  if (configured !== undefined && !openSections.test(env[`GIT_CONFIG_KEY_${configured}`] ?? "")) return true;
  // An address with a login; that of a proxy may be without its scheme.
  return /:\/\/\S*@/.test(value) || (/_PROXY$/i.test(name) && value.includes("@"));
}

function select(env: Variables, isWanted: (kind: Kind | undefined) => boolean): Values {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (value !== undefined && isWanted(kindOf(name, env))) found[name] = value;
  return found;
}

/** What may be stored of whoever has this environment. */
export function callerOf(env: Variables): Caller {
  return {
    actor: actorOf({ env }),
    space: ownSpace(),
    settings: select(env, (kind) => kind === "setting" || kind === "folder"),
  };
}

/** What may not. Empty where the caller has none. */
export function credentialsOf(env: Variables): Values {
  const all = select(env, (kind) => kind === "credential");
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** The environment of a process that works for several callers: it keeps the folders of the one who started it, and nothing else of theirs. */
export function sharedEnvironment(env: Variables): Values {
  return select(env, (kind) => kind === undefined || kind === "folder");
}

/** The environment that an operation runs under, in a process of the environment `shared`. */
export function environmentFor(
  shared: Variables,
  { actor, space, settings }: Caller,
  credentials: Values,
): Readonly<Record<string, string>> {
  const isHere = space === ownSpace();
  return {
    ...select(shared, (kind) => kind === undefined || (kind === "folder" && !isHere)),
    ...select(settings, (kind) => kind === "setting" || (kind === "folder" && isHere)),
    ...credentials,
    [actorVariable]: actor,
  };
}

/**
 * True in a process of root's on the same machine as a caller who isn't: what it does for them would be root's files in their project, where git
 * then trusts nobody.
 */
export function isRootBeside({ space }: Pick<Caller, "space">, own: string = ownSpace()): boolean {
  const [at, user] = [space.replace(/ \d*$/, ""), space.split(" ").at(-1)];
  return own === `${at} 0` && user !== "0" && user !== "";
}

function ownSpace(): string {
  const { host, namespace } = ownIdentity();
  return `${host} ${namespace} ${process.getuid?.() ?? ""}`;
}
