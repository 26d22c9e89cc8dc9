import { text } from "node:stream/consumers";
import { checkExpressions, type SqlCheckRequest } from "../../areas/splits/sql/sql-check-program.ts";

/** The locked process that checks person-written SQL: a request on standard input, its answer on standard output. */
const request = JSON.parse(await text(process.stdin)) as SqlCheckRequest; // Written by our own parent process.
process.stdout.write(JSON.stringify(await checkExpressions(request)));
