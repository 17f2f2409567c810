import { z } from 'zod';

/** etcd writes numbers of 64 bits as text, and leaves zero out. Revisions are far below 2^53. */
const int64 = z.coerce.number().default(0);

const base64 = z.string().transform((text) => Buffer.from(text, 'base64').toString());

const keyValue = z.object({
	key: base64,
	value: base64.default(''),
	mod_revision: int64,
	/** The lease of the key, which may use all of its 64 bits. */
	lease: z.string().default('0'),
});

/** A key with its value. */
export type KeyValue = z.infer<typeof keyValue>;

const header = z.object({ revision: int64 });

export const authenticated = z.object({ token: z.string() });

export const granted = z.object({ ID: z.string(), TTL: int64 });

/** Without a TTL, the lease is over. */
export const keptAlive = z.object({ result: z.object({ TTL: int64 }) });

export const revoked = z.object({});

export const ranged = z.object({ header, kvs: z.array(keyValue).default([]) });

export const transacted = z.object({
	header,
	succeeded: z.boolean().default(false),
	responses: z.array(z.object({ response_range: ranged.partial({ header: true }).optional() })).default([]),
});

export const watched = z.object({
	result: z.object({
		header,
		created: z.boolean().default(false),
		canceled: z.boolean().default(false),
		cancel_reason: z.string().default(''),
		compact_revision: int64,
		events: z.array(z.object({ type: z.enum(['PUT', 'DELETE']).default('PUT'), kv: keyValue })).default([]),
	}),
});

/** A change of a key. */
export type WatchEvent = z.infer<typeof watched>['result']['events'][number];

const reason = z.object({ message: z.string() });

/** An error, in the formats of the versions of the gateway: in an answer, and in a stream. */
export const refused = z.union([
	reason.transform(({ message }) => message),
	z.object({ error: reason }).transform(({ error }) => error.message),
	z.object({ error: z.string() }).transform(({ error }) => error),
]);
