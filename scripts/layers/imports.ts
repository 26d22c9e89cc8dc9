import { parseSync } from "oxc-parser";

export interface Import {
  readonly specifier: string;
  /** The import doesn't exist at run time. */
  readonly isTypeOnly: boolean;
}

export interface Parsed {
  readonly imports: readonly Import[];
  /** The file has only re-exports. */
  readonly isBarrel: boolean;
}

/** Finds static, dynamic and re-exporting imports in a source. Dynamic imports of a computed name are skipped. */
export function parseImports(file: string, source: string): Parsed {
  const { module, errors, program } = parseSync(file, source);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const imports: Import[] = module.staticImports.map((it) => ({
    specifier: it.moduleRequest.value,
    isTypeOnly: it.entries.length > 0 && it.entries.every((entry) => entry.isType),
  }));
  for (const { entries } of module.staticExports) {
    const requests = new Map<string, boolean>();
    for (const entry of entries) {
      if (!entry.moduleRequest) continue;
      const name = entry.moduleRequest.value;
      requests.set(name, (requests.get(name) ?? true) && entry.isType);
    }
    for (const [specifier, isTypeOnly] of requests) imports.push({ specifier, isTypeOnly });
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^["'`]([^$]+)["'`]$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[1] !== undefined) imports.push({ specifier: literal[1], isTypeOnly: false });
  }
  const isReExport = (node: (typeof program.body)[number]) =>
    node.type === "ExportAllDeclaration" || (node.type === "ExportNamedDeclaration" && node.source !== null);
  return { imports, isBarrel: program.body.length > 0 && program.body.every(isReExport) };
}
