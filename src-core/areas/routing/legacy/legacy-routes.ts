import { type Route, routeSchema } from "../../../contract/routing/routes.ts";
import { type RoutingPlan, signalSchema } from "../../../contract/routing/routing-plans.ts";
import { isEnabled } from "../decide/combine.ts";
import { isMapping, type LegacyMapping, noPlace, type Unmapped } from "./legacy-layout.ts";

/** A route by its current name or by one without its prefix, in any case; undefined: none of them. */
export function legacyRoute(value: unknown): Route | undefined {
  if (typeof value !== "string") return undefined;
  const upper = value.toUpperCase();
  const found = routeSchema.safeParse(upper.startsWith("ROUTE_") ? upper : `ROUTE_${upper}`);
  return found.success ? found.data : undefined;
}

export interface LegacyRoutes {
  readonly targets: RoutingPlan["targets"];
  readonly unmapped: readonly Unmapped[];
}

type Targets = RoutingPlan["targets"];
type CrossSectional = Targets[string]["cross_sectional"];
type SymbolRoute = Targets[string]["symbols"][string];

/** An older routing plan's targets: `cs` for cross_sectional, `state` for signal, a reason that is one string. */
export function mapLegacyRoutes(file: unknown): LegacyRoutes {
  const unmapped: Unmapped[] = [];
  const targets = isMapping(file) && isMapping(file.targets) ? Object.entries(file.targets) : [];
  if (targets.length === 0) unmapped.push({ key: "targets", reason: "the file has no mapping of targets" });
  const mapped = targets.map(([name, value]): [string, Targets[string]] => {
    const reader = readerOf(value, `targets.${name}`, unmapped);
    const cross_sectional = crossSectionalOf(reader.take("cross_sectional", "cs"), { key: reader.key, unmapped });
    const symbols = reader.take("symbols");
    const routes = Object.entries(isMapping(symbols) ? symbols : {}).flatMap(([symbol, one]) =>
      symbolRouteOf(one, { key: `${reader.key}.symbols.${symbol}`, unmapped, csSignal: cross_sectional.signal }).map(
        (route): [string, SymbolRoute] => [symbol, route],
      ),
    );
    reader.finish();
    return [name, { cross_sectional, symbols: Object.fromEntries(routes) }];
  });
  return { targets: Object.fromEntries(mapped), unmapped };
}

interface Place {
  readonly key: string;
  readonly unmapped: Unmapped[];
}

/** Takes a mapping's members by their names; `finish` reports those that weren't taken. */
function readerOf(value: unknown, key: string, unmapped: Unmapped[]) {
  const members: LegacyMapping = isMapping(value) ? value : {};
  const taken = new Set<string>();
  const take = (...names: readonly string[]): unknown => {
    const name = names.find((one) => Object.hasOwn(members, one) && !taken.has(one));
    if (name === undefined) return undefined;
    taken.add(name);
    return members[name];
  };
  const finish = () => {
    for (const name of Object.keys(members))
      if (!taken.has(name)) unmapped.push({ key: `${key}.${name}`, reason: noPlace });
  };
  return { key, take, finish };
}

function crossSectionalOf(value: unknown, { key, unmapped }: Place): CrossSectional {
  const reader = readerOf(value, `${key}.cross_sectional`, unmapped);
  const route = reader.take("route");
  const read = signalSchema.safeParse(reader.take("signal", "state"));
  const signal = read.success ? read.data : route === "ENABLED" ? "WEAK_BUT_OK" : "DISALLOWED";
  const reason = reasons(reader.take("reason", "reasons")).join("; ");
  reader.finish();
  return { route: isEnabled(signal) ? "ENABLED" : "DISABLED", signal, reason };
}

function symbolRouteOf(
  value: unknown,
  { key, unmapped, csSignal }: Place & { readonly csSignal: SymbolRoute["cs_signal"] },
): readonly SymbolRoute[] {
  const reader = readerOf(isMapping(value) ? value : { route: value }, key, unmapped);
  const route = legacyRoute(reader.take("route"));
  if (route === undefined) {
    unmapped.push({ key: `${key}.route`, reason: "an unknown route" });
    return [];
  }
  const cs = signalSchema.safeParse(reader.take("cs_signal", "cs_state"));
  const own = signalSchema.safeParse(reader.take("symbol_signal", "symbol_state", "signal", "state"));
  const isOwn = route === "ROUTE_SYMBOL_SPECIFIC" || route === "ROUTE_BOTH";
  const reason = reasons(reader.take("reason", "reasons"));
  reader.finish();
  return [
    {
      route,
      cs_signal: cs.success ? cs.data : csSignal,
      symbol_signal: own.success ? own.data : isOwn ? "WEAK_BUT_OK" : "DISALLOWED",
      reason: [...reason],
    },
  ];
}

function reasons(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}
