import * as z from "zod";

// A face parses only a few values, so compiling the schemas would cost more than it saves.
z.config({ jitless: true });
