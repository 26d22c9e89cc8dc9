import { z } from "zod";

// A face parses a handful of values in its life: to compile each schema first would cost more than it saves.
z.config({ jitless: true });
