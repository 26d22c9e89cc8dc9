/** What happens to output that can't be written. */

type Streams = Pick<NodeJS.Process, "stdout" | "stderr">;

/** A reader may stop early (`signalbox runs list | head -1`), which isn't a failure; a full disk is one, and is said. */
export function guardOutput(streams: Streams = process, exit: (code: number) => void = process.exit): void {
  streams.stdout.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return exit(0);
    streams.stderr.write(`error  Can't write the output: ${error.message}\n`);
    // As files/disk-full and files/io.
    exit(5);
  });
}

/** Without a reader, messages are lost; what they are about isn't. */
export function guardMessages({ stderr }: Pick<Streams, "stderr"> = process): void {
  stderr.on("error", () => undefined);
}
