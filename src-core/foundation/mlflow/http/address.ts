import { AppError } from "../../../contract/errors.ts";

/** Address and credentials of a tracking server. */
export interface Address {
  /** http(s) address without credentials and trailing slash; safe to show and store. */
  readonly uri: string;
  /** Value of the Authorization header; only sent to this origin. */
  readonly authorization: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A tracking URI and the login that was in it, as MLflow's variables. */
export interface SplitAddress {
  /** What was given, without the login. */
  readonly uri: string;
  /** Empty if there was none. */
  readonly login: Readonly<Record<string, string>>;
}

/** Takes the login out of a tracking URI, so that the address can be stored and shown. What can't be parsed holds none that is used. */
export function splitLogin(text: string): SplitAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return { uri: withoutLogin(text), login: {} };
  if (url.username === "" && url.password === "") return { uri: text, login: {} };
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = "";
  url.password = "";
  return {
    uri: url.href,
    login: {
      ...(user === "" ? {} : { MLFLOW_TRACKING_USERNAME: user }),
      ...(password === "" ? {} : { MLFLOW_TRACKING_PASSWORD: password }),
    },
  };
}

/** For messages: what is before an `@` may be a password. */
const withoutLogin = (text: string): string => text.replace(/:\/\/.*@/s, "://");

/**
 * Reads a tracking URI. Credentials come from the URI itself, else from MLflow's own variables: MLFLOW_TRACKING_TOKEN (Bearer),
 * MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (Basic).
 * @throws tracking/not-mlflow for anything that isn't an http(s) address
 */
export function parseAddress(text: string, env: Variables = {}): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new AppError({
      code: "tracking/not-mlflow",
      message: `The tracking address '${withoutLogin(text)}' isn't an http or https address, and a store without a server isn't supported.`,
      hint: "Set the address of an MLflow server (http://host:port), or none to use the managed server.",
      details: { uri: withoutLogin(text) },
    });
  }
  const user = decodeURIComponent(url.username) || env.MLFLOW_TRACKING_USERNAME || "";
  const password = decodeURIComponent(url.password) || env.MLFLOW_TRACKING_PASSWORD || "";
  const uri = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return { uri, authorization: authorizationOf(user, password, env.MLFLOW_TRACKING_TOKEN) };
}

function authorizationOf(user: string, password: string, token: string | undefined): string | undefined {
  if (user !== "") return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return token === undefined || token === "" ? undefined : `Bearer ${token}`;
}
