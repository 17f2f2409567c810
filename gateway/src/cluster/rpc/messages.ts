import { isId, MAX_ID_LENGTH, MAX_PRESENCE_USERS } from '@likewire/protocol';
import { z } from 'zod';
import type { CounterRows } from '../../state/counters.ts';
import { PRESENCE, type Presence } from '../../state/kinds/presence.ts';
import { isRegisterKey } from '../../state/kinds/register.ts';
import { KINDS } from '../../state/kinds/registry.ts';
import { type Deletion, LOG_EVENT_KINDS, MAX_UPDATE_EVENTS } from '../../state/log.ts';
import type { Values } from '../../state/registers.ts';
import { DIGEST_BUCKETS } from '../../state/topics/digest-sums.ts';
import { MAX_UNREAD, type RegistrationAnswer, type Registrations } from '../../state/topics/registration.ts';
import type { Known, Updates } from '../../state/update.ts';
import type { Changes, Position } from '../../store/store.ts';

/**
 * The version of all messages between nodes and between regions. Nodes of different versions refuse
 * each other by name. Raise it when a change of a message, a path, or the meaning of a field follows a
 * release: once a release is enough. `peer-protocol.test.ts` records the messages of each version, and
 * fails when they change.
 */
export const PEER_PROTOCOL = '3';

/** The longest body of a request between nodes, in bytes. */
export const MAX_PEER_BODY_BYTES = 1024 * 1024;

/** The most viewers of one frontend: a larger count is a mistake. */
const MAX_COUNT = 1_000_000;

/** A topic has a kind and an id; that of comment likes has the ids of video, comment and author. */
const [ID, UUID] = [`[A-Za-z0-9_.~:-]{1,${MAX_ID_LENGTH}}`, '[A-Za-z0-9-]{36}'];
const TOPIC = new RegExp(`^(comment:${ID}/${UUID}/${ID}|(?!comment:)[a-z]{1,15}:${ID})$`);

export const count = z.int().min(0);
export const topic = z.string().regex(TOPIC, 'should be a topic');
/**
 * The name of an entry. Names of properties of every object would look like present entries. A name
 * that a database cannot store, such as U+0000 in PostgreSQL, would delay all others.
 */
export const key = z.string().refine((name) => isId(name) && !(name in Object.prototype), 'should be a name');
const counts = z.record(key, z.tuple([count, count]));
const mark = count.optional();
const rows = z.record(key, z.object({ epoch: count, counts, logHead: mark, endedAt: mark, likedAt: mark }));
const recentLike = z.object({
	id: z.string().max(MAX_ID_LENGTH),
	user: z.string().max(MAX_ID_LENGTH),
	type: z.string().max(MAX_ID_LENGTH),
	at: count,
	position: count.exactOptional(),
});
const logId = z.string().refine(isId, 'should be an id');
const author = z.string().refine((user) => user === '' || isId(user), 'should be a user');
const offset = z.int().min(1);
const deletion: z.ZodType<Deletion> = z.object({ comment: logId, user: author, region: key, epoch: count, offset });
export const logEvent = z
	.object({
		offset,
		id: logId,
		kind: z.enum(LOG_EVENT_KINDS),
		user: author,
		at: count,
		order: count,
		data: z.record(z.string(), z.unknown()),
	})
	.refine(({ kind, data }) => kind !== 'comment-deleted' || deletion.safeParse(data).success, {
		path: ['data'],
		message: 'should name the comment that is deleted',
	});
export const storeEvents = z.object({ epoch: count, events: z.array(logEvent).max(MAX_UPDATE_EVENTS) });
const log = z.record(key, storeEvents);
const register = z.object({ order: z.number().min(0), value: z.unknown(), from: key });
export const values = z
	.record(z.string(), z.record(z.string().max(2 * MAX_ID_LENGTH + 1), register))
	.check((context) => checkValues(context.value, context.issues));
const update = z.object({
	rows,
	complete: z.boolean(),
	sample: z.array(recentLike).max(64),
	at: z.number().min(0),
	log: log.optional(),
	values: values.optional(),
});

/** Checks each value by the schema of its kind; an unknown kind refuses the whole message. */
function checkValues(all: Values, issues: z.core.$ZodRawIssue[]): void {
	for (const [name, registers] of Object.entries(all)) {
		const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
		if (kind === undefined) {
			issues.push({ code: 'custom', message: `has values of an unknown kind '${name}'`, input: name });
			continue;
		}
		for (const [under, { value }] of Object.entries(registers)) {
			const isPlain = isRegisterKey(under) && !under.includes('\0');
			if (isPlain && kind.schema.safeParse(value).success) continue;
			issues.push({ code: 'custom', message: `has an invalid value of the kind '${name}'`, input: under });
		}
	}
}

/** A batch of updates by topic. */
export const updatesMessage = z.array(z.tuple([topic, update])).transform((entries): Updates => new Map(entries));

/** A batch of updates for the owner of their topics. */
export const publishMessage = z.object({ forwarded: z.boolean(), updates: updatesMessage });

const sum = z.string().regex(/^[0-9a-f]{16}$/, 'should be a sum of hashes');
const bucket = z
	.int()
	.min(0)
	.max(DIGEST_BUCKETS - 1);

/** The sums of all buckets in base64, with room for more of them. */
const MAX_BUCKETS_LENGTH = 16 * DIGEST_BUCKETS;

/** The registrations of a frontend. */
export const registrationsMessage: z.ZodType<Registrations> = z.object({
	frontend: z.string().refine(isId, 'should be the id of a node'),
	incarnation: count,
	seq: count,
	view: z.string().regex(/^[0-9a-f]{16}$/, 'should be the name of a ring'),
	digest: z
		.object({
			rows: sum,
			states: sum,
			listed: z.object({ buckets: z.array(bucket).max(DIGEST_BUCKETS), since: count }).optional(),
		})
		.optional()
		.transform((digest) => digest),
	topics: z.array(
		z.object({
			topic,
			count: z.int().min(0).max(MAX_COUNT, `should be at most ${MAX_COUNT}`),
			hash: count.optional().transform((hash) => hash),
			revision: count,
			unread: z.array(topic).max(MAX_UNREAD).optional(),
		}),
	),
	dropped: z.array(topic),
});

/** The answer to registrations, where anything differs. */
export const registrationAnswer: z.ZodType<RegistrationAnswer> = z.object({
	updates: updatesMessage,
	buckets: z
		.base64()
		.max(MAX_BUCKETS_LENGTH)
		.optional()
		.transform((buckets) => buckets),
});

/** A ping; `epochs` are those of the other regions whose stores the sender has read completely. */
export const pingMessage = z.object({
	leaving: z.boolean(),
	epochs: z
		.record(key, count)
		.default({})
		.transform((epochs): ReadonlyMap<string, number> => new Map(Object.entries(epochs))),
});

/** The answer to a ping. */
export const ackMessage = z.object({
	leaving: z.boolean(),
	missed: count,
	reachable: z.array(z.string().max(MAX_ID_LENGTH)),
});

/** A request for the stored state of topics. */
export const readMessage = z.object({ topics: z.array(topic).max(1_000) });

export const valuesByTopic = z
	.record(topic, values)
	.transform((record): ReadonlyMap<string, Values> => new Map(Object.entries(record)));

const rowsByTopic = z
	.record(topic, rows)
	.transform((record): ReadonlyMap<string, CounterRows> => new Map(Object.entries(record)));

/** The stored state of topics; `left` are the topics that found no room. */
export const knownMessage = z
	.object({
		known: z.record(topic, z.object({ rows, values: values.optional(), comments: rowsByTopic.optional() })),
		left: z.array(topic).default([]),
	})
	.transform(({ known, left }) => ({ known: new Map<string, Known>(Object.entries(known)), left }));

/** The answer to a {@link readMessage}, with the topics that are left. */
export function knownBody(known: ReadonlyMap<string, Known>, left: readonly string[] = []): unknown {
	const entries = [...known].map(([name, { comments, ...rest }]): [string, unknown] => [
		name,
		comments === undefined ? rest : { ...rest, comments: Object.fromEntries(comments) },
	]);
	return { known: Object.fromEntries(entries), left };
}

const position = z.object({ epoch: count, at: z.string().max(1_000) });

/** Updates for another region; a greeting asks it to read what it has missed. */
export const relayMessage = z.object({ greeting: z.boolean(), updates: updatesMessage });

/** A request for the rows of a region that changed since a position; without a position, for all rows. */
export const changesMessage = z.object({
	since: position.optional().transform((since) => since),
	limit: z.int().min(1).max(1_000),
});

/** A page of changed rows. */
export const changesAnswer: z.ZodType<Changes> = z.object({
	rows: rowsByTopic,
	values: valuesByTopic,
	next: position,
	more: z.boolean(),
});

/** A request for the positions up to which a store has the rows of other regions. */
export const positionsMessage = z.object({});
export const positionsAnswer = z
	.object({ positions: z.record(key, position) })
	.transform(({ positions }): ReadonlyMap<string, Position> => new Map(Object.entries(positions)));

/** Rows of the store of another region, which the receiver stores. */
export const replicateMessage = z.object({
	region: key,
	rows: rowsByTopic,
	reached: z
		.object({ since: position.optional().transform((since) => since), position, last: z.boolean() })
		.optional()
		.transform((reached) => reached),
});

/** A request for the number of viewers of a topic. */
export const viewersMessage = z.object({ topic });
export const viewersAnswer = z.object({ viewers: count });

const userId = z.string().refine(isId, 'should be the id of a user');

/** Heartbeats of users with connections at a frontend. */
export const presenceMessage = z.object({ users: z.array(userId).max(4_000) });

/** A request for the presence of users. */
export const presenceOfMessage = z.object({ users: z.array(userId).max(MAX_PRESENCE_USERS) });
export const presenceOfAnswer = z
	.object({ users: z.array(z.tuple([userId, PRESENCE.schema])) })
	.transform(({ users }): ReadonlyMap<string, Presence> => new Map(users));
